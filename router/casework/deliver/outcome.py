"""What an attempt's outcome does to a referral and its case. Pure rows, one commit, and read again when staff acted."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, assert_never

from sqlalchemy import and_, select

from router.casework.believed import is_believed
from router.casework.case.desk_entry import answer, ask, asked_about, is_answered, is_sticky
from router.casework.case.next_look import UNFINISHED, asking_due, look_at
from router.casework.context import Context
from router.casework.deliver import sent_back
from router.casework.locate.origin_deadline import origin_due
from router.casework.referral.changes import in_doubt, may_have_arrived
from router.casework.referral.check_dates import CheckDates, check_dates, silently
from router.casework.referral.row import NONE_GIVEN, due_at
from router.clock import micros, moment
from router.delivery.schedule import ALL, next_at
from router.errors import Conflict
from router.partners.base import Accepted, Deferred, EffectClass, Outcome, Progressed, Reason, Refused, Unknown
from router.store.base import NOTHING, Add, Change, Event, LookUp, Row, Transition, with_beside
from router.store.ids import new_id, new_ids
from router.store.schema.tables import attempts, cases, follow_ups, referrals
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.partner import Partner
from schemas.policy import Policy
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

#: How often an outcome is applied again after staff or another step changed the rows.
_ROUNDS = 10
#: Answers that came and cannot be taken for a yes. Asking again seldom mends them, so people hear of the second.
_ODD_ANSWERS = frozenset({Reason.NO_RECEIPT, Reason.CONTRADICTS_ITSELF, Reason.NOT_UNDERSTOOD, Reason.NOT_AUTHENTIC})
_ODD_TWICE = (
    "{partner} answered twice, and in no way that counts as a yes; ask whether they have it. The router keeps trying."
)
#: What is read of a case's referrals.
_READ: Final = ("id", "case_id", "state", "dialect", "status_at", "accepted_at", "last_reason")
_OF_REFERRAL: Final = {name: f"referral_{name}" for name in _READ}
#: A case, its open check and its referrals as they are at one moment: what changes one of them later is a Conflict.
_AROUND: Final = LookUp(
    select(
        cases,
        follow_ups.c.due_at.label("check_due"),
        *(referrals.c[name].label(label) for name, label in _OF_REFERRAL.items()),
    )
    .outerjoin(follow_ups, and_(follow_ups.c.case_id == cases.c.id, follow_ups.c.done_at.is_(None)))
    .outerjoin(referrals, referrals.c.case_id == cases.c.id),
    cases.c.id,
)


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt that ended: the referral as it was claimed, and what came of it."""

    row: Row
    partner: Partner
    effect: EffectClass
    outcome: Outcome
    started: int
    ended: int
    kept: Mapping[str, Any] = field(default_factory=dict)  #: the columns that keep its progress (`progress.kept`)
    asked_every: timedelta | None = None  #: how often its partner is asked what became of it (`Dialect.asked_every`)
    may_expire: bool = True  #: the clock is believed, by which its attempts were so far apart


@dataclass(frozen=True, slots=True)
class _Effect:
    """What an outcome means: the event of the state table, the columns it sets, and what people are asked or told."""

    event: str
    values: dict[str, Any]
    desk: tuple[DeskCode, str] | None = None
    tell: tuple[DeskCode, str] | None = None  #: only once: it goes on by itself


@dataclass(frozen=True, slots=True)
class _CaseContext:
    """What stands around a referral when its attempt is recorded: its case, and what else is due for that."""

    case: Row
    check_due: int | None
    asking_due: int | None  #: when a partner of the case is asked next, between its checks
    unfinished: set[str]  #: the case's referrals of which something is still to come
    dates: CheckDates
    standing: Sequence[Row] = ()  #: the case's referrals


async def settle_all(ctx: Context, tried: Sequence[Attempted]) -> list[None]:
    """Record attempts, in one commit. Where a row moved on, it is read again, and the state table says what is so."""
    around = await _contexts(ctx, [one.row["case_id"] for one in tried])
    if any(one.row["attempts"] + 1 >= ALL for one in tried) and not await is_believed(ctx):
        tried = [replace(one, may_expire=False) for one in tried]
    ids = new_ids(2 * len(tried))  # of an attempt and of a check: one read of the random source for all
    each = list(zip(tried, zip(ids[::2], ids[1::2], strict=True), strict=True))
    made = [_transition_or_none(one, one.row, around[one.row["case_id"]], given) for one, given in each]
    wrong = next((at for at, one in enumerate(made) if one is not None and _is_wrong(tried[at])), None)
    if wrong is not None:  # one alarm of the house for all of them
        made[wrong] = await _told(ctx, tried[wrong], made[wrong] or NOTHING)
    kept = iter(await ctx.store.commit_all([one for one in made if one is not None]))
    outcomes = [Conflict() if one is None else next(kept) for one in made]
    for (one, given), error in zip(each, outcomes, strict=True):
        if isinstance(error, Conflict):
            await _settle(ctx, one, given)
    if broken := next((one for one in outcomes if one is not None and not isinstance(one, Conflict)), None):
        raise broken
    return [None] * len(tried)


async def _settle(ctx: Context, tried: Attempted, ids: tuple[str, str]) -> None:
    """Record an attempt whose rows moved on meanwhile."""
    for _ in range(_ROUNDS):
        found = await ctx.store.rows(select(referrals).where(referrals.c.id == tried.row["id"]))
        if not found or _is_settled(found[0], ctx.owner):
            return
        (row,) = found
        around = (await _contexts(ctx, [row["case_id"]]))[row["case_id"]]
        with suppress(Conflict):
            await ctx.store.commit(await _told(ctx, tried, _transition(tried, row, around, ids)))
            return


def _is_wrong(tried: Attempted) -> bool:
    gave_it_on = isinstance(tried.outcome, Accepted) and tried.outcome.holder is not None
    return gave_it_on or getattr(tried.outcome, "reason", None) is Reason.NOT_OURS


async def _told(ctx: Context, tried: Attempted, transition: Transition) -> Transition:
    """Return the transition with what tells whoever leads the desk, where it went to the wrong country."""
    return with_beside(transition, await sent_back.told(ctx)) if _is_wrong(tried) else transition


def _transition_or_none(tried: Attempted, row: Row, around: _CaseContext, ids: tuple[str, str]) -> Transition | None:
    """Return what records an attempt; None where the state table says that the row has moved on."""
    with suppress(Conflict):
        return _transition(tried, row, around, ids)
    return None


def _is_settled(row: Row, owner: str) -> bool:
    """Tell whether another worker has it, or had it and is done: our lease had run out."""
    state = ReferralState(row["state"])
    if state is ReferralState.SENDING:
        return row["claimed_by"] not in (None, owner)
    return state is not ReferralState.RECALL_PENDING


async def _contexts(ctx: Context, case_ids: Sequence[str]) -> dict[str, _CaseContext]:
    dates = await check_dates(ctx)
    return {one: _around(dates, rows) for one, rows in (await ctx.store.look_up(_AROUND, case_ids)).items()}


def _around(dates: CheckDates, rows: Sequence[Row]) -> _CaseContext:
    case, due = rows[0], rows[0]["check_due"]
    standing = [
        {name: row[label] for name, label in _OF_REFERRAL.items()} for row in rows if row["referral_id"] is not None
    ]
    unfinished = {row["id"] for row in standing if row["state"] in UNFINISHED}
    return _CaseContext(case, due, asking_due(dates.ctx, standing), unfinished, dates, standing)


def _transition(tried: Attempted, row: Row, around: _CaseContext, ids: tuple[str, str]) -> Transition:
    effect = _effect(tried, row)
    state = step(REFERRAL, ReferralState(row["state"]), effect.event)
    if state is None:
        raise Conflict
    reason, text = _reason(tried.outcome), _text(tried.outcome)
    values = {"state": state, "last_reason": reason, "last_text": text, **tried.kept} | effect.values
    values |= due_at(_next(state, values, tried))
    changes = [Change(referrals, {"id": row["id"]}, values, row["version"])]
    attempt_id, check_id = ids
    adds = [] if isinstance(tried.outcome, Progressed) else [_attempt(tried, attempt_id)]
    if state is ReferralState.ACCEPTED:  # recalled meanwhile, it is to be withdrawn, and there is nothing to check
        dated, checks = _accepted(around, tried, check_id)
        changes += _asked_too(dated, around.case, effect.desk, tried)
        adds += checks
    elif state is ReferralState.REFUSED and _goes_on(tried, around):
        values = sent_back.decided_anew(around.case, tried.ended)
        changes.append(Change(cases, {"id": around.case["id"]}, values, around.case["version"]))
    elif effect.desk and state is not ReferralState.RECALLED:
        changes += ask(around.case, *effect.desk, tried.ended, row["id"])
    elif effect.tell and state is ReferralState.WAITING and row["id"] not in asked_about(around.case):
        changes += ask(around.case, *effect.tell, tried.ended, row["id"])
    return Transition(tried.ended, tuple(changes), tuple(adds), (), (_event(tried, row, state),))


def _asked_too(dated: list[Change], case: Row, asks: tuple[DeskCode, str] | None, tried: Attempted) -> list[Change]:
    """Return what dates a case, and asks people of what its partner took and gave on: one change of its row."""
    if asks is None or not dated:
        return dated
    first, *others = dated
    (asked,) = ask({**case, **first.values}, *asks, tried.ended, tried.row["id"])
    return [Change(cases, first.key, {**first.values, **asked.values}, case["version"]), *others]


def _goes_on(tried: Attempted, around: _CaseContext) -> bool:
    """Tell whether a case is decided anew by itself: somebody says for the first time that it is not theirs."""
    ours = getattr(tried.outcome, "reason", None) is Reason.NOT_OURS
    decided = around.case["state"] in {CaseState.REFERRED, CaseState.DESK} and not is_sticky(around.case)
    return ours and decided and not sent_back.is_for_people(around.standing, [tried.row["id"]])


def _effect(tried: Attempted, row: Row) -> _Effect:
    match tried.outcome:
        case Accepted(receipt=receipt, holder=holder):
            kept = NONE_GIVEN if receipt is None else receipt
            has_it = {"receipt": kept, "accepted_at": tried.ended, "may_have_arrived": 1, "in_doubt": 0}
            if holder is None:
                return _Effect("accept", has_it)
            text = sent_back.GIVEN_ON.format(partner=row["partner"], country=holder)
            wrong = {"misrouted_at": row["misrouted_at"] or tried.ended}
            return _Effect("accept", has_it | wrong, (DeskCode.BOUNCED, text))
        case Progressed() as progressed:
            return _progressed(tried, row, progressed)
        case Refused() as refused:
            return _refused(tried, row, refused)
        case Deferred(may_have_arrived=False) as deferred:
            again = _deferred(tried, row, counted=deferred.counted, retry_after=deferred.retry_after)
            told = (DeskCode.UNDELIVERED, f"{tried.partner.title}: {deferred.text}")
            return replace(again, tell=told) if deferred.by_hand else again
        case Deferred() | Unknown() as doubtful:
            return _lost(tried, row, doubtful)
        case _:
            assert_never(tried.outcome)


def _lost(tried: Attempted, row: Row, outcome: Deferred | Unknown) -> _Effect:
    """It may have arrived: tried again where that is harmless, or the partner is asked first; else people ask it."""
    lost = {"may_have_arrived": 1, "in_doubt": 1}
    said = f"{tried.partner.title}: {outcome.text}"
    if tried.effect is EffectClass.AT_LEAST_ONCE or getattr(outcome, "for_people", False):
        return _Effect("lose", lost, (DeskCode.UNKNOWN, said))
    counted, wish = getattr(outcome, "counted", True), getattr(outcome, "retry_after", None)
    again = _deferred(tried, row | lost, counted=counted, retry_after=wish)
    second = outcome.reason in _ODD_ANSWERS and row["last_reason"] in _ODD_ANSWERS
    told = (DeskCode.UNDELIVERED, _ODD_TWICE.format(partner=tried.partner.title))
    return replace(again, tell=told) if second else again


def _progressed(tried: Attempted, row: Row, progressed: Progressed) -> _Effect:
    """Each step has a schedule of its own: the partner answered, so what failed before it is over."""
    arrived = int(may_have_arrived(row) or bool(tried.kept["may_have_arrived"]))
    if row["state"] == ReferralState.RECALL_PENDING and not arrived:
        return _Effect("defer", {})
    at = tried.ended if progressed.next_at is None else micros(progressed.next_at)
    return _Effect("progress", {"attempts": 0, "may_have_arrived": arrived, "in_doubt": 0, **due_at(at)})


def _refused(tried: Attempted, row: Row, refused: Refused) -> _Effect:
    """A no to one step, or to this try, says nothing of what arrived before it.

    Whoever gave it to somebody else before they took it, or to nobody, says that the country was wrong: it counts as
    misrouted from now on, whatever becomes of it.
    """
    wrong = {"misrouted_at": row["misrouted_at"] or tried.ended} if refused.reason is Reason.NOT_OURS else {}
    if row["state"] == ReferralState.RECALL_PENDING and may_have_arrived(row):
        return _Effect("expire", {"may_have_arrived": 1, **wrong})
    half_done = row["progress_step"] is not None and may_have_arrived(row)
    kept = {"may_have_arrived": 1, "in_doubt": 0} if half_done else {}
    said = (DeskCode.REFUSED, f"{tried.partner.title}: {refused.text}")
    return _Effect("lose" if half_done else "refuse", kept | wrong, said)


def _deferred(tried: Attempted, row: Row, *, counted: bool, retry_after: float | None) -> _Effect:
    arrived = int(may_have_arrived(row))
    if row["state"] == ReferralState.RECALL_PENDING:
        return _Effect("expire" if arrived else "defer", {"may_have_arrived": arrived})
    made = row["attempts"] + int(counted)
    made = made if tried.may_expire else min(made, ALL - 1)
    values = {"attempts": made, "may_have_arrived": arrived, "in_doubt": int(in_doubt(row))}
    then = next_at(made, retry_after, row["id"], moment(tried.ended))
    if then is None:
        text = f"{tried.partner.title} could not be reached in {made} tries; send it another way."
        return _Effect("expire", values, (DeskCode.EXPIRED, text))
    return _Effect("defer", values | due_at(micros(then)))


def _next(state: ReferralState, values: dict[str, Any], tried: Attempted) -> int | None:
    if state is ReferralState.WITHDRAWING:
        return tried.ended
    return values.get("next_at") if state is ReferralState.WAITING else None


async def acceptance(ctx: Context, row: Row, answers: frozenset[DeskCode]) -> tuple[list[Change], list[Add]]:
    """Return what else changes when people bring a partner's receipt; `answers` are the questions that it answers."""
    around = (await _contexts(ctx, [row["case_id"]]))[row["case_id"]]
    return _dated(around, row, new_id(), ctx.now(), answers=answers)


def _accepted(around: _CaseContext, tried: Attempted, check_id: str) -> tuple[list[Change], list[Add]]:
    return _dated(around, tried.row, check_id, tried.ended, asked_every=tried.asked_every)


def _dated(
    around: _CaseContext,
    row: Row,
    check_id: str,
    now: int,
    *,
    asked_every: timedelta | None = None,
    answers: frozenset[DeskCode] = frozenset({DeskCode.UNDELIVERED}),
) -> tuple[list[Change], list[Add]]:
    """Date the check: the policy's days from the first acceptance, one open check a case.

    One that was dated by an attempt that may have arrived is counted from the acceptance from now on.

    A partner that tells nothing by itself is asked before that. While another of the case's referrals is unfinished,
    the case keeps its own, earlier look at that.
    """
    case, ended, referral_id = around.case, moment(now), row["id"]
    if case["state"] == CaseState.CLOSED:
        return [], []
    has_it = {"state": ReferralState.ACCEPTED, "accepted_at": now, "partner": row["partner"]}
    counted = around.dates.first(case, [has_it])
    assert counted is not None  # it was accepted
    first = not any(one["state"] == ReferralState.ACCEPTED for one in around.standing if one["id"] != referral_id)
    due = counted if around.check_due is None or first else around.check_due
    asking = None if asked_every is None else micros(ended + asked_every)
    dates = (_earlier(case, due, around.dates.policy), around.asking_due, asking)
    at = min(one for one in dates if one is not None)
    others = around.unfinished - {referral_id}
    if others and case["next_at"] is not None:
        at = min(at, int(case["next_at"]))
    unnamed = frozenset() if others else answers
    on_desk = case["state"] == CaseState.DESK
    if on_desk and is_answered(case, (), {referral_id}, unnamed):  # nobody has to do anything about it any more
        after = step(CASE, CaseState(case["state"]), "refer")
        values = {**look_at(at), **answer(case, after, now, about={referral_id}, unnamed=unnamed)}
        change = Change(cases, {"id": case["id"]}, values, case["version"])
    else:
        guard = {"state": case["state"], "version": case["version"]}
        change = Change(cases, {"id": case["id"]}, look_at(at), guard=guard)
    if around.check_due is not None:
        pending = Change(follow_ups, {"case_id": case["id"]}, {"due_at": due}, guard={"done_at": None})
        return [change, pending] if due != around.check_due else [change], []
    check = Add(follow_ups, {"id": check_id, "case_id": case["id"], "due_at": due})
    return [change], [check, *silently(around.dates.policy, case, now)]


def _earlier(case: Row, due: int, policy: Policy) -> int:
    """A case that is still to be traced or decided, or waits for its origin, keeps its own, earlier date.

    While it waits for its origin that may be when a CDN is asked again, which must not be put off for the copy's sake.
    """
    if case["state"] in (CaseState.RECEIVED, CaseState.LOCATED):
        return int(case["next_at"])
    origin = origin_due(case, policy)
    return due if origin is None else min(due, origin, int(case["next_at"] or origin))


def _attempt(tried: Attempted, attempt_id: str) -> Add:
    outcome = tried.outcome
    return Add(
        attempts,
        {
            "id": attempt_id,
            "referral_id": tried.row["id"],
            "started_at": tried.started,
            "ended_at": tried.ended,
            "outcome": _outcome(outcome),
            "counted": int(getattr(outcome, "counted", True)),
            "reason": _reason(outcome),
            "text": _text(outcome),
            "receipt": getattr(outcome, "receipt", None),
        },
    )


def _event(tried: Attempted, row: Row, state: ReferralState) -> Event:
    name, outcome = tried.partner.name, tried.outcome
    if isinstance(outcome, Progressed):
        done = {"partner": name, "step": outcome.progress.step, "state": state}
        return Event("referral.progressed", ROUTER.id, row["case_id"], row["id"], done)
    said = {"partner": name, "outcome": _outcome(outcome), "state": state, "reason": _reason(outcome)}
    return Event("referral.attempted", ROUTER.id, row["case_id"], row["id"], said)


def _outcome(outcome: Outcome) -> str:
    return type(outcome).__name__.lower()


def _reason(outcome: Outcome) -> str | None:
    """A step that is done leaves no reason why the last attempt failed; its progress says why the rest waits."""
    if isinstance(outcome, Progressed):
        return None
    return "accepted" if isinstance(outcome, Accepted) else str(outcome.reason)


def _text(outcome: Outcome) -> str | None:
    if isinstance(outcome, Progressed):
        return None
    return "The partner has it." if isinstance(outcome, Accepted) else outcome.text
