"""Staff pause a partner, or let it be called again: what waits for it stays, and leaves at its own pace afterwards."""

from sqlalchemy import select

from router.casework.case.typed_reason import check_reason
from router.casework.context import Context
from router.delivery import breaker
from router.delivery.partner_state import Breaker, PartnerState
from router.errors import Conflict, NotFound
from router.store.base import Add, Change, Event, Transition
from router.store.schema.tables import partner_state
from schemas.actor import Actor

#: How often this is prepared again after a worker wrote the row at the same moment.
_ROUNDS = 10


async def pause(ctx: Context, name: str, actor: Actor, reason: str) -> None:
    """Send nothing to a partner until it is resumed. Raise NotFound, BadInput, Conflict (it is paused already)."""
    await _check_known(ctx, name)
    await _write(ctx, name, actor, reason, "partner.paused")


async def resume(ctx: Context, name: str, actor: Actor, reason: str) -> None:
    """End any pause of a partner, whoever or whatever began it: the next call is a probe.

    Raise NotFound, BadInput, Conflict (nothing holds it).
    """
    await _check_known(ctx, name)
    await _write(ctx, name, actor, reason, "partner.resumed")


async def end_pause(ctx: Context, name: str, actor: Actor) -> None:
    """End the pause of a partner that has just answered a check. Nothing happens to one that is not held."""
    try:
        await _write(ctx, name, actor, "It answered the check.", "partner.resumed")
    except Conflict:
        return


async def _check_known(ctx: Context, name: str) -> None:
    if (await ctx.governance.directory()).named(name) is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")


async def _write(ctx: Context, name: str, actor: Actor, reason: str, act: str) -> None:
    check_reason(reason)
    for _ in range(_ROUNDS):
        rows = await ctx.store.rows(select(partner_state).where(partner_state.c.partner == name))
        state = PartnerState.of(rows[0] if rows else None)
        after = _after(state, act, ctx.now())
        event = Event(act, actor.id, detail={"partner": name, "was": state.paused or state.breaker})
        try:
            if rows:
                change = Change(partner_state, {"partner": name}, after.values(), rows[0]["version"])
                await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))
            else:
                add = Add(partner_state, {"partner": name, "version": 1, **after.values()})
                await ctx.store.commit(Transition(ctx.now(), adds=(add,), events=(event,)))
        except Conflict:
            continue  # a worker wrote how a call went: look at that first
        return
    raise Conflict


def _after(state: PartnerState, act: str, now: int) -> PartnerState:
    if act == "partner.paused":
        if state.paused is not None:
            raise Conflict("It is paused already; see `partners list`.", reason="not_now")
        return breaker.paused(state, now)
    if state.paused is None and state.breaker is Breaker.CLOSED:
        raise Conflict("Nothing holds this partner; see `partners list` for what it waits for.", reason="not_now")
    return breaker.released(state)
