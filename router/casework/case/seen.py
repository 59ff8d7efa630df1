"""Who has seen a location, and who has it before them.

Nobody says of one that they have not seen whether it is illegal.

A person has seen it who revealed it here, by name. A source that assesses keeps its own word: its people look in its
own system.

An item of the desk is before one person for half an hour, or until it is over, handed on or taken over. That keeps two
from the same item and nobody from acting: a lease that ends while its owner types ends nothing else, and whoever acts
on what another has is told by the case's version who was faster. What one holds one reveals in one key; what one handed
on today is not given to one again, and nobody counts that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, select

from router.casework.case.desk_entry import is_asked
from router.casework.context import Context
from router.clock import moment
from router.errors import Conflict
from router.store.base import Add, Change, LookUp, Row
from router.store.schema.tables import leases, passed_on, sightings
from schemas.actor import Actor
from schemas.case_page import HolderView
from schemas.casefile import DeskCode
from schemas.policy import Policy

#: Why an act is refused; its reason is `not_seen`.
_UNSEEN: Final = "You have not seen this location: reveal it first, then say what it is."
_LOOK_FIRST: Final = "The policy wants whoever sends this to have looked: reveal it first, then send it."
_SEEN: Final = LookUp(select(sightings.c.case_id, sightings.c.by), sightings.c.case_id)
_LEASES: Final = LookUp(select(leases), leases.c.case_id)
#: How long an item stays with whoever asked for it; each reveal begins it anew.
HELD_FOR: Final = timedelta(minutes=30) // timedelta(microseconds=1)


def person(actor: Actor) -> str:
    """Return who acts, whoever made the token that they show."""
    return actor.id.partition("/")[0]


async def seen_of(ctx: Context, case_ids: Iterable[str], actor: Actor) -> set[str]:
    """Return which of these cases' locations a person has seen."""
    seen = await ctx.store.look_up(_SEEN, case_ids)
    return {case_id for case_id, rows in seen.items() if any(row["by"] == person(actor) for row in rows)}


async def check_seen(ctx: Context, case_ids: Iterable[str], actor: Actor) -> None:
    """Raise Conflict (`not_seen`) unless the person has seen all of these."""
    wanted = set(case_ids)
    if wanted - await seen_of(ctx, wanted, actor):
        raise Conflict(_UNSEEN, reason="not_seen")


async def check_looked(ctx: Context, case: Row, actor: Actor, *, says: bool) -> None:
    """Raise Conflict (`not_seen`) unless a person may send a case: where the policy says look first, they have.

    `says` is whether they say in the same key what the material is.
    """
    _, policy = await ctx.governance.policy()
    if (says or looks_first(case, policy)) and not await seen_of(ctx, [case["id"]], actor):
        raise Conflict(_UNSEEN if says else _LOOK_FIRST, reason="not_seen")


def looks_first(case: Row, policy: Policy) -> bool:
    """Tell whether the policy wants somebody to have looked before a person sends this case."""
    return policy.look_first or is_asked(case, DeskCode.SEEN_LONG_AGO)


async def sighting(ctx: Context, case_id: str, actor: Actor) -> tuple[tuple[Change, ...], tuple[Add, ...]]:
    """Return what writes down that a person sees a location now."""
    row = {"case_id": case_id, "by": person(actor)}
    if await seen_of(ctx, [case_id], actor):
        return (Change(sightings, row, {"at": ctx.now()}, guard=row),), ()
    return (), (Add(sightings, row | {"at": ctx.now()}),)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an item now, and until when, in microseconds."""

    by: str
    until: int
    viewing: str | None = None  #: the viewing session in which they have it

    def view(self, reader: Actor | None) -> HolderView:
        """Return what lists and pages say of it."""
        mine = reader is not None and person(reader) == self.by
        by = self.by.partition(":")[2]
        return HolderView(by=by, until=moment(self.until), mine=mine, viewing=self.viewing)


async def holders(ctx: Context, case_ids: Iterable[str]) -> dict[str, Holder]:
    """Return by the case's id who has those items that somebody has now."""
    now, leased = ctx.now(), await ctx.store.look_up(_LEASES, case_ids)
    return {
        case_id: Holder(row["by"], row["until"], row["viewing"])
        for case_id, (row,) in leased.items()
        if row["until"] > now
    }


def held_by(ctx: Context, actor: Actor) -> Select[Any]:
    """Return a SELECT of the cases that a person has now."""
    return select(leases.c.case_id).where(leases.c.by == person(actor), leases.c.until > ctx.now())


async def handed_on(ctx: Context, case_ids: Iterable[str], actor: Actor) -> set[str]:
    """Return which of these cases a person does not want to see today."""
    by_them = and_(passed_on.c.by == person(actor), passed_on.c.until > ctx.now())
    wanted = select(passed_on.c.case_id).where(by_them, passed_on.c.case_id.in_(sorted(set(case_ids))))
    return {row["case_id"] for row in await ctx.store.rows(wanted)}


async def lease_row(ctx: Context, case_id: str) -> Row | None:
    """Return who had an item last, be it over."""
    rows = await ctx.store.rows(select(leases).where(leases.c.case_id == case_id))
    return rows[0] if rows else None


def taken(ctx: Context, case_id: str, actor: Actor, before: Row | None) -> Add | Change:
    """Return what gives an item to a person; of two at once one loses, and reads who was faster.

    What they have in a viewing session stays in it for its time, however often they look at it here.
    """
    values = {"by": person(actor), "since": ctx.now(), "until": ctx.now() + HELD_FOR, "viewing": None}
    if before is not None and before["viewing"] and before["by"] == values["by"] and before["until"] > ctx.now():
        values |= {"viewing": before["viewing"], "until": max(before["until"], ctx.now() + HELD_FOR)}
    if before is None:
        return Add(leases, {"case_id": case_id, **values})
    return Change(leases, {"case_id": case_id}, values, guard={"by": before["by"], "until": before["until"]})


def given_back(ctx: Context, before: Row) -> Change:
    """Return what ends a lease now."""
    guard = {"by": before["by"], "until": before["until"]}
    return Change(leases, {"case_id": before["case_id"]}, {"until": ctx.now()}, guard=guard)
