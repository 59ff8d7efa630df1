"""Lists of the desk that a person keeps by name, so many at most; a supervisor keeps one for all.

A list is what the desk is narrowed by, and its name what somebody typed: neither may hold a location, nor a number that
could be one. Two people may give the same name; one person uses it once, and keeping it again replaces the list.
"""

from typing import Final

from pydantic import ValidationError
from sqlalchemy import select

from router.casework.case.seen import person
from router.casework.context import Context
from router.casework.read.numbers import names_location
from router.errors import BadInput, Conflict, NotFound
from router.guard.access import Permission, require
from router.store.base import Add, Change, Remove, Row, Transition
from router.store.schema.tables import desk_views
from schemas.actor import Actor
from schemas.pages import DeskWanted
from schemas.views import MOST_VIEWS, DeskView, ViewGiven, ViewNamed

#: Who owns what is shared.
HOUSE: Final = "house"
#: What a list that is kept does not hold: a number may be anything, and moments pass.
_NOT_KEPT: Final = frozenset({"number", "waits_since_before", "came_after"})
_FULL: Final = "There are {most} lists already; forget one first."
_EMPTY: Final = "Narrow the list first; a number, or since when something waits, is not kept."
_NAMED: Final = "A list's name is shown to others and kept in clear: it must not name a location."


async def views(ctx: Context, actor: Actor) -> list[DeskView]:
    """Return a person's lists by name, then those of the house."""
    owners = (person(actor), HOUSE)
    rows = await ctx.store.rows(select(desk_views).where(desk_views.c.owner.in_(owners)))
    found = [view for row in rows if (view := _view(row)) is not None]
    return sorted(found, key=lambda one: (one.shared, one.name.casefold(), one.slot))


async def keep(ctx: Context, given: ViewGiven, wanted: DeskWanted, actor: Actor) -> None:
    """Keep a list. Raise BadInput for a name that may be a location, NotAllowed to share, Conflict for one too many."""
    if names_location(given.name):
        raise BadInput(_NAMED, field="name", reason="location")
    owner = _owner(given, actor)
    text = wanted.model_dump_json(exclude_defaults=True, exclude=set(_NOT_KEPT))
    if text == "{}":
        raise BadInput(_EMPTY, field="name", reason="empty")
    rows = await ctx.store.rows(select(desk_views).where(desk_views.c.owner == owner))
    values = {"name": given.name, "wanted": text, "made_at": ctx.now()}
    same = next((row for row in rows if row["name"] == given.name), None)
    if same is not None:
        change = Change(desk_views, {"owner": owner, "slot": same["slot"]}, values, guard={"name": given.name})
        await ctx.store.commit(Transition(ctx.now(), (change,)))
        return
    free = set(range(MOST_VIEWS)) - {row["slot"] for row in rows}
    if not free:
        raise Conflict(_FULL.format(most=MOST_VIEWS), reason="too_many")
    await ctx.store.commit(
        Transition(ctx.now(), adds=(Add(desk_views, {"owner": owner, "slot": min(free), **values}),))
    )


async def forget(ctx: Context, given: ViewNamed, actor: Actor) -> None:
    """Forget a list. Raise NotFound, NotAllowed for one of the house."""
    owner = _owner(given, actor)
    key = {"owner": owner, "slot": given.slot}
    held = select(desk_views.c.slot).where(desk_views.c.owner == owner, desk_views.c.slot == given.slot)
    if not await ctx.store.rows(held):
        raise NotFound("There is no such list any more.")
    await ctx.store.commit(Transition(ctx.now(), removes=(Remove(desk_views, key),)))


def _owner(given: ViewGiven | ViewNamed, actor: Actor) -> str:
    if not given.shared:
        return person(actor)
    require(actor, Permission.POLICY_WRITE)
    return HOUSE


def _view(row: Row) -> DeskView | None:
    """Return a list; one whose words another version does not have is left out."""
    try:
        wanted = DeskWanted.model_validate_json(row["wanted"])
    except ValidationError:
        return None
    return DeskView(slot=row["slot"], name=row["name"], shared=row["owner"] == HOUSE, wanted=wanted)
