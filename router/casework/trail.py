"""The audit chain as people read it: a page of entries, newest first, and whether its links hold.

What a person typed stays sealed with its case, and is shown there.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, or_, select

from router.casework.context import Context
from router.clock import micros, moment
from router.errors import BadInput
from router.guard.audit import GENESIS, link
from router.guard.audit import Entry as ChainEntry
from router.store.base import Row
from router.store.tables import audit

#: Entries read at once when the whole chain is walked.
_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True)
class Entry:
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
    typed: bool  #: whether a person typed a reason, which the case's page shows


async def trail(ctx: Context, *, cursor: str | None = None, limit: int = 100) -> tuple[list[Entry], str | None]:
    """Return a page of entries, newest first, and the cursor of the next page. Raise BadInput for a cursor not ours."""
    wanted = select(audit).order_by(audit.c.at.desc(), audit.c.epoch.desc(), audit.c.seq.desc()).limit(limit + 1)
    if cursor is not None:
        at, epoch, seq = _read(cursor)
        earlier = and_(audit.c.at == at, or_(audit.c.epoch < epoch, and_(audit.c.epoch == epoch, audit.c.seq < seq)))
        wanted = wanted.where(or_(audit.c.at < at, earlier))
    rows = await ctx.store.rows(wanted)
    page = [_entry(row) for row in rows[:limit]]
    return page, _cursor(page[-1]) if len(rows) > limit else None


def _entry(row: Row) -> Entry:
    detail = json.loads(row["detail"])
    typed = detail.pop("typed", None) is not None
    said = ", ".join(f"{name}: {_shown(value)}" for name, value in detail.items() if value not in (None, [], ""))
    return Entry(
        row["epoch"],
        row["seq"],
        moment(row["at"]),
        row["actor"],
        row["act"],
        row["case_id"],
        row["referral_id"],
        said,
        bytes(row["hash"]).hex(),
        typed,
    )


def _shown(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _cursor(entry: Entry) -> str:
    return f"{micros(entry.at)}_{entry.epoch}_{entry.seq}"


def _read(cursor: str) -> tuple[int, str, int]:
    at, _, rest = cursor.partition("_")
    epoch, _, seq = rest.partition("_")
    if not (at.isascii() and at.isdigit() and seq.isascii() and seq.isdigit() and len(cursor) < 100):
        raise BadInput("This is not where a page ended; start again from the newest.", field="cursor")
    return int(at), epoch, int(seq)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a walk along the whole chain found."""

    entries: int
    epochs: int
    broken: tuple[str, int] | None  #: epoch and number of the first entry that is not what was written, or is missing

    @property
    def whole(self) -> bool:
        """Return whether every entry is as it was written, and none is missing in between."""
        return self.broken is None


async def check_links(ctx: Context) -> Checked:
    """Walk along every epoch of the chain and compute each hash anew. Cut tails show only against the checkpoints."""
    seen = epochs = seq = 0
    epoch, previous = "", GENESIS
    while rows := await ctx.store.rows(_following(epoch, seq)):
        for row in rows:
            if row["epoch"] != epoch:
                epoch, previous, seq, epochs = row["epoch"], GENESIS, 0, epochs + 1
            written = ChainEntry(*(row[name] for name in ChainEntry._fields))
            if row["seq"] != seq + 1 or link(previous, written) != row["hash"]:
                return Checked(seen, epochs, (epoch, seq + 1))
            seq, previous, seen = row["seq"], row["hash"], seen + 1
    return Checked(seen, epochs, None)


def _following(epoch: str, seq: int) -> Select[Any]:
    after = or_(audit.c.epoch > epoch, and_(audit.c.epoch == epoch, audit.c.seq > seq))
    return select(audit).where(after).order_by(audit.c.epoch, audit.c.seq).limit(_AT_ONCE)
