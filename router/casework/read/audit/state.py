"""How the audit stands, and who revealed what: for those who may read it, and for each person their own.

Nobody is ranked here: reveals stand in the order in which they were made, and nothing counts them.
"""

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import select, tuple_

from router.casework.context import Context
from router.casework.read.audit_log import AuditLine, ChainChecked, began, cursor_of, cursor_read, length, line
from router.clock import moment
from router.errors import Conflict
from router.store.base import Add, Change, Event, Transition
from router.store.schema.audit import REVEALED, checkpoints, epochs, meta
from router.store.schema.tables import audit
from schemas.actor import Actor
from schemas.audit import RevealsWanted

#: The row of `meta` that says when all of the chain was read back last, by whom, and what was found.
VERIFIED: Final = "audit_verified"


@dataclass(frozen=True, slots=True)
class Verified:
    """One reading of the whole chain."""

    at: int  #: microseconds
    by: str
    entries: int
    findings: int  #: things that were wrong

    @property
    def when(self) -> datetime:
        """Return when it was read."""
        return moment(self.at)


@dataclass(frozen=True, slots=True)
class ChainState:
    """How the chain stands; None where there is none yet."""

    entries: int
    head: AuditLine | None  #: the newest entry of the newest epoch
    began: datetime | None  #: when that epoch began
    signed: int | None  #: the newest checkpoint's number
    signed_at: datetime | None
    root: str | None  #: hexadecimal
    verified: Verified | None


async def chain_state(ctx: Context) -> ChainState:
    """Return how the chain stands now; nothing of it is verified by looking here."""
    epoch = await _first(ctx, select(epochs).order_by(epochs.c.opened_at.desc(), epochs.c.epoch.desc()).limit(1))
    newest = select(audit).where(audit.c.epoch == ("" if epoch is None else epoch["epoch"]))
    head = await _first(ctx, newest.order_by(audit.c.seq.desc()).limit(1))
    root = await _first(ctx, select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1))
    return ChainState(
        entries=await length(ctx),
        head=None if head is None else line(head),
        began=None if epoch is None else moment(epoch["opened_at"]),
        signed=None if root is None else root["number"],
        signed_at=None if root is None else moment(root["at"]),
        root=None if root is None else bytes(root["root"]).hex(),
        verified=await verified(ctx),
    )


async def verified(ctx: Context) -> Verified | None:
    """Return the last reading of the whole chain; None for never since this is kept."""
    kept = await _first(ctx, select(meta.c.value).where(meta.c.name == VERIFIED))
    return None if kept is None else Verified(**orjson.loads(bytes(kept["value"])))


async def note_verified(ctx: Context, found: ChainChecked, actor: Actor) -> None:
    """Write down who read the whole chain and what was found; of two at one moment the other one's word stands."""
    done = orjson.dumps(asdict(Verified(ctx.now(), actor.id, found.entries, len(found.findings))))
    older = await _first(ctx, select(meta.c.value).where(meta.c.name == VERIFIED))
    event = Event("audit.verified", actor.id, detail={"entries": found.entries, "findings": len(found.findings)})
    noted: dict[str, Any] = (
        {"adds": [Add(meta, {"name": VERIFIED, "value": done})]}
        if older is None
        else {"changes": [Change(meta, {"name": VERIFIED}, {"value": done}, guard={"value": older["value"]})]}
    )
    with suppress(Conflict):
        await ctx.store.commit(Transition(ctx.now(), events=(event,), **noted))


async def reveals(
    ctx: Context, wanted: RevealsWanted, *, cursor: str | None = None, limit: int = 100
) -> tuple[list[AuditLine], str | None]:
    """Return a page of reveals, newest first, and the cursor of the next page. Raise BadInput for a cursor not ours.

    Each of what is wanted has its index: the case's entries, the person's reveals, or the moments of all of them.
    """
    order = (audit.c.at, audit.c.epoch, audit.c.seq)
    where: list[Any] = [REVEALED]
    if wanted.case is not None:
        where = [audit.c.case_id == wanted.case, audit.c.act == "case.revealed"]
    if wanted.person is not None:
        where.append(audit.c.actor == f"person:{wanted.person}")
    if wanted.day is not None:
        where += [audit.c.at >= began(ctx, wanted.day), audit.c.at < began(ctx, wanted.day + timedelta(days=1))]
    if cursor is not None:
        where.append(tuple_(*order) < tuple_(*cursor_read(cursor)))
    page = select(audit).where(*where).order_by(*(one.desc() for one in order)).limit(limit + 1)
    rows = await ctx.store.rows(page)
    found = [line(row) for row in rows[:limit]]
    return found, cursor_of(found[-1]) if len(rows) > limit else None


async def _first(ctx: Context, wanted: Any) -> Any:
    rows = await ctx.store.rows(wanted)
    return rows[0] if rows else None
