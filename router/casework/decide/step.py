"""Ask the policy who receives a located case, and write down what it said: referrals, or a place on the desk."""

from dataclasses import dataclass
from typing import Any

from router.casework.case import findings, given_back
from router.casework.case.close import closed
from router.casework.case.desk_entry import left_by_decision, put_by_decision
from router.casework.case.gate import HeldBack
from router.casework.case.next_look import check_due, later, look_at, next_look
from router.casework.case.record import Opened, last_trace, open_case, referral_rows
from router.casework.case.traces import traced
from router.casework.context import Context
from router.casework.decide.decision_row import decision_row
from router.casework.decide.facts import facts, sent_back
from router.casework.decide.refused_before import TAKEN_BACK, declined
from router.casework.intake.peer_withdrawals import question
from router.casework.locate.origin_deadline import ORIGIN_UNKNOWN, with_origin_unknown
from router.casework.locate.origin_lookup import first_look
from router.casework.referral.changes import (
    is_slower,
    is_superseded,
    is_taken_back,
    reprioritised,
    superseded,
    taken_back,
)
from router.casework.referral.row import Chosen, is_at_work, is_live, referral
from router.policy.decision import Rules, decide
from router.store.base import Add, Change, Event, Row, Transition, with_beside
from router.store.ids import new_id
from router.store.schema.tables import cases
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.decision import Decision, DeskCall, Mode
from schemas.facts import Facts
from schemas.policy import GivesBack, Policy
from schemas.states import CaseState, ReferralState
from schemas.trace import Trace, VerdictKind
from schemas.vocabulary import Outcome, SourceKind, Urgency

_HOSTED_ELSEWHERE = "By our own look-up it is hosted elsewhere."
#: What people read of a case that another tool works on.
WATCHING = DeskCall(
    code=DeskCode.WATCHING, text="Another tool works on what the hub gives to us; nothing leaves from here by itself."
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A decision with everything it is applied to."""

    opened: Opened
    decision_id: str
    facts: Facts
    decision: Decision
    standing: list[Row]  #: the case's referrals
    check_due: int | None  #: its open check
    told: tuple[DeskCall, ...]  #: what came meanwhile, and people have yet to hear
    policy: Policy
    now: int


async def run(ctx: Context, row: Row) -> Transition:
    """Decide on a located case. What was chosen before and has not left yet is replaced when it is not chosen again."""
    opened = await open_case(ctx, row)
    return await decided(ctx, opened, await last_trace(ctx, opened) or await traced(ctx, opened))


async def decided(ctx: Context, opened: Opened, trace: Trace, standing: list[Row] | None = None) -> Transition:
    """Return what is committed for the policy's answer about a located case, whose last trace this is.

    `standing` are its referrals, where they are known.
    """
    row = opened.row
    known, decision = await judged(ctx, opened, trace)
    decision = _watched(row, decision)
    _, policy = await ctx.governance.policy()
    standing = await referral_rows(ctx, opened.id) if standing is None else standing
    if (answered := await _given_back(ctx, row, known, policy)) is not None and not standing:
        return answered
    due = await check_due(ctx, opened.id) if standing else None  # most cases are new: one question less
    told = (*await question(ctx, row), *await findings.question(ctx, opened))
    plan = _Plan(opened, new_id(), known, decision, standing, due, told, policy, ctx.now())
    changes, adds = _apply(ctx, plan)
    detail = {
        "policy": decision.policy_version,
        "recipients": [r.partner for r in decision.recipients],
        "routes": [s.route for s in decision.path if s.matched],
        "desk": [call.code for call in decision.desk],
        "refused": [f"{r.code}" for r in decision.refused],
    }
    event = Event("case.decided", ROUTER.id, case_id=opened.id, detail=detail)
    return Transition(plan.now, tuple(changes), tuple(adds), (), (event,))


async def _given_back(ctx: Context, row: Row, known: Facts, policy: Policy) -> Transition | None:
    """Return the answer to a peer that referred what is not ours, where the policy gives it by itself.

    Not where a child may be in danger now, or in doubt, or where somebody else reported it too: that is decided here.
    """
    elsewhere = known.verdict is VerdictKind.COUNTRY and known.hosting_country not in {None, policy.home}
    sure = elsewhere and known.confidence >= policy.sure_from and row["urgency"] == Urgency.NONE
    if policy.not_ours is not GivesBack.ANSWER or row["source_kind"] != SourceKind.PEER or not sure:
        return None
    if not await given_back.is_theirs_alone(ctx, row["id"]):
        return None
    told = await given_back.given_back(ctx, row, _HOSTED_ELSEWHERE, known.hosting_country)
    if not told:
        return None
    event = Event("case.not_ours", ROUTER.id, row["id"], None, {"country": known.hosting_country})
    rests_on = given_back.RESTS_ON.format(peer=row["source"])
    noted = {"given_back_at": ctx.now()}
    closing = await closed(ctx, row, Outcome.UNRESOLVED, rests_on, ROUTER.id, event, also=noted)
    return with_beside(closing, Transition(ctx.now(), told))


def _watched(row: Row, decision: Decision) -> Decision:
    """Return the decision as a proposal where another tool works on the case: nothing leaves twice."""
    if not row["watching"]:
        return decision
    proposed = tuple(one.model_copy(update={"mode": Mode.PROPOSE}) for one in decision.recipients)
    # Who else is to have it is the other tool's question; a child in danger is everybody's.
    asked = (WATCHING, *(one for one in decision.desk if one.code == DeskCode.CHILD_AT_RISK))
    return decision.model_copy(update={"recipients": proposed, "desk": asked})


async def judged(ctx: Context, opened: Opened, trace: Trace | None = None) -> tuple[Facts, Decision]:
    """Return the facts of a case by its last trace, and what the policy in force says of them."""
    version, policy = await ctx.governance.policy()
    directory = await ctx.governance.directory()
    if trace is None:
        trace = await last_trace(ctx, opened) or await _first_trace(ctx, opened)
    # A case that was never decided on has been at nobody: most cases, and one question less for each.
    bounced = sent_back(await referral_rows(ctx, opened.id)) if opened.row["decision_id"] else 0
    found = facts(ctx, opened, trace, directory, policy, bounced)
    known = await with_origin_unknown(ctx, opened.row, found, policy)
    return known, decide(Rules(version, policy, directory, ctx.clock.now()), known)


async def _first_trace(ctx: Context, opened: Opened) -> Trace:
    """Trace a case that never was; one that is held is known by what asks nobody."""
    try:
        return await traced(ctx, opened)
    except HeldBack:
        return ctx.tracer.offline(opened.locator)


def _apply(ctx: Context, plan: _Plan) -> tuple[list[Change], list[Add]]:
    automatic = [r for r in plan.decision.recipients if r.mode is Mode.AUTOMATIC]
    chosen = {r.partner for r in automatic}
    proposed = {r.partner for r in plan.decision.recipients} - chosen
    dropped = [row for row in plan.standing if is_superseded(row, chosen)]
    withdrawn = [row for row in plan.standing if is_taken_back(row, chosen, proposed)]
    gone = {row["id"] for row in (*dropped, *withdrawn)}
    standing = {row["partner"] for row in plan.standing if is_live(row)}
    against = declined(plan.standing, chosen)
    after = _left_behind(plan, chosen) or (withdrawn[-1]["id"] if withdrawn else None)
    new = [
        referral(Chosen(plan.opened.row, plan.decision_id, r, after), plan.now)
        for r in automatic
        if r.partner not in standing and r.partner not in against
    ]
    follows = new[0].values["id"] if new else None
    changes = [superseded(row) for row in dropped] + [taken_back(row, plan.now, follows) for row in withdrawn]
    stays = [row for row in plan.standing if row["id"] not in gone]
    changes += [reprioritised(row, plan.opened.row) for row in stays if is_slower(row, plan.opened.row)]
    kept = [*stays, *(dict(add.values) for add in new)]
    asks = _gravest_first((*plan.told, *against.values(), *plan.decision.desk))
    changes.append(_case_change(ctx, plan, kept, asks, recalled=bool(chosen)))
    return changes, [decision_row(plan.opened, plan.decision_id, plan.facts, plan.decision, plan.now), *new]


def _gravest_first(asks: tuple[DeskCall, ...]) -> tuple[DeskCall, ...]:
    """Return the questions for people, in the order in which they are shown where the clocks are the same.

    For an origin nobody asks a CDN before somebody has said what the material is; that clock begins then.
    """
    unassessed = any(call.code == DeskCode.NOT_ASSESSED for call in asks)
    now = (call for call in asks if not (unassessed and call.code == DeskCode.EDGE_ONLY))
    return tuple(sorted(now, key=lambda call: call.code != DeskCode.CHILD_AT_RISK))


def _left_behind(plan: _Plan, chosen: set[str]) -> str | None:
    """Return the accepted referral that a moved case leaves behind: the new one is linked to it."""
    if plan.opened.row["moved_from"] is None:
        return None
    accepted = [r for r in plan.standing if r["state"] == ReferralState.ACCEPTED and r["partner"] not in chosen]
    return accepted[-1]["id"] if accepted else None


def _case_change(ctx: Context, plan: _Plan, kept: list[Row], asks: tuple[DeskCall, ...], *, recalled: bool) -> Change:
    """Place the case: with partners when one has it or is to get it and nobody is asked, else on the desk.

    `asks` are the questions for people, the gravest first. `recalled` says that who is chosen had it taken back
    by people a moment ago: then nothing goes there by itself.
    """
    row, decision = plan.opened.row, plan.decision
    said: dict[str, Any] = {
        "decision_id": plan.decision_id,
        "policy_version": decision.policy_version,
        "assigned_country": decision.assigned_country,
    }
    works = any(is_at_work(one) for one in kept)
    if asks or not works:
        said |= put_by_decision(row, asks or ((TAKEN_BACK,) if recalled else ()), plan.now, kept)
        said |= look_at(_desk_date(ctx, plan, said, kept))
        return Change(cases, {"id": row["id"]}, said, row["version"])
    said |= left_by_decision(row, CaseState.REFERRED, plan.now, kept)
    said |= look_at(plan.now if _may_have_arrived(kept) else _watch(ctx, plan, kept) or later(ctx))
    return Change(cases, {"id": row["id"]}, said, row["version"])


def _may_have_arrived(kept: list[Row]) -> bool:
    """Tell whether people have yet to say if a partner has it: they are asked again at once."""
    return any(row["state"] == ReferralState.UNKNOWN for row in kept)


def _desk_date(ctx: Context, plan: _Plan, said: dict[str, Any], kept: list[Row]) -> int | None:
    """Return when a case on the desk is looked at by itself: for what was sent, and for an origin nobody named."""
    origin = None if ORIGIN_UNKNOWN in plan.facts.reasons else first_look(ctx, said, plan.policy, plan.now)
    return min((at for at in (_watch(ctx, plan, kept), origin) if at is not None), default=None)


def _watch(ctx: Context, plan: _Plan, kept: list[Row]) -> int | None:
    """Return when somebody must look what came of the referrals: nothing waits unseen."""
    if plan.check_due is None and any(row["state"] == ReferralState.ACCEPTED for row in kept):
        return later(ctx)
    return next_look(ctx, kept, plan.check_due)
