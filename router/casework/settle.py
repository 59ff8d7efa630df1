"""What an attempt's outcome does to a referral and its case. Pure rows, one commit, and read again when staff acted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from sqlalchemy import and_, select

from router.casework.casefile import case_row
from router.casework.context import Context
from router.clock import micros, moment
from router.delivery.schedule import next_at
from router.errors import Conflict
from router.partners.base import Accepted, Deferred, EffectClass, Outcome, Refused, Unknown
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.tables import attempts, cases, follow_ups, referrals
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.partner import Partner
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

#: How often an outcome is applied again after staff or another step changed the rows.
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt that ended: the referral as it was claimed, and what came of it."""

    row: Row
    partner: Partner
    effect: EffectClass
    outcome: Outcome
    started: int
    ended: int


@dataclass(frozen=True, slots=True)
class _Effect:
    """What an outcome means: the event of the state table, the columns it sets, and whether people are asked."""

    event: str
    values: dict[str, Any]
    desk: tuple[DeskCode, str] | None = None


async def settle(ctx: Context, tried: Attempted) -> None:
    """Record an attempt. When the row moved on, it is read again, and the state table says what is so now."""
    row = tried.row
    for _ in range(_ROUNDS):
        try:
            await ctx.store.commit(await _transition(ctx, tried, row))
        except Conflict:
            found = await ctx.store.rows(select(referrals).where(referrals.c.id == row["id"]))
            if not found or found[0]["state"] not in (ReferralState.SENDING, ReferralState.RECALL_PENDING):
                return  # another worker settled it: its lease had run out
            if found[0]["claimed_by"] not in (None, ctx.owner) and found[0]["state"] == ReferralState.SENDING:
                return
            row = found[0]
        else:
            return


async def _transition(ctx: Context, tried: Attempted, row: Row) -> Transition:
    effect = _effect(tried, row)
    state = step(REFERRAL, ReferralState(row["state"]), effect.event)
    if state is None:
        raise Conflict
    values = {"state": state, "last_reason": _reason(tried.outcome), "last_text": _text(tried.outcome)} | effect.values
    values["next_at"] = _next(state, values, tried)
    changes = [Change(referrals, {"id": row["id"]}, values, row["version"])]
    adds = [_attempt(tried)]
    case = await case_row(ctx, row["case_id"])
    if effect.event == "accept":
        changes_more, adds_more = await _accepted(ctx, case, tried.ended)
        changes += changes_more
        adds += adds_more
    elif effect.desk and state is not ReferralState.RECALLED:
        changes += ask(case, *effect.desk, tried.ended)
    detail = {"partner": tried.partner.name, "outcome": type(tried.outcome).__name__.lower(), "state": state}
    event = Event(
        "referral.attempted", ROUTER.id, row["case_id"], row["id"], detail | {"reason": values["last_reason"]}
    )
    return Transition(tried.ended, tuple(changes), tuple(adds), (), (event,))


def _effect(tried: Attempted, row: Row) -> _Effect:
    match tried.outcome:
        case Accepted(receipt=receipt):
            return _Effect("accept", {"receipt": receipt, "accepted_at": tried.ended, "may_have_arrived": 1})
        case Refused(text=text):
            return _Effect("refuse", {}, (DeskCode.REFUSED, f"{tried.partner.title}: {text}"))
        case Deferred() as deferred:
            return _deferred(tried, row, counted=deferred.counted, retry_after=deferred.retry_after)
        case Unknown(text=text):
            if tried.effect is EffectClass.IDEMPOTENT:
                again = _deferred(tried, row, counted=True, retry_after=None)
                return _Effect(again.event, again.values | {"may_have_arrived": 1}, again.desk)
            return _Effect("lose", {"may_have_arrived": 1}, (DeskCode.UNKNOWN, f"{tried.partner.title}: {text}"))
        case _:
            assert_never(tried.outcome)


def _deferred(tried: Attempted, row: Row, *, counted: bool, retry_after: float | None) -> _Effect:
    if row["state"] == ReferralState.RECALL_PENDING:
        return _Effect("expire" if row["may_have_arrived"] else "defer", {})
    made = row["attempts"] + int(counted)
    then = next_at(made, retry_after, row["id"], moment(tried.ended))
    if then is None:
        text = f"{tried.partner.title} could not be reached in {made} tries; send it another way."
        return _Effect("expire", {"attempts": made}, (DeskCode.EXPIRED, text))
    return _Effect("defer", {"attempts": made, "next_at": micros(then)})


def _next(state: ReferralState, values: dict[str, Any], tried: Attempted) -> int | None:
    if state is ReferralState.WITHDRAWING:
        return tried.ended
    return values.get("next_at") if state is ReferralState.WAITING else None


async def _accepted(ctx: Context, case: Row, now: int) -> tuple[list[Change], list[Add]]:
    """Date the check: the policy's days from the first acceptance, one open check a case."""
    if case["state"] == CaseState.CLOSED:
        return [], []
    _, policy = await ctx.governance.policy()
    due = micros(moment(now) + policy.follow_up)
    pending = await ctx.store.rows(
        select(follow_ups.c.due_at).where(and_(follow_ups.c.case_id == case["id"], follow_ups.c.done_at.is_(None)))
    )
    guard = {"state": case["state"], "version": case["version"]}
    if pending:
        due = min(p["due_at"] for p in pending)
    change = Change(cases, {"id": case["id"]}, {"next_at": _earlier(case, due)}, guard=guard)
    if pending:
        return [change], []
    return [change], [Add(follow_ups, {"id": new_id(), "case_id": case["id"], "due_at": due})]


def _earlier(case: Row, due: int) -> int:
    """A case that is still to be traced or decided keeps its own, earlier date."""
    if case["state"] in (CaseState.RECEIVED, CaseState.LOCATED):
        return int(case["next_at"])
    return due


def ask(case: Row, code: DeskCode, text: str, now: int) -> list[Change]:
    """Return the change that puts a case on the desk; one already there for something graver stays as it is."""
    after = step(CASE, CaseState(case["state"]), "ask_staff")
    if after is None or case["desk_code"] == DeskCode.CHILD_AT_RISK:
        return []
    asked = {"state": after, "desk_code": code, "desk_text": text, "desk_since": now, "desk_due": None}
    return [Change(cases, {"id": case["id"]}, asked, case["version"])]


def _attempt(tried: Attempted) -> Add:
    outcome = tried.outcome
    return Add(
        attempts,
        {
            "id": new_id(),
            "referral_id": tried.row["id"],
            "started_at": tried.started,
            "ended_at": tried.ended,
            "outcome": type(outcome).__name__.lower(),
            "counted": int(getattr(outcome, "counted", True)),
            "reason": _reason(outcome),
            "text": _text(outcome),
            "receipt": getattr(outcome, "receipt", None),
        },
    )


def _reason(outcome: Outcome) -> str:
    return "accepted" if isinstance(outcome, Accepted) else str(outcome.reason)


def _text(outcome: Outcome) -> str:
    return "The partner has it." if isinstance(outcome, Accepted) else outcome.text


async def withdrawn(ctx: Context, rows: Sequence[Row], outcomes: Sequence[Outcome] | None) -> None:
    """Record what came of telling a partner to drop referrals; None means its dialect has no word for it."""
    for index, row in enumerate(rows):
        outcome = None if outcomes is None else outcomes[index]
        try:
            await ctx.store.commit(await _withdrawal(ctx, row, outcome))
        except Conflict:
            continue  # it is due again, and is read again then


async def _withdrawal(ctx: Context, row: Row, outcome: Outcome | None) -> Transition:
    now = ctx.now()
    if isinstance(outcome, Deferred | Unknown):
        later = next_at(row["claims"], getattr(outcome, "retry_after", None), row["id"], moment(now))
        if later is not None:
            return Transition(now, (Change(referrals, {"id": row["id"]}, {"next_at": micros(later)}, row["version"]),))
    state = step(REFERRAL, ReferralState(row["state"]), "withdraw")
    changes = [Change(referrals, {"id": row["id"]}, {"state": state, "next_at": None}, row["version"])]
    told = isinstance(outcome, Accepted)
    if not told:
        case = await case_row(ctx, row["case_id"])
        changes += ask(case, DeskCode.WITHDRAW, "Tell the partner by hand that this was taken back.", now)
    event = Event("referral.withdrawn", ROUTER.id, row["case_id"], row["id"], {"told": told})
    return Transition(now, tuple(changes), (), (), (event,))
