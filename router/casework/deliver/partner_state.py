"""A partner's standing between calls: its row read, spent before a claim, and told how the calls went."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from router.casework.context import Context
from router.delivery import breaker
from router.delivery.lanes import Grant, spend
from router.delivery.partner_state import Breaker, PartnerState
from router.errors import Conflict
from router.partners.base import Outcome
from router.store.base import Add, Change, Event, Transition
from router.store.schema.tables import partner_state
from schemas.actor import ROUTER
from schemas.partner import Pace

_ROUNDS = 10
#: Seconds by which a partner's clock must have moved against ours to be worth a write: an answer takes a moment.
_NEWS = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """A partner's row; version None is one that was never called."""

    name: str
    version: int | None
    state: PartnerState


async def standing(ctx: Context, name: str) -> Standing:
    """Return how a partner stands."""
    rows = await ctx.store.rows(select(partner_state).where(partner_state.c.partner == name))
    row = rows[0] if rows else None
    return Standing(name, row["version"] if row else None, PartnerState.of(row))


def spent(ctx: Context, known: Standing, pace: Pace, grant: Grant) -> tuple[Transition, Standing]:
    """Return what writes down that a grant is spent, and how the partner stands then: committed with what is claimed.

    Another worker who was faster makes it a Conflict, and then nothing is claimed.
    """
    return _written(ctx, known, spend(known.state, pace, grant, ctx.now()))


async def tried(
    ctx: Context,
    known: Standing,
    calls: Sequence[Sequence[Outcome]],
    clock_ahead: int | None = None,
    *,
    answered: bool = False,
) -> None:
    """Write down how calls went: the breaker closes, opens or climbs. The row may have moved on meanwhile.

    `clock_ahead` is by how many seconds the partner's clock was ahead of ours when it answered, if it said; `answered`
    that it answered a question about no referral as it should.
    """
    if not calls and clock_ahead is None and not answered:
        return
    for _ in range(_ROUNDS):
        state = _at_its_time(known.state, clock_ahead)
        state = breaker.answered(state, ctx.now()) if answered else state
        for outcomes in calls:
            state = breaker.after(state, outcomes, ctx.now())
        if state == known.state:
            return
        try:
            await ctx.store.commit(_written(ctx, known, state)[0])
        except Conflict:
            known = await standing(ctx, known.name)
        else:
            return


def _at_its_time(state: PartnerState, ahead: int | None) -> PartnerState:
    if ahead is None or (state.clock_ahead is not None and abs(ahead - state.clock_ahead) < _NEWS):
        return state
    return replace(state, clock_ahead=ahead)


def _written(ctx: Context, known: Standing, state: PartnerState) -> tuple[Transition, Standing]:
    events = []
    if Breaker.OPEN in (state.breaker, known.state.breaker) and state.breaker is not known.state.breaker:
        events.append(Event(f"partner.breaker_{state.breaker}", ROUTER.id, detail={"partner": known.name}))
    if known.version is None:
        row = {"partner": known.name, "version": 1, **state.values()}
        new = Transition(ctx.now(), adds=(Add(partner_state, row),), events=tuple(events))
        return new, Standing(known.name, 1, state)
    change = Change(partner_state, {"partner": known.name}, state.values(), known.version)
    later = Transition(ctx.now(), (change,), events=tuple(events))
    return later, replace(known, version=known.version + 1, state=state)
