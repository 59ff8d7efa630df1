"""Another referral in the place of one: what never left is superseded, what may be with its partner is taken back."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, select

from router.casework.case.desk_entry import ABOUT_A_REFERRAL, ANSWERED_BY_REFERRING, answer
from router.casework.case.next_look import check_due, look_at, next_look
from router.casework.case.record import open_case
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.decide.decision_row import decision_row
from router.casework.decide.step import judged
from router.casework.desk.recipient import chosen_by_staff
from router.casework.read.lists import referral as view
from router.casework.referral.changes import override_event, recalled
from router.casework.referral.row import LIVE, Chosen, referral
from router.errors import BadInput, Conflict
from router.store.base import Change, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, referrals
from schemas.actor import Actor
from schemas.casefile import ReferralView
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

_NOTHING: Mapping[str, Any] = MappingProxyType({})


async def instead(
    ctx: Context,
    row: Row,
    case: Row,
    actor: Actor,
    reason: str,
    *,
    partner: str | None,
    country: str | None,
    also: Mapping[str, Any] = _NOTHING,
) -> ReferralView:
    """Put another referral in the place of one, for a case as a person saw it. Raise BadInput, Conflict.

    `also` are more columns of the case that the same key sets, such as its assessment.
    """
    case = case | dict(also)
    opened = await open_case(ctx, case)
    recipient, decision = await chosen_by_staff(ctx, case, actor, partner, country)
    if recipient.partner == row["partner"]:
        raise BadInput("It already goes to this partner; choose another one, or retry it.", field="partner")
    await check_not_twice(ctx, case["id"], recipient.partner)
    known, _ = await judged(ctx, opened)
    now, decision_id = ctx.now(), new_id()
    added = referral(Chosen(case, decision_id, recipient, supersedes=row["id"]), now)
    to, new = recipient.partner, added.values["id"]
    more = {"to": to, "referral": new, "was": row["state"]}
    event = await acted(ctx, "referral.overridden", actor, reason, case["id"], row["id"], **more)
    after_case = step(CASE, CaseState(case["state"]), "refer")
    placed = {
        **answer(case, after_case, now, ANSWERED_BY_REFERRING, about={row["id"]}, unnamed=ABOUT_A_REFERRAL),
        **look_at(next_look(ctx, [dict(added.values)], await check_due(ctx, case["id"]))),
        "decision_id": decision_id,
        "assigned_country": decision.assigned_country,
    }
    after = step(REFERRAL, ReferralState(row["state"]), override_event(row))
    if after is None:
        raise Conflict
    old = recalled(row, after, now, superseded_by=new)
    changes = (old, Change(cases, {"id": case["id"]}, placed | dict(also), case["version"]))
    adds = (decision_row(opened, decision_id, known, decision, now), added)
    await ctx.store.commit(Transition(now, changes, adds, (), (event,)))
    return await view(ctx, new)


async def check_not_twice(ctx: Context, case_id: str, partner: str) -> None:
    """Raise Conflict when the case already has a live referral to that partner."""
    found = await ctx.store.rows(
        select(referrals.c.id).where(
            and_(referrals.c.case_id == case_id, referrals.c.partner == partner, referrals.c.state.in_(sorted(LIVE)))
        )
    )
    if found:
        raise Conflict(
            "This partner already has a referral of the case; see it on the case's page.", reason="duplicate"
        )
