"""Nobody answers the alarm of a child at risk: where the policy says so, the police are told, assessed or not.

The one exception to "unassessed never leaves" (docs/policy.md), off until a policy names the police partner. It is one
commit: the referral, the decision that says why, the desk's words and the audit's entry, or nothing of it. The alarm
goes on ringing: the police have it, and here still nobody looked.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, exists, func, not_, or_, select

from router.casework.alarm.house import HELD
from router.casework.believed import counted_since, ended_by, today
from router.casework.case.desk_entry import reword
from router.casework.case.gate import held_now, hit
from router.casework.case.next_look import check_due, look_at, next_look
from router.casework.case.record import open_case, referral_rows
from router.casework.context import Context
from router.casework.decide.decision_row import decision_of, decision_row, facts_of
from router.casework.decide.facts import bare
from router.casework.decide.step import judged
from router.casework.referral.changes import superseded
from router.casework.referral.row import Chosen, referral
from router.errors import Conflict, RouterError, StoreUnavailable
from router.guard.log import get_log
from router.policy.bars import may_receive
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import alarms, cases, decisions, referrals
from schemas.actor import ROUTER
from schemas.decision import Decision, Recipient, Step
from schemas.embargo import Way
from schemas.facts import Facts
from schemas.partner import Partner
from schemas.policy import UNSEEN, Policy
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Assessment

#: What the desk says from then on.
_TOLD_UNASSESSED: Final = "Nobody answered the alarm: {partner} is told, marked as not assessed by us. Look at it now."
_TOLD: Final = "Nobody answered the alarm: {partner} is told. Look at it now."
_CANNOT: Final = "Nobody answered the alarm, and {partner} cannot be told: {why}."
#: Cases handed over in one look.
_MOST: Final = 50
#: A referral that a route of the policy keeps back; one that a person holds says `staff`.
_HELD_BY_ROUTE: Final = and_(
    referrals.c.state == ReferralState.HELD, func.coalesce(referrals.c.hold_reason, "") != "staff"
)


async def hand_over(ctx: Context) -> int:
    """Tell the police of each case whose alarm nobody answered in time; return of how many. At most once for each."""
    _, policy = await ctx.governance.policy()
    if policy.unseen_to is None:
        return 0
    partner = (await ctx.governance.directory()).named(policy.unseen_to)
    if partner is None:
        return 0
    handed = 0
    for case in await _unanswered(ctx, partner.name, policy.unseen_after):
        try:
            with suppress(Conflict):  # somebody answered meanwhile, or another worker was faster
                handed += await _hand_over(ctx, case, partner, policy)
        except StoreUnavailable:
            raise
        except RouterError as error:  # this one's own: the others are still told, and its alarm rings on
            get_log("casework").error("not_handed_over", case=case["id"], code=error.code)
    return handed


async def _unanswered(ctx: Context, partner: str, after: timedelta) -> list[Row]:
    """Return the cases on the desk whose alarm was rung and not answered in time, and of which the police have nothing.

    What was counted with others instead of rung (`most_per_hour`), or came from a source that may not ring, is not
    among them: a flood of claims must not become a flood at the police. The time counts from the first alarm that rang
    since anybody answered: another question about the case places another alarm, and nobody has looked for all that.
    Who holds a referral to the police has looked; a route that holds it tells them nothing.
    """
    gone = or_(referrals.c.state == ReferralState.SUPERSEDED, _HELD_BY_ROUTE)
    was_sent = or_(not_(gone), referrals.c.may_have_arrived == 1)
    told = exists().where(and_(referrals.c.case_id == cases.c.id, referrals.c.partner == partner, was_sent))
    first, answered = alarms.alias(), alarms.alias()
    last_answer = (
        select(func.coalesce(func.max(answered.c.placed_at), 0))
        .where(and_(answered.c.case_id == cases.c.id, answered.c.acknowledged_at.is_not(None)))
        .scalar_subquery()
    )
    rang = (
        select(func.min(first.c.placed_at))
        .where(
            and_(
                first.c.case_id == cases.c.id,
                first.c.placed_at >= cases.c.desk_first_since,
                first.c.placed_at > last_answer,
                first.c.acknowledged_at.is_(None),
                first.c.told.not_in(["{}", HELD]),
            )
        )
        .scalar_subquery()
    )
    span = after // timedelta(microseconds=1)
    # Of a clock that was moved, a wait counts that was wholly before or wholly after that.
    moved = await counted_since(ctx)
    late = or_(rang <= await ended_by(ctx) - span, and_(rang >= moved, rang <= ctx.now() - span))
    wanted = (
        select(cases)
        .join(alarms, alarms.c.id == cases.c.desk_alarm)
        .where(
            and_(
                late,
                alarms.c.acknowledged_at.is_(None),
                alarms.c.resolved_at.is_(None),
                cases.c.state == CaseState.DESK,
                cases.c.acknowledged_at.is_(None),
                not_(told),
            )
        )
        .order_by(rang)
        .limit(_MOST)
    )
    return await ctx.store.rows(wanted)


async def _hand_over(ctx: Context, case: Row, partner: Partner, policy: Policy) -> bool:
    refused = may_receive(partner, bare(case), policy, await today(ctx), unseen=True)
    if refused is not None:
        await _say(ctx, case, _CANNOT.format(partner=partner.title, why=refused.text))
        return False
    held = await held_now(ctx, case["id"])
    if held is not None and held.keeps_from(partner.name):
        said = _CANNOT.format(partner=partner.title, why=held.clause)
        await _say(ctx, case, said, hit(held, Way.HAND_OVER, case["id"]))
        return False
    known, before = await _decided(ctx, case)
    now, decision_id = ctx.now(), new_id()
    to = Recipient(partner=partner.name, route=UNSEEN)
    others = tuple(one for one in before.recipients if one.partner != partner.name)
    step = Step(route=UNSEEN, matched=True, because=f"nobody answered the alarm within {_plain(policy.unseen_after)}")
    decision = before.model_copy(
        update={"recipients": (*others, to), "path": (*before.path, step), "if_unseen": None, "by": "policy"}
    )
    opened = await open_case(ctx, case)
    rows = await referral_rows(ctx, case["id"])
    kept_back = [row for row in rows if row["partner"] == partner.name and row["state"] == ReferralState.HELD]
    added = referral(Chosen(case, decision_id, to), now)
    standing = [*(row for row in rows if row not in kept_back), dict(added.values)]
    values = reword(_told(case, partner))
    values |= {"decision_id": decision_id, "policy_version": decision.policy_version}
    values |= look_at(next_look(ctx, standing, case["next_at"], await check_due(ctx, case["id"])))
    event = Event("case.handed_unseen", ROUTER.id, case["id"], None, {"to": [partner.name]})
    adds: tuple[Add, ...] = (decision_row(opened, decision_id, known, decision, now), added)
    await ctx.store.commit(
        Transition(now, (*map(superseded, kept_back), _unanswered_still(case, values)), adds, (), (event,))
    )
    return True


def _told(case: Row, partner: Partner) -> str:
    said = _TOLD_UNASSESSED if case["assessment"] == Assessment.UNASSESSED else _TOLD
    return said.format(partner=partner.title)


def _unanswered_still(case: Row, values: dict[str, Any]) -> Change:
    """Return the change of a case that takes place only while nobody has answered: whoever does moves its version."""
    return Change(cases, {"id": case["id"]}, values, case["version"], {"acknowledged_at": None})


async def _decided(ctx: Context, case: Row) -> tuple[Facts, Decision]:
    """Return the decision in force with its facts: whom it proposes is proposed on."""
    if case["decision_id"] is None:
        return await judged(ctx, await open_case(ctx, case))
    wanted = select(decisions.c.facts, decisions.c.decision).where(decisions.c.id == case["decision_id"])
    (row,) = await ctx.store.rows(wanted)
    known, decision = facts_of(row), decision_of(row)
    if known is None or decision is None:  # not what was written: a child may be in danger, so it is judged anew
        return await judged(ctx, await open_case(ctx, case))
    return known, decision


async def _say(ctx: Context, case: Row, text: str, more: tuple[Event, ...] = ()) -> None:
    """Say on the desk why nobody is told, once."""
    if case["desk_text"] != text:
        event = Event("case.not_handed", ROUTER.id, case["id"])
        await ctx.store.commit(Transition(ctx.now(), (_unanswered_still(case, reword(text)),), events=(event, *more)))


def _plain(after: timedelta) -> str:
    minutes = after // timedelta(minutes=1)
    return f"{minutes // 60} h" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} min"
