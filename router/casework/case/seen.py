"""Who has seen a location: nobody says of one that they have not seen whether it is illegal.

A person has seen it who revealed it here, by name. A source that assesses keeps its own word: its people look in its
own system.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import is_asked
from router.casework.context import Context
from router.errors import Conflict
from router.store.base import Add, Change, Row
from router.store.schema.tables import sightings
from schemas.actor import Actor
from schemas.casefile import DeskCode
from schemas.policy import Policy

#: Why an act is refused; its reason is `not_seen`.
_UNSEEN: Final = "You have not seen this location: reveal it first, then say what it is."
_LOOK_FIRST: Final = "The policy wants whoever sends this to have looked: reveal it first, then send it."


def person(actor: Actor) -> str:
    """Return who acts, whoever made the token that they show."""
    return actor.id.partition("/")[0]


async def seen_of(ctx: Context, case_ids: Iterable[str], actor: Actor) -> set[str]:
    """Return which of these cases' locations a person has seen."""
    wanted = sorted(set(case_ids))
    if not wanted:
        return set()
    by_them = and_(sightings.c.case_id.in_(wanted), sightings.c.by == person(actor))
    return {row["case_id"] for row in await ctx.store.rows(select(sightings.c.case_id).where(by_them))}


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
