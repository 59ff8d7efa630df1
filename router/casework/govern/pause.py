"""Staff pause a partner, or let it be called again: what waits for it stays, and leaves at its own pace afterwards.

Who paused it and why is shown while it lasts, for whoever asks on the next morning; the audit keeps both reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from router.casework.case.typed_reason import acted_of_house, check_reason
from router.casework.context import Context
from router.clock import moment
from router.delivery import breaker
from router.delivery.partner_state import Breaker, PartnerState
from router.errors import Conflict, Damaged, NotFound
from router.guard.mask import scrub
from router.store.base import Add, Change, Event, Remove, Row, Transition, with_beside
from router.store.schema.partners import partner_pauses
from router.store.schema.tables import partner_state
from schemas.actor import Actor

#: How often this is prepared again after a worker wrote the row at the same moment.
_ROUNDS = 10
#: What binds a sealed reason to its column.
FIELD: Final = "partner_pauses.reason"


@dataclass(frozen=True, slots=True)
class Pause:
    """Who paused a partner, when, and why."""

    by: str
    at: datetime
    reason: str


async def pauses(ctx: Context) -> Mapping[str, Pause]:
    """Return by partner who paused it; what looks like a location is taken out of their reasons."""
    rows = await ctx.store.rows(select(partner_pauses))
    return {row["partner"]: Pause(row["by"], moment(row["at"]), scrub(_reason(ctx, row))) for row in rows}


async def pause(ctx: Context, name: str, actor: Actor, reason: str) -> None:
    """Send nothing to a partner until it is resumed. Raise NotFound, BadInput, Conflict (it is paused already)."""
    await _check_known(ctx, name)
    said = check_reason(reason)
    sealed = ctx.keyring.seal_record(FIELD, name, said.encode())
    row = {"partner": name, "by": actor.id, "at": ctx.now(), "sealed": sealed}
    await _write(ctx, name, actor, "partner.paused", Transition(ctx.now(), adds=(Add(partner_pauses, row),)), said)


async def resume(ctx: Context, name: str, actor: Actor, reason: str) -> None:
    """End any pause of a partner, whoever or whatever began it: the next call is a probe.

    Raise NotFound, BadInput, Conflict (nothing holds it).
    """
    await _check_known(ctx, name)
    await _write(ctx, name, actor, "partner.resumed", _over(ctx, name), check_reason(reason))


async def end_pause(ctx: Context, name: str, actor: Actor) -> None:
    """End the pause of a partner that has just answered a check. Nothing happens to one that is not held."""
    try:
        await _write(ctx, name, actor, "partner.resumed", _over(ctx, name))
    except Conflict:
        return


def _over(ctx: Context, name: str) -> Transition:
    return Transition(ctx.now(), removes=(Remove(partner_pauses, {"partner": name}),))


def _reason(ctx: Context, row: Row) -> str:
    try:
        return ctx.keyring.open_record(FIELD, row["partner"], row["sealed"]).decode()
    except Damaged as error:  # what is paused stays paused, whatever became of its reason
        return error.message


async def _check_known(ctx: Context, name: str) -> None:
    if (await ctx.governance.directory()).named(name) is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")


async def _write(
    ctx: Context, name: str, actor: Actor, act: str, beside: Transition, reason: str | None = None
) -> None:
    for _ in range(_ROUNDS):
        rows = await ctx.store.rows(select(partner_state).where(partner_state.c.partner == name))
        state = PartnerState.of(rows[0] if rows else None)
        after = _after(state, act, ctx.now())
        detail = {"partner": name, "was": state.paused or state.breaker}
        said = (
            Transition(ctx.now(), events=(Event(act, actor.id, detail=detail),))
            if reason is None
            else acted_of_house(ctx, act, actor, reason, **detail)
        )
        row = {"partner": name, **after.values()}
        done = (
            Transition(ctx.now(), (Change(partner_state, {"partner": name}, after.values(), rows[0]["version"]),))
            if rows
            else Transition(ctx.now(), adds=(Add(partner_state, {**row, "version": 1}),))
        )
        try:
            await ctx.store.commit(with_beside(with_beside(done, beside), said))
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
