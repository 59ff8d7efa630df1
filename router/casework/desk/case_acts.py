"""What staff do to a case: assess it, send the proposal, refer it, trace it again, name the origin, look, close.

And ask for it: a case that is with its partners comes to the desk because a person says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from router.casework.case.acts import Standing, check_offered, over_when_said
from router.casework.case.close import BY_A_PERSON, closed
from router.casework.case.desk_entry import (
    ABOUT_A_REFERRAL,
    ANSWERED_BY_REFERRING,
    NOBODY_WORKS_ON_IT,
    answer,
    is_asked,
    put_on_desk,
    while_decided_anew,
)
from router.casework.case.gate import check_case_free
from router.casework.case.next_look import check_due, look_at, next_look
from router.casework.case.record import Opened, open_case, referral_rows
from router.casework.case.seen import check_looked, check_seen
from router.casework.case.typed_reason import acted
from router.casework.case.undo import kept
from router.casework.context import Context
from router.casework.decide.decision_row import decision_row
from router.casework.decide.proposal import NO_PROPOSAL, check_proposed, left_to_send
from router.casework.decide.step import judged
from router.casework.deliver.will_leave import Thought
from router.casework.desk.act import SECOND_LOOK, Intent, case_for, check_not_held, retry_on_conflict, retry_same_intent
from router.casework.desk.not_illegal import check_somebody_else, not_illegal, seconded, waiting_for_a_second
from router.casework.desk.recipient import check_may_receive, chosen_by_staff
from router.casework.desk.replace_referral import check_not_twice, instead
from router.casework.read.lists import referral as view
from router.casework.referral.changes import is_followed, taken_back
from router.casework.referral.row import AT_WORK, Chosen, is_at_work, is_live, referral
from router.errors import BadInput, Conflict
from router.guard.access import Permission, require
from router.store.base import Change, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.acts import ThoughtGiven
from schemas.casefile import DeskCode, ReferralView
from schemas.closing import RestsOn
from schemas.decision import Decision, Recipient
from schemas.facts import Facts
from schemas.partner import PartnerKind
from schemas.states import CASE, CaseState, ReferralState, step
from schemas.trace import NamedOrigin
from schemas.vocabulary import Assessment, Outcome

_WHICH = "Say which is done: {codes}."
#: What the desk says of a case that a person put there; what they typed is sealed.
_ASKED = (DeskCode.ASKED, "A person put it on the desk, and says why in the timeline.")
_NOT_DONE = "Nothing that is asked of this case is over by saying so; see beside each question what answers it."
#: What a person answers who says what the material is.
_SETTLED_BY_ASSESSING = (DeskCode.NOT_ASSESSED, DeskCode.DISAGREE, DeskCode.SECOND_LOOK)
#: Referrals in whose place another one comes: they live, nobody has said that they arrived, and none is recalled yet.
_REPLACED = AT_WORK - {ReferralState.ACCEPTED}


@retry_same_intent
async def send(
    intent: Intent,
    ctx: Context,
    case_id: str,
    actor: Actor,
    reason: str,
    *,
    assessment: Assessment | None = None,
    version: int | None = None,
) -> list[ReferralView]:
    """Send a case to whom the policy proposes; with `assessment`, the person says what it is in the same key.

    Raise NotFound, BadInput (not assessed yet, or nobody may receive it), Conflict (no proposal, or it moved on).
    """
    case, after = await case_for(ctx, case_id, version, "refer")
    await check_not_held(ctx, case)
    assessed = _assessed(ctx, case, assessment)
    await check_looked(ctx, case, actor, says=assessment is not None)
    await check_proposed(ctx, case)
    found, case = case, case | assessed
    opened = await open_case(ctx, case)
    known, decision = await judged(ctx, opened)
    chosen = left_to_send(decision, {row["partner"] for row in await referral_rows(ctx, case_id) if is_live(row)})
    if not chosen:
        raise Conflict(NO_PROPOSAL, reason="no_proposal")
    intent.hold_to((case["assessment"], [one.partner for one in chosen]))
    for one in chosen:
        await check_may_receive(ctx, case, one.partner)
    confirmed = decision.model_copy(update={"recipients": tuple(chosen), "by": actor.id, "desk": ()})
    return await _refer(ctx, opened, _Confirmed(actor, reason, known, confirmed, after, assessed, found, "send"))


def _assessed(ctx: Context, case: Row, assessment: Assessment | None) -> dict[str, Any]:
    """Return what a person's assessment sets; nothing leaves on a person's key that nobody assessed."""
    if (assessment or case["assessment"]) == Assessment.UNASSESSED:
        raise BadInput("Nobody has assessed this yet; say what it is, then send it.", field="assessment")
    if assessment is None:
        return _said(Assessment(case["assessment"]), ctx.now())
    if assessment is Assessment.NOT_ILLEGAL:
        raise BadInput("What is not illegal is not sent; close the case instead.", field="assessment")
    return _said(assessment, ctx.now()) | {"assessment": assessment, "assessed_at": ctx.now()}


def _said(assessment: Assessment, now: int) -> dict[str, Any]:
    """Return the columns of a person's word: where sources disagree, it settles what they have said so far."""
    known = assessment is not Assessment.UNASSESSED
    return {"staff_assessment": assessment if known else None, "staff_assessed_at": now if known else None}


@retry_same_intent
async def refer(
    intent: Intent,
    ctx: Context,
    case_id: str,
    actor: Actor,
    reason: str,
    *,
    partner: str | None = None,
    country: str | None = None,
    assessment: Assessment | None = None,
    version: int | None = None,
) -> ReferralView:
    """Send a case to a partner, or to a country's partner, of a person's choice. Raise NotFound, BadInput, Conflict.

    When one referral lives and has not been accepted, this replaces it (`override`), also while it is being sent or may
    have arrived: it is taken back there. Otherwise it is one more. What goes to the police stays with them: another
    country's hotline is told beside them, and who wants it back from them says so of that referral.
    """
    case, after = await case_for(ctx, case_id, version, "refer")
    await check_not_held(ctx, case)
    assessed = _assessed(ctx, case, assessment)
    await check_looked(ctx, case, actor, says=assessment is not None)
    found, case = case, case | assessed
    unsettled = [row for row in await referral_rows(ctx, case_id) if row["state"] in _REPLACED]
    intent.hold_to((case["assessment"], [row["id"] for row in unsettled]))
    if (old := await _replaced(ctx, unsettled)) is not None:
        return await instead(ctx, old, case, actor, reason, partner=partner, country=country, also=assessed)
    opened = await open_case(ctx, case)
    recipient, decision = await chosen_by_staff(ctx, case, actor, partner, country)
    await check_not_twice(ctx, case_id, recipient.partner)
    known, _ = await judged(ctx, opened)
    (one,) = await _refer(ctx, opened, _Confirmed(actor, reason, known, decision, after, assessed, found, "refer"))
    return one


async def _replaced(ctx: Context, unsettled: Sequence[Row]) -> Row | None:
    """Return in whose place another referral would come: the only one that is not with the police."""
    police = {one.name for one in (await ctx.governance.directory()).partners if one.kind is PartnerKind.POLICE}
    others = [row for row in unsettled if row["partner"] not in police]
    return others[0] if len(others) == 1 else None


async def thought_of(ctx: Context, case_id: str, actor: Actor, given: ThoughtGiven) -> Thought:
    """Return what `refer` would send by these words, or `override` of one referral. Nothing is changed.

    Raise what the act itself would say of the case, the material and the partner.
    """
    case, _ = await case_for(ctx, case_id, None, "refer")
    await check_not_held(ctx, case)
    columns: dict[str, Any] = {}
    old: str | None = given.instead_of
    if old is None:
        columns = _assessed(ctx, case, given.assessment)
        row = await _replaced(ctx, [one for one in await referral_rows(ctx, case_id) if one["state"] in _REPLACED])
        old = None if row is None else row["id"]
    recipient, decision = await chosen_by_staff(ctx, case | columns, actor, given.partner, given.country)
    await check_not_twice(ctx, case_id, recipient.partner)
    return Thought(recipient.partner, columns | {"assigned_country": decision.assigned_country}, old)


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """What a person decided, ready to be written down."""

    actor: Actor
    reason: str
    facts: Facts
    decision: Decision
    after: CaseState
    assessed: dict[str, Any]
    found: Row  #: the case as the act found it
    act: str  #: `send` or `refer`


async def _refer(ctx: Context, opened: Opened, said: _Confirmed) -> list[ReferralView]:
    now, decision_id, case, decision = ctx.now(), new_id(), opened.row, said.decision
    added = [referral(Chosen(case, decision_id, _leaves(r)), now) for r in decision.recipients]
    new = {add.values["partner"]: add.values["id"] for add in added}
    followed = [row for row in await referral_rows(ctx, opened.id) if is_followed(row, new)]
    back = {row["id"] for row in followed}
    values = {
        **answer(case, said.after, now, ANSWERED_BY_REFERRING, about=back, unnamed=ABOUT_A_REFERRAL),
        **look_at(next_look(ctx, [dict(add.values) for add in added], await check_due(ctx, opened.id))),
        "decision_id": decision_id,
        "policy_version": decision.policy_version,
        "assigned_country": decision.assigned_country,
    }
    to = [r.partner for r in decision.recipients]
    values |= {"undo": None} if followed else kept(said.found, said.act, [add.values["id"] for add in added])
    event = await acted(ctx, "case.referred", said.actor, said.reason, opened.id, to=to)
    adds = [decision_row(opened, decision_id, said.facts, decision, now), *added]
    change = Change(cases, {"id": opened.id}, values | said.assessed, case["version"])
    taken = [taken_back(row, now, new[row["partner"]]) for row in followed]
    await ctx.store.commit(Transition(now, (change, *taken), tuple(adds), (), (event,)))
    return [await view(ctx, add.values["id"]) for add in added]


def _leaves(recipient: Recipient) -> Recipient:
    """A person said yes: nothing holds it any longer."""
    return recipient.model_copy(update={"hold_until": None, "hold_reason": None})


@retry_on_conflict
async def assess(
    ctx: Context, case_id: str, actor: Actor, reason: str, *, assessment: Assessment, version: int | None = None
) -> None:
    """Say what the material is, or that nobody knows after all; the case is decided anew. Raise NotFound, Conflict."""
    case, _ = await case_for(ctx, case_id, version, "close")  # whatever is open: it may be reported a moment ago
    if assessment is not Assessment.UNASSESSED:
        await check_seen(ctx, [case_id], actor)
    second = await _second_look(ctx, case_id, actor, assessment)
    after = step(CASE, CaseState(case["state"]), "retrace") or case["state"]
    said = _said(assessment, ctx.now())
    said |= {"assessment": assessment, "assessed_at": said["staff_assessed_at"]}
    values = {"state": after, **look_at(ctx.now()), **said, **while_decided_anew(case, *_SETTLED_BY_ASSESSING)}
    event = await acted(ctx, "case.assessed", actor, reason, case_id, assessment=assessment)
    change = Change(cases, {"id": case_id}, values, case["version"])
    await ctx.store.commit(Transition(ctx.now(), (change, *second), (), (), (event,)))


async def _second_look(ctx: Context, case_id: str, actor: Actor, assessment: Assessment) -> list[Change]:
    """Return what keeps the word of a second person, where one was asked. Raise Conflict for the first one."""
    waits = await waiting_for_a_second(ctx, case_id)
    if waits is None:
        return []
    check_somebody_else(waits, actor)
    return [seconded(waits, actor, ctx.now(), agrees=assessment is Assessment.NOT_ILLEGAL)]


@retry_on_conflict
async def ask(ctx: Context, case_id: str, actor: Actor, reason: str, *, version: int | None = None) -> None:
    """Put a case that is with its partners on the desk; what is on its way goes on. Raise NotFound, Conflict."""
    case, _ = await case_for(ctx, case_id, version, "ask_staff")
    if case["state"] != CaseState.REFERRED:
        raise Conflict("This cannot be done now: the case is on the desk, or is just being decided.", reason="not_now")
    await _change(ctx, case, put_on_desk(case, _ASKED, ctx.now()), "case.asked", actor, reason)


@retry_on_conflict
async def done(
    ctx: Context,
    case_id: str,
    actor: Actor,
    reason: str,
    *,
    code: DeskCode | None = None,
    version: int | None = None,
) -> None:
    """Say that what one question of the desk asks for is done; others stay. Without `code` it is the only such one.

    With nobody left at work, people are asked who is to get it. Raise NotFound, BadInput (which one?), Conflict.
    """
    case, after = await case_for(ctx, case_id, version, "refer", decided=True)
    rows = await referral_rows(ctx, case_id)
    works = any(is_at_work(row) for row in rows)
    ready = over_when_said(Standing(case, works=works))
    if code is None and len(set(ready)) > 1:
        raise BadInput(_WHICH.format(codes=", ".join(sorted(set(ready)))), field="code", reason="which")
    if not ready or (code is not None and code not in ready):
        raise Conflict(_NOT_DONE, reason="not_now")
    ended, now = code or ready[0], ctx.now()
    values = answer(case, after, now, {ended})
    if values["desk_code"] is None and not works:
        values |= put_on_desk(case | values, NOBODY_WORKS_ON_IT, now)
    at = next_look(ctx, rows, case["next_at"], await check_due(ctx, case_id))
    event = await acted(ctx, "case.done", actor, reason, case_id, desk=ended)
    change = Change(cases, {"id": case_id}, values | look_at(at) | kept(case, "done"), case["version"])
    await ctx.store.commit(Transition(now, (change,), (), (), (event,)))


@retry_on_conflict
async def retrace(ctx: Context, case_id: str, actor: Actor, reason: str, *, version: int | None = None) -> None:
    """Trace a case again and decide anew; what the desk asks stays open. Raise NotFound, Conflict, HeldBack."""
    case, after = await case_for(ctx, case_id, version, "retrace")
    await check_case_free(ctx, case_id)
    await retraced(ctx, case, after, actor, reason)


async def retraced(
    ctx: Context,
    case: Row,
    after: CaseState,
    actor: Actor,
    reason: str,
    *answered: DeskCode,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Trace a case again and decide anew, with these questions answered; `also` changes with it. Raise Conflict."""
    anew = while_decided_anew(case, *answered, DeskCode.MOVED)
    values = {"state": after, **look_at(ctx.now()), **anew, **(also or {})}
    await _change(ctx, case, values, "case.retraced", actor, reason)


@retry_on_conflict
async def origin(ctx: Context, case_id: str, actor: Actor, reason: str, *, ip: str, version: int | None = None) -> None:
    """Name the address behind a CDN, as the CDN told it: it replaces the edge, and the case is decided anew.

    Raise NotFound, BadInput for what is not a public address, Conflict (the last trace did not end at an edge).
    """
    try:
        public = ip_address(ip.strip()).is_global
    except ValueError:
        public = False
    if not public:
        raise BadInput(
            "Type the public IP address that the CDN named, such as 203.0.113.7 in its own form.", field="ip"
        )
    case, after = await case_for(ctx, case_id, version, "retrace")
    await check_case_free(ctx, case_id)  # first: it says whom to ask
    check_offered("origin", Standing(case))
    opened = await open_case(ctx, case)
    on = ctx.clock.now().date().isoformat()
    named = NamedOrigin(addresses=(str(ip_address(ip.strip())),), by="staff", on=on)
    told = opened.secrets.model_copy(update={"origin": named})
    values = {"state": after, **look_at(ctx.now()), "sealed": opened.sealed(told)}
    values |= while_decided_anew(case, DeskCode.EDGE_ONLY)
    await _change(ctx, case, values, "case.origin_named", actor, reason)


@retry_same_intent
async def close(
    intent: Intent,
    ctx: Context,
    case_id: str,
    actor: Actor,
    reason: str,
    *,
    outcome: Outcome,
    rests_on: str = BY_A_PERSON,
    version: int | None = None,
) -> None:
    """Close a case with its outcome; what has not left never leaves.

    As not illegal by somebody who saw it, as spam by a supervisor. Raise NotFound, BadInput, Conflict, NotAllowed.
    """
    if outcome is Outcome.SPAM:
        require(actor, Permission.CASE_SPAM)
    case, _ = await case_for(ctx, case_id, version, "close")
    intent.hold_to((case["assessment"], case["urgency"]))  # nobody closes what became graver before they saw that
    if outcome is Outcome.NOT_ILLEGAL:
        await not_illegal(ctx, case_id, actor, reason=reason, version=version)
        return
    if is_asked(case, DeskCode.SECOND_LOOK):
        raise Conflict(SECOND_LOOK, reason="second_look")
    event = await acted(ctx, "case.closed", actor, reason, case_id, outcome=outcome, rests_on=RestsOn.STAFF)
    await ctx.store.commit(await closed(ctx, case, outcome, rests_on.format(by=actor.id), actor.id, event))


async def _change(ctx: Context, case: Row, values: dict[str, Any], act: str, actor: Actor, reason: str) -> None:
    event = await acted(ctx, act, actor, reason, str(case["id"]))
    change = Change(cases, {"id": case["id"]}, values, case["version"])
    await ctx.store.commit(Transition(ctx.now(), (change,), (), (), (event,)))
