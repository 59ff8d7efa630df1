"""Sign how far the audit chain has come, and read all of it back.

A checkpoint is a transition like any other: whoever is second with the same number finds it taken, and nothing is lost,
since the first one signed the same heads or the next one will.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import Select, and_, func, select, tuple_

from router.errors import Conflict
from router.guard.anchor import Anchors
from router.guard.audit import ChainEntry, Checkpoint, make_checkpoint
from router.guard.seal import Keyring
from router.guard.verify import Anchor, ChainFinding, Restored, Verifier
from router.store.base import Add, Change, Row, Transition
from router.store.schema.audit import audit, checkpoints, epochs

Rows = Callable[[Select[Any]], Awaitable[list[Row]]]
Commit = Callable[[Transition], Awaitable[None]]

#: Checkpoints are at least so far apart, in microseconds of business time, but for the one at a clean stop.
APART = 60_000_000
PAGE = 2_000
#: The act by which the chain says that a backup was put back (`backup/replay`).
RESTORED: Final = "router.restored"


async def write_checkpoint(
    rows: Rows, commit: Commit, keyring: Keyring, at: int, *, apart: int = APART, anchors: Anchors | None = None
) -> bool:
    """Sign the epochs that grew since the last checkpoint. False when none did, it is too early, or it was done.

    The newest root is kept outside the database by `anchors`, once it is certain that the one kept before still stands.
    """
    if anchors is not None:
        await _compare(rows, anchors)
    last = await rows(select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1))
    previous = Checkpoint(**last[0]) if last else None
    if previous and at - previous.at < apart:
        return False
    grown = await rows(_grown())
    if not grown:
        return False
    heads = {row["epoch"]: (row["seq"], row["hash"]) for row in grown}
    made = make_checkpoint(previous, at, heads, keyring.sign_audit)
    marks = [
        Change(epochs, {"epoch": row["epoch"]}, {"signed_seq": row["seq"]}, guard={"signed_seq": row["signed_seq"]})
        for row in grown
    ]
    try:
        await commit(Transition(at, changes=marks, adds=[Add(checkpoints, made._asdict())]))
    except Conflict:
        return False
    if anchors is not None:
        anchors.keep(made)
    return True


async def _compare(rows: Rows, anchors: Anchors) -> None:
    """Note it when the database no longer has the checkpoint whose root is kept outside.

    Whatever is kept was committed before; so it is read first, and no other process' checkpoint can come in between.
    """
    kept = anchors.newest()
    if kept is None:
        return
    found = await rows(select(checkpoints.c.root).where(checkpoints.c.number == kept.number))
    if not found or found[0]["root"] != kept.root:
        anchors.lose(kept)


@cache
def _grown() -> Select[Any]:
    """The head of each epoch that has entries beyond what is signed; two seeks an epoch.

    Written once: to copy the table's columns for `same` takes longer than the question itself.
    """
    same = audit.alias("same")
    head = select(func.max(same.c.seq)).where(same.c.epoch == epochs.c.epoch).correlate(epochs).scalar_subquery()
    return (
        select(epochs.c.epoch, epochs.c.signed_seq, audit.c.seq, audit.c.hash)
        .select_from(epochs)
        .join(audit, and_(audit.c.epoch == epochs.c.epoch, audit.c.seq == head))
        .where(audit.c.seq > epochs.c.signed_seq)
    )


async def verify_audit(
    rows: Rows,
    keyring: Keyring,
    anchor: Anchor | None = None,
    *,
    anchors: Sequence[Anchor] = (),
    now: int | None = None,
) -> tuple[Verifier, list[ChainFinding]]:
    """Read the whole chain in pages; return the counts and what was found wrong, at most a page of findings.

    Anchors are roots that were kept elsewhere. With `now` (business time, microseconds) what should be signed by now is
    looked for too.
    """
    verifier = Verifier(keyring.audit_key(), anchor, anchors, await _restores(rows), now)
    findings: list[ChainFinding] = []
    async for row in _pages(rows, _checkpoints):
        findings += verifier.checkpoint(Checkpoint(**row))
    for row in await rows(select(epochs)) if now is not None else []:
        findings += verifier.was_signed(row["epoch"], row["signed_seq"])
    async for row in _pages(rows, _entries):
        found = list(verifier.entry(ChainEntry(*(row[name] for name in ChainEntry._fields)), row["hash"]))
        findings += found[: max(0, PAGE - len(findings))]
    return verifier, [*findings, *verifier.finish()]


async def _restores(rows: Rows) -> list[Restored]:
    """Return what each restore says that it lost. What is said stands in the chain, which is verified beside."""
    said = await rows(select(audit.c.at, audit.c.detail).where(audit.c.act == RESTORED))
    found = []
    for row in said:
        with suppress(ValueError, KeyError, TypeError):  # it was changed: its entry is found out as any other
            found.append(Restored(int(orjson.loads(row["detail"])["signed"]), row["at"]))
    return found


async def _pages(rows: Rows, after: Callable[[Row | None], Select[Any]]) -> AsyncIterator[Row]:
    last: Row | None = None
    while page := await rows(after(last)):
        for row in page:
            yield row
        last = page[-1]


def _checkpoints(last: Row | None) -> Select[Any]:
    wanted = select(checkpoints).order_by(checkpoints.c.number).limit(PAGE)
    return wanted if last is None else wanted.where(checkpoints.c.number > last["number"])


def _entries(last: Row | None) -> Select[Any]:
    wanted = select(audit).order_by(audit.c.epoch, audit.c.seq).limit(PAGE)
    if last is None:
        return wanted
    return wanted.where(tuple_(audit.c.epoch, audit.c.seq) > tuple_(last["epoch"], last["seq"]))
