"""What somebody who left could know: listed when their account is closed, and ticked off one by one by another.

The router ends by itself what it can end (sessions, tokens, links, mandates, what they held of the desk). This list is
of what it cannot: whether a key was given back it knows from nobody but the person who says so.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, func, select

from router.casework.context import Context
from router.clock import moment, moment_or_none
from router.errors import Conflict, NotAllowed, NotFound
from router.guard.access import ROLES, Permission
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import accounts, cases, embargoes, farewells, proposals, sightings, tokens, viewings
from schemas.actor import Actor, Role
from schemas.people import FarewellView, Known
from schemas.states import CaseState

#: What each could know, by the permission that led to it; None is everybody.
KNOWN: Final[Mapping[Known, Permission | None]] = {
    Known.MACHINE: None,
    Known.PAPER: None,
    Known.ALARMS: None,
    Known.SEEN: Permission.CASE_REVEAL,
    Known.VIEWINGS: Permission.CASE_REVEAL,
    Known.EMBARGOES: Permission.EMBARGO_READ,
    Known.PARTNERS: Permission.PARTNER_WRITE,
    Known.SOURCES: Permission.TOKEN_WRITE,
    Known.PROPOSALS: Permission.PARTNER_WRITE,
}


async def left_by(ctx: Context, account: Row, actor: Actor) -> list[Add]:
    """Return the rows of what somebody whose account is closed now could know; what counts none is left out."""
    held, now = ROLES[Role(account["role"])], ctx.now()
    counts = {code: await _count(ctx, wanted) for code, wanted in _counted(ctx, account["name"]).items()}
    codes = [code for code, needed in KNOWN.items() if (needed is None or needed in held) and counts.get(code) != 0]
    row = {"account_id": account["id"], "closed_at": now, "closed_by": actor.id, "done_at": None, "done_by": None}
    return [Add(farewells, {**row, "id": new_id(), "code": code, "count": counts.get(code)}) for code in codes]


async def farewells_of(ctx: Context, *, open_only: bool = False) -> list[FarewellView]:
    """Return what those who left could know: by name, in the order of `Known`."""
    joined = farewells.join(accounts, farewells.c.account_id == accounts.c.id)
    wanted = select(farewells, accounts.c.name.label("account")).select_from(joined)
    if open_only:
        wanted = wanted.where(farewells.c.done_at.is_(None))
    rows = await ctx.store.rows(wanted.order_by(accounts.c.name, farewells.c.id))
    return [_view(row) for row in rows]


async def tick_off(ctx: Context, farewell_id: str, actor: Actor) -> None:
    """Say that it was seen to. Raise NotFound, Conflict when it is done, NotAllowed for who closed the account."""
    rows = await ctx.store.rows(select(farewells).where(farewells.c.id == farewell_id))
    if not rows:
        raise NotFound("There is no such line; see the list of people.", field="farewell")
    if rows[0]["done_at"] is not None:
        raise Conflict("This was ticked off already.")
    if rows[0]["closed_by"].partition("/")[0] == actor.id.partition("/")[0]:
        raise NotAllowed("You closed this account; another person ticks off what is left.", reason="oneself")
    done = {"done_at": ctx.now(), "done_by": actor.id}
    change = Change(farewells, {"id": farewell_id}, done, guard={"done_at": None})
    event = Event("farewell.done", actor.id, detail={"code": rows[0]["code"]})
    await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))


def _counted(ctx: Context, name: str) -> Mapping[Known, Select[Any]]:
    """Return how each is counted that can be."""
    them, now = f"person:{name}", ctx.now()
    seen = select(func.count().label("n")).select_from(sightings.join(cases, sightings.c.case_id == cases.c.id))
    live = tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > now) & tokens.c.source.is_not(None)
    return {
        Known.SEEN: seen.where(sightings.c.by == them, cases.c.state != CaseState.CLOSED),
        Known.VIEWINGS: select(func.count().label("n")).select_from(viewings).where(viewings.c.open_by == them),
        Known.EMBARGOES: select(func.count().label("n")).select_from(embargoes).where(embargoes.c.state == "open"),
        Known.SOURCES: select(func.count().label("n")).select_from(tokens).where(live, tokens.c.issued_by == them),
        Known.PROPOSALS: select(func.count().label("n")).select_from(proposals).where(proposals.c.by == them),
    }


async def _count(ctx: Context, wanted: Select[Any]) -> int:
    return int((await ctx.store.rows(wanted))[0]["n"])


def _view(row: Row) -> FarewellView:
    return FarewellView(
        id=row["id"],
        account=row["account"],
        code=Known(row["code"]),
        count=row["count"],
        closed_at=moment(row["closed_at"]),
        closed_by=row["closed_by"],
        done_at=moment_or_none(row["done_at"]),
        done_by=row["done_by"],
    )
