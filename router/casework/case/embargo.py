"""The embargoes in force: what each of them names, by its marks only (`marks`), whom to ask, and until when.

Whether one holds a case is asked by `gate`, never here. Most houses have none, and pay one look for it. Each time that
one holds something is an entry of the audit's; that it held a case is kept in a row, by which it goes on at the end.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, select

from router.casework.believed import over_among
from router.casework.context import Context
from router.store.base import Add, Event, LookUp, Row
from router.store.schema.tables import embargo_hits, embargoes
from schemas.actor import ROUTER
from schemas.embargo import Way

#: What binds the sealed part to its column.
FIELD: Final = "embargoes.sealed"
#: States of an embargo's row.
OPEN: Final = "open"
ENDED: Final = "ended"
_OPEN: Final = LookUp(select(embargoes), embargoes.c.state)


@dataclass(frozen=True, slots=True)
class Embargo:
    """One that is in force, as far as anybody may know."""

    id: str
    marks: frozenset[bytes]
    ask: str
    since: int
    until: int


async def in_force(ctx: Context) -> tuple[Embargo, ...]:
    """Return the embargoes in force at this moment."""
    rows = (await ctx.store.look_up(_OPEN, [OPEN])).get(OPEN, [])
    return in_force_of(rows, await over_among(ctx, (row["until"] for row in rows)))


def in_force_of(rows: Iterable[Row], now: int) -> tuple[Embargo, ...]:
    """Return those of these open embargoes whose date has not come."""
    return tuple(
        Embargo(row["id"], _marks(row), row["ask"], row["since"], row["until"]) for row in rows if row["until"] > now
    )


def _marks(row: Row) -> frozenset[bytes]:
    return frozenset(bytes.fromhex(one) for one in json.loads(row["marks"]))


def holding(known: Sequence[Embargo], marks: frozenset[bytes]) -> tuple[Embargo, ...]:
    """Return those that hold something with these marks, the one that lasts longest first."""
    return tuple(sorted((one for one in known if one.marks & marks), key=lambda one: -one.until))


async def hits(ctx: Context, case_id: str, by: Sequence[Embargo]) -> tuple[Add, ...]:
    """Return the rows that say which embargoes held a case for the first time."""
    if not by:
        return ()
    ids = [one.id for one in by]
    of_case = and_(embargo_hits.c.case_id == case_id, embargo_hits.c.embargo_id.in_(ids))
    known = {row["embargo_id"] for row in await ctx.store.rows(select(embargo_hits.c.embargo_id).where(of_case))}
    row = {"case_id": case_id, "at": ctx.now()}
    return tuple(Add(embargo_hits, {"embargo_id": one, **row}) for one in ids if one not in known)


def hit(
    by: Sequence[Embargo], way: Way, case_id: str | None, referral_id: str | None = None, actor: str = ROUTER.id
) -> tuple[Event, ...]:
    """Return the audit's entries of something that was held: which way out, and by which embargoes; not what."""
    return tuple(Event("embargo.hit", actor, case_id, referral_id, {"embargo": one.id, "way": str(way)}) for one in by)
