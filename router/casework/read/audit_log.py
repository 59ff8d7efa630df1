"""The audit chain as people read it: a page of entries, newest first, and whether all of it is as it was written.

What a person typed with an act on a case stays sealed with it, and is shown there; what they typed with one that is of
no case is shown here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, tuple_

from router.casework.case.typed_reason import house_said
from router.casework.context import Context
from router.casework.read.audit_text import in_words, known, parsed
from router.clock import micros, moment
from router.errors import BadInput, NotFound
from router.guard.anchor import line_of, read
from router.guard.audit import Checkpoint
from router.store.base import Row
from router.store.checkpoint import verify_audit
from router.store.schema.audit import checkpoints, epochs
from router.store.schema.tables import audit
from schemas.audit import EntriesWanted

#: A whole number that a column can hold.
_WHOLE: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry of the chain: codes and counts only."""

    epoch: str
    seq: int
    at: datetime
    actor: str
    act: str
    case: str | None
    referral: str | None
    text: str
    hash: str  #: hexadecimal
    typed: bool  #: whether a person typed a reason, which the case's page shows, or `reason` where it is of no case
    detail: Mapping[str, Any]  #: what `text` says, by name
    reason: str | None = None  #: what was typed with an act that is of no case, without what looks like a location


async def length(ctx: Context) -> int:
    """Return how many entries the chain has: each epoch counts its own from one."""
    last = select(func.max(audit.c.seq)).where(audit.c.epoch == epochs.c.epoch).correlate(epochs).scalar_subquery()
    rows = await ctx.store.rows(select(func.coalesce(func.sum(last), 0).label("n")).select_from(epochs))
    return int(rows[0]["n"])


#: All of the chain.
EVERYTHING: Final = EntriesWanted()
#: So many entries of a day or a case are counted one by one.
COUNTED: Final = 10_000


async def trail(
    ctx: Context, wanted: EntriesWanted = EVERYTHING, *, cursor: str | None = None, limit: int = 100
) -> tuple[list[AuditLine], str | None]:
    """Return a page of entries, newest first, and the cursor of the next page. Raise BadInput for a cursor not ours."""
    order = (audit.c.at, audit.c.epoch, audit.c.seq)
    which = _wanted(ctx, wanted)
    if cursor is not None:
        which.append(tuple_(*order) < tuple_(*cursor_read(cursor)))
    # From which moment on a page reaches: found in the index of moments, so that only a page has to be sorted.
    oldest = select(audit.c.at).where(*which).order_by(audit.c.at.desc()).offset(limit).limit(1).scalar_subquery()
    page = select(audit).where(*which, audit.c.at >= func.coalesce(oldest, 0))
    rows = await ctx.store.rows(page.order_by(*(column.desc() for column in order)).limit(limit + 1))
    found = await _with_reasons(ctx, rows[:limit])
    return found, cursor_of(found[-1]) if len(rows) > limit else None


async def counted(ctx: Context, wanted: EntriesWanted) -> tuple[int, bool]:
    """Return how many entries are wanted; of a day or a case no more than `COUNTED`, and whether there are more."""
    if wanted == EVERYTHING:
        return await length(ctx), False
    some = select(audit.c.seq).where(*_wanted(ctx, wanted)).limit(COUNTED + 1).subquery()
    (row,) = await ctx.store.rows(select(func.count().label("n")).select_from(some))
    return min(int(row["n"]), COUNTED), int(row["n"]) > COUNTED


def _wanted(ctx: Context, wanted: EntriesWanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [] if wanted.case is None else [audit.c.case_id == wanted.case]
    if wanted.day is not None:
        found += [audit.c.at >= began(ctx, wanted.day), audit.c.at < began(ctx, wanted.day + timedelta(days=1))]
    return found


def began(ctx: Context, day: date) -> int:
    """Return when a day of the house begins, in microseconds."""
    return micros(datetime.combine(day, time(), ctx.zone))


async def _with_reasons(ctx: Context, rows: Sequence[Row]) -> list[AuditLine]:
    named = [None if row["case_id"] else (parsed(row) or {}).get("typed") for row in rows]
    said = await house_said(ctx, [one for one in named if isinstance(one, str)])
    return [replace(line(row), reason=said.get(str(one))) for row, one in zip(rows, named, strict=True)]


def line(row: Row) -> AuditLine:
    """Return an entry as people read it."""
    detail = parsed(row)
    said = known(detail or {})
    return AuditLine(
        row["epoch"],
        row["seq"],
        moment(row["at"]),
        row["actor"],
        row["act"],
        row["case_id"],
        row["referral_id"],
        in_words(said) if detail is not None else "This entry is not what was written; `audit verify` says more.",
        bytes(row["hash"]).hex(),
        (detail or {}).get("typed") is not None,
        said,
    )


def cursor_of(entry: AuditLine) -> str:
    """Return where a page ends that ends with this entry."""
    return f"{micros(entry.at)}_{entry.epoch}_{entry.seq}"


def cursor_read(cursor: str) -> tuple[int, str, int]:
    """Return the moment, epoch and entry of a cursor. Raise BadInput."""
    at, _, rest = cursor.partition("_")
    epoch, _, seq = rest.partition("_")
    if not (_WHOLE.fullmatch(at) and _WHOLE.fullmatch(seq) and len(cursor) < 100):
        raise BadInput("This is not where a page ended; start again from the newest.", field="cursor")
    return int(at), epoch, int(seq)


async def newest_root(ctx: Context) -> dict[str, Any]:
    """Return the newest checkpoint as it is kept elsewhere, having signed what is new. Raise NotFound."""
    await ctx.store.checkpoint(ctx.now())
    rows = await ctx.store.rows(select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1))
    if not rows:
        raise NotFound("Nothing was signed yet; look again in a minute.")
    return line_of(Checkpoint(**rows[0]))


@dataclass(frozen=True, slots=True)
class ChainChecked:
    """What reading the whole chain back found."""

    entries: int
    unsigned: int  #: entries after the last signed head: the last minute's, as a rule
    lost: int  #: roots kept elsewhere of the time between a backup and its restore
    findings: tuple[str, ...]  #: what is wrong, a sentence each


async def checked(ctx: Context, given: str = "") -> ChainChecked:
    """Read the whole chain back against its links, its signed checkpoints, and the roots that were kept elsewhere.

    `given` is the text of a file with such roots. Raise BadInput for one that this router never signed.
    """
    anchors = read(given, ctx.keyring.audit_key())
    if ctx.anchors is not None:
        received = ctx.anchors.received()
        anchors += [*ctx.anchors.all(), *([received] if received else [])]
    verifier, findings = await verify_audit(ctx.store.rows, ctx.keyring, anchors=anchors, now=ctx.now())
    return ChainChecked(verifier.entries, verifier.unsigned, verifier.lost, tuple(one.text for one in findings))
