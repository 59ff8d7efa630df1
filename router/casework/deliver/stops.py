"""One stop halts everything that leaves, one partner, or one route, until it is lifted; intake and tracing go on.

Police are no part of `all`: whoever stops everything in a hurry means partners, and a child at risk is a matter for
police. To stop them too, name them (`partner:NAME`). A stop says how many cases it holds in which a child is at risk,
and rings for each that comes while it lasts.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, select

from router.casework.case.desk_entry import ask
from router.casework.case.record import case_row
from router.casework.case.typed_reason import acted_of_house, check_reason
from router.casework.context import Context
from router.clock import moment
from router.errors import BadInput, Conflict, Damaged, NotFound
from router.guard.mask import scrub
from router.store.base import Add, Event, Remove, Row, Transition, with_beside
from router.store.schema.tables import cases, referrals
from router.store.schema.tables import stops as table
from schemas.actor import ROUTER, Actor
from schemas.casefile import DeskCode
from schemas.partner import PartnerKind
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Urgency

ALL = "all"
#: What binds a sealed reason to its column.
FIELD = "stops.reason"
_HELD = "A stop holds what is to leave of this case; lift the stop, or tell the partner another way."


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop in force."""

    scope: str
    since: datetime
    by: str
    reason: str
    at_risk: int = 0  #: cases with a child in danger of which it holds something


async def stop(ctx: Context, scope: str, actor: Actor, reason: str) -> None:
    """Halt `all`, `partner:NAME` or `route:NAME`. The reason is shown to staff. Raise BadInput, Conflict."""
    await _check_scope(ctx, scope)
    now, said = ctx.now(), check_reason(reason)
    add = Add(
        table, {"scope": scope, "since": now, "by": actor.id, "reason": "", "sealed": sealed_reason(ctx, scope, said)}
    )
    act = acted_of_house(ctx, "stopped", actor, said, scope=scope)
    try:
        await ctx.store.commit(with_beside(act, Transition(now, adds=(add,))))
    except Conflict:
        raise Conflict("This is stopped already; lift it before stopping it for another reason.") from None


async def lift(ctx: Context, scope: str, actor: Actor, reason: str) -> None:
    """End a stop: what waited leaves again, at its partner's pace. Raise NotFound, BadInput."""
    act = acted_of_house(ctx, "stop_lifted", actor, reason, scope=scope)
    if scope not in (await halts(ctx)).scopes:
        raise NotFound("There is no such stop; see `stop --list`.")
    await ctx.store.commit(with_beside(act, Transition(ctx.now(), removes=(Remove(table, {"scope": scope}),))))


async def stops(ctx: Context) -> list[Stop]:
    """Return the stops in force, oldest first; what looks like a location is taken out of their reasons."""
    rows: list[Row] = await ctx.store.rows(select(table).order_by(table.c.since))
    return [Stop(row["scope"], moment(row["since"]), row["by"], scrub(_reason(ctx, row))) for row in rows]


def sealed_reason(ctx: Context, scope: str, reason: str) -> bytes:
    """Return why something is stopped, sealed for its row."""
    return ctx.keyring.seal_record(FIELD, scope, reason.encode())


def _reason(ctx: Context, row: Row) -> str:
    if row["sealed"] is None:
        return str(row["reason"])
    try:
        return ctx.keyring.open_record(FIELD, row["scope"], row["sealed"]).decode()
    except Damaged as error:  # what is stopped stays stopped, whatever became of its reason
        return error.message


async def with_at_risk(ctx: Context) -> list[Stop]:
    """Return the stops in force, each with how many cases it holds in which a child is at risk."""
    found, waiting = await stops(ctx), await at_risk(ctx)
    police = await _police(ctx)

    def held(scope: str) -> int:
        one = Halts(frozenset({scope}), police)
        return len({row["case_id"] for row in waiting if one.holds(row)})

    return [replace(one, at_risk=held(one.scope)) for one in found]


async def ring_for_held(ctx: Context) -> None:
    """Put each case with a child at risk on the desk of which a stop holds something, unless people have it already.

    It rings there like any other: the alarm is a row of the same transition.
    """
    if not (now := await halts(ctx)).scopes:
        return
    held = {row["case_id"] for row in await at_risk(ctx) if now.holds(row)}
    for case_id in sorted(held):
        case = await case_row(ctx, case_id)
        if case["state"] != CaseState.REFERRED:
            continue
        event = Event("case.stopped", ROUTER.id, case_id)
        with suppress(Conflict):  # somebody was faster; it is looked at again soon
            await ctx.store.commit(
                Transition(ctx.now(), tuple(ask(case, DeskCode.STOPPED, _HELD, ctx.now())), events=(event,))
            )


async def at_risk(ctx: Context) -> list[Row]:
    """Return the referrals that are to leave of cases with a child at risk."""
    of_case = select(referrals.c.case_id, referrals.c.partner, referrals.c.route)
    joined = of_case.join(cases, cases.c.id == referrals.c.case_id)
    waiting = referrals.c.state.in_([ReferralState.WAITING, ReferralState.SENDING])
    return await ctx.store.rows(joined.where(and_(referrals.c.rank == 0, waiting, cases.c.urgency != Urgency.NONE)))


async def _police(ctx: Context) -> frozenset[str]:
    directory = await ctx.governance.directory()
    return frozenset(one.name for one in directory.partners if one.kind is PartnerKind.POLICE)


@dataclass(frozen=True, slots=True)
class Halts:
    """What must not leave now."""

    scopes: frozenset[str]
    police: frozenset[str] = frozenset()  #: partners that `all` does not mean

    def partner(self, name: str) -> bool:
        """Tell whether nothing may leave to that partner."""
        return (ALL in self.scopes and name not in self.police) or f"partner:{name}" in self.scopes

    def holds(self, referral: Row) -> bool:
        """Tell whether a referral, of which partner and route are known, must not leave now."""
        return self.partner(referral["partner"]) or referral["route"] in self.routes

    @property
    def routes(self) -> list[str]:
        """Return the routes whose referrals stay."""
        return sorted(scope.removeprefix("route:") for scope in self.scopes if scope.startswith("route:"))


async def halts(ctx: Context) -> Halts:
    """Return what is stopped now."""
    scopes = frozenset(row["scope"] for row in await ctx.store.rows(select(table.c.scope)))
    return Halts(scopes, await _police(ctx))


async def _check_scope(ctx: Context, scope: str) -> None:
    kind, _, name = scope.partition(":")
    if scope == ALL:
        return
    if kind == "partner" and (await ctx.governance.directory()).named(name) is not None:
        return
    _, policy = await ctx.governance.policy()
    if kind == "route" and any(route.name == name for route in policy.routes):
        return
    raise BadInput("Stop `all`, `partner:NAME` or `route:NAME`, with a name that exists.", field="scope")
