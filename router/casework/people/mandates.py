"""Mandates: that a person may see locations until the end of a day. Asked on each reveal, whatever the role allows.

A mandate that ran out is out for good: from then on its person sees nothing until another one is given. Where the house
says so (`[signin] mandates`), a person who never had one sees nothing either. Nobody gives one to themselves.
"""

from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.people.tokens import account_named, account_of
from router.clock import end_of_day, micros, moment
from router.errors import BadInput, Conflict, NotAllowed, NotFound
from router.guard.access import ROLES, Permission, require, without_mandate
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import accounts, mandates
from schemas.actor import Actor
from schemas.people import MandateGiven, MandateView

#: Nobody looks at it again for so long; a mandate says when somebody does. Our own choice.
_LONGEST: Final = timedelta(days=2 * 366)
_ROLE: Final = "This person's role sees no locations, so there is nothing to give."
_DAY: Final = "The last day of a mandate is today or later, within two years."
_OVER: Final = "This mandate is over already."


async def give(ctx: Context, name: str, given: MandateGiven, actor: Actor) -> MandateView:
    """Let a person see locations until the end of a day. Raise BadInput, NotFound, NotAllowed, Conflict."""
    account = await account_named(ctx, name)
    if actor.account == account.name:
        raise NotAllowed("Nobody gives themselves a mandate; ask another supervisor.", reason="oneself")
    if account.disabled or Permission.CASE_REVEAL not in ROLES[account.role]:
        raise Conflict(_ROLE, field="account")
    today = ctx.clock.now().astimezone(ctx.zone).date()
    if not today <= given.until <= today + _LONGEST:
        raise BadInput(_DAY, field="until")
    ends = end_of_day(datetime.combine(given.until, time(12), ctx.zone), ctx.zone)
    row = {
        "id": new_id(), "account_id": account.id, "given_at": ctx.now(), "given_by": actor.id,
        "ends_at": micros(ends), "ended_by": None,
    }  # fmt: skip
    event = Event("mandate.given", actor.id, detail={"account": name, "until": given.until.isoformat()})
    await ctx.store.commit(Transition(ctx.now(), adds=(Add(mandates, row),), events=(event,)))
    return _view(ctx, row, account.name)


async def end(ctx: Context, mandate_id: str, actor: Actor) -> None:
    """End a mandate now. Raise NotFound, Conflict when it is over."""
    rows = await ctx.store.rows(select(mandates).where(mandates.c.id == mandate_id))
    if not rows:
        raise NotFound("There is no such mandate; see the list of people.", field="mandate")
    if rows[0]["ends_at"] <= ctx.now():
        raise Conflict(_OVER)
    account = await account_of(ctx, rows[0]["account_id"])
    event = Event("mandate.ended", actor.id, detail={"account": account.name})
    await ctx.store.commit(Transition(ctx.now(), (ended(ctx, rows[0], actor),), events=(event,)))


def ended(ctx: Context, row: Row, actor: Actor) -> Change:
    """Return what ends a mandate now."""
    return Change(
        mandates, {"id": row["id"]}, {"ends_at": ctx.now(), "ended_by": actor.id}, guard={"ends_at": row["ends_at"]}
    )


async def in_force(ctx: Context, account_id: str) -> list[Row]:
    """Return the mandates of an account that are in force now."""
    wanted = (mandates.c.account_id == account_id) & (mandates.c.ends_at > ctx.now())
    return list(await ctx.store.rows(select(mandates).where(wanted)))


async def all_mandates(ctx: Context, name: str | None = None) -> list[MandateView]:
    """Return the mandates of everybody, or of one account: by name, the newest first."""
    joined = mandates.join(accounts, mandates.c.account_id == accounts.c.id)
    wanted = select(mandates, accounts.c.name.label("account")).select_from(joined)
    if name is not None:
        wanted = wanted.where(accounts.c.name == name)
    rows = await ctx.store.rows(wanted.order_by(accounts.c.name, mandates.c.given_at.desc(), mandates.c.id))
    return [_view(ctx, row, row["account"]) for row in rows]


async def check_may_look(ctx: Context, actor: Actor) -> None:
    """Raise NotAllowed unless somebody may see a location now: by role, from here, and by their mandate."""
    require(await as_mandated(ctx, actor), Permission.CASE_REVEAL)


async def as_mandated(ctx: Context, actor: Actor) -> Actor:
    """Return somebody as they may act by their mandate: who needs one and has none in force sees no location."""
    if Permission.CASE_REVEAL not in actor.permissions:
        return actor
    theirs = await all_mandates(ctx, actor.account or "")
    lacks = not any(one.in_force for one in theirs) and bool(theirs or ctx.door.settings.mandates)
    return without_mandate(actor) if lacks else actor


def _view(ctx: Context, row: Row, account: str) -> MandateView:
    return MandateView(
        id=row["id"],
        account=account,
        given_at=moment(row["given_at"]),
        given_by=row["given_by"],
        ends_at=moment(row["ends_at"]),
        ended_by=row["ended_by"],
        in_force=row["ends_at"] > ctx.now(),
    )
