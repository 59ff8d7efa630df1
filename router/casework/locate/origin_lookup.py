"""Ask a CDN itself for the origin behind its edge, while the desk has the task of asking by hand.

Nobody is asked before the policy wants the origin (the case is on the desk for it), when the policy's `online` is
"never", or again after a final answer about the same trace. Whatever is not an origin leaves the desk's task as it is,
but for a sentence that says what came of asking.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from router.casework.case.desk_entry import reword, while_decided_anew
from router.casework.case.gate import check_free
from router.casework.case.next_look import look_at
from router.casework.case.record import Opened, last_trace, open_case
from router.casework.context import Context
from router.casework.locate.origin_deadline import origin_due
from router.clock import micros
from router.hosting.origin import OriginAnswer, OriginLookup, OriginOutcome
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import cases
from schemas.actor import ROUTER
from schemas.casefile import DeskCode, OriginAsked
from schemas.policy import Policy
from schemas.states import CASE, CaseState, step
from schemas.trace import NamedOrigin, OnlineMode

#: Until a CDN that did not answer is asked again, and one that does not take our credentials: an operator must act.
_AGAIN: Final = timedelta(minutes=15)
_AGAIN_REFUSED: Final = timedelta(hours=1)
_MICROS: Final = 1_000_000
#: What the desk reads after an answer that named nothing.
_SAID: Final = {
    OriginOutcome.NOT_BEHIND: "The CDN says that this host is not behind it now; trace it again.",
    OriginOutcome.UNKNOWN: "The CDN was asked and named no origin; ask it by hand, or choose who deals with it.",
    OriginOutcome.QUOTA: "The look-ups that the CDN allows a day are used up; the router asks again tomorrow.",
    OriginOutcome.UNAVAILABLE: "The CDN was asked and did not answer; the router asks again.",
    OriginOutcome.REFUSED: "The CDN does not take our credentials; tell the operator, and ask it by hand.",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """What came of a look at a case: a transition when somebody was asked just now, else when to look again."""

    transition: Transition | None = None
    again: int | None = None  #: microseconds; None when nobody is to be asked any more


def first_look(ctx: Context, case: dict[str, Any], policy: Policy, now: int) -> int | None:
    """Return when a case that goes to the desk is looked at for its origin: at once where a CDN can be asked."""
    due = origin_due(case, policy)
    return now if due is not None and ctx.origins else due


async def asked(ctx: Context, row: Row, policy: Policy) -> Asking:
    """Ask the CDN in front of a case on the desk, if there is one to ask. The call has its own deadline.

    Raise HeldBack.
    """
    if not ctx.origins or origin_due(row, policy) is None or policy.online is OnlineMode.NEVER:
        return Asking()
    opened = await open_case(ctx, row)
    before = opened.secrets.origin_asked
    if opened.secrets.origin is not None:
        return Asking()
    if before is not None and before.trace == row["trace_id"] and (before.again is None or before.again > ctx.now()):
        return Asking(again=before.again)
    trace = await last_trace(ctx, opened)
    cdn = None if trace is None else next((one for one in ctx.origins if one.serves(trace)), None)
    if cdn is None or trace is None or trace.host is None:
        return Asking()
    await check_free(ctx, opened)
    answer = await cdn.origin(trace.host, opened.id)
    if answer.outcome is OriginOutcome.BUSY:  # nobody was asked, so nothing is said of it
        return Asking(again=ctx.now() + round((answer.retry_after or 0) * _MICROS))
    return Asking(_named(ctx, opened, cdn, answer) if answer.addresses else _unnamed(ctx, opened, cdn, answer))


def _named(ctx: Context, opened: Opened, cdn: OriginLookup, answer: OriginAnswer) -> Transition:
    """The origin stands in for the edge: trace it, and decide anew."""
    on = ctx.clock.now().date().isoformat()
    named = NamedOrigin(addresses=tuple(str(ip) for ip in answer.addresses), by=cdn.name, on=on)
    after = step(CASE, CaseState(opened.row["state"]), "retrace")
    values = {"state": after, **look_at(ctx.now()), **while_decided_anew(opened.row, DeskCode.EDGE_ONLY)}
    told = opened.secrets.model_copy(update={"origin": named, "origin_asked": None})
    return _change(ctx, opened, values | {"sealed": opened.sealed(told)}, "case.origin_named", {"cdn": cdn.name})


def _unnamed(ctx: Context, opened: Opened, cdn: OriginLookup, answer: OriginAnswer) -> Transition:
    """Note it, so that the same is not asked for nothing; the case is looked at again at once, for its next date."""
    again = _again(answer, ctx.clock.now())
    note = OriginAsked(trace=opened.row["trace_id"], again=None if again is None else micros(again))
    noted = opened.secrets.model_copy(update={"origin_asked": note})
    values = look_at(ctx.now()) | reword(_SAID[answer.outcome]) | {"sealed": opened.sealed(noted)}
    return _change(ctx, opened, values, "case.origin_asked", {"cdn": cdn.name, "outcome": answer.outcome})


def _again(answer: OriginAnswer, now: datetime) -> datetime | None:
    """Return when to ask again; None after a final answer."""
    if answer.outcome is OriginOutcome.QUOTA:  # counted by days of UTC
        return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if answer.outcome is OriginOutcome.REFUSED:
        return now + _AGAIN_REFUSED
    if answer.outcome is OriginOutcome.UNAVAILABLE:
        return now + max(_AGAIN, timedelta(seconds=answer.retry_after or 0))
    return None


def _change(ctx: Context, opened: Opened, values: dict[str, Any], act: str, detail: dict[str, Any]) -> Transition:
    change = Change(cases, {"id": opened.id}, values, opened.row["version"])
    return Transition(ctx.now(), (change,), (), (), (Event(act, ROUTER.id, opened.id, None, detail),))
