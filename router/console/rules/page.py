"""A rule drafted from a case that somebody sent elsewhere: shown with what it would have changed, and published."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.govern import policy_change, second_person
from router.casework.govern.rules import draft as drafting
from router.casework.govern.rules import drafts
from router.console import forms
from router.console.access import allow
from router.console.choices import partner_titles
from router.console.rules.words import CHANGE, DONE, SCOPE
from router.console.visit import Visit
from router.errors import Conflict, RouterError
from schemas.draft import DraftGiven, DraftView, Publish
from schemas.proposal import RULE, ConfirmGiven

router = APIRouter()
_MOVED: Final = "Another version of the policy is in force meanwhile; look at the draft as it is now."


@router.get("/rules/{case_id}")
async def show(visit: Annotated[Visit, allow("policy:propose")], case_id: UUID) -> Response:
    """Return the draft of a rule; without a scope, the question for which cases."""
    asked = {
        name: visit.request.query_params[name]
        for name in ("scope", "mode", "partner")
        if name in visit.request.query_params
    }
    return await _shown(visit, case_id, asked)


@router.post("/rules/{case_id}/publish")
async def publish(visit: Annotated[Visit, allow("policy:write")], case_id: UUID) -> Response:
    """Put the drafted rule in force, or propose it to another person."""
    fields = await visit.fields()
    try:
        visit.confirm_fresh()
        given = forms.parse({**fields, "case": str(case_id)}, Publish)
        made = await drafting.draft(visit.ctx, given)
        if made.over != given.over:
            raise Conflict(_MOVED, reason="changed_meanwhile")
        answered = await drafts.answered_if_waiting(visit.ctx, str(case_id), visit.actor)
        done = await policy_change.publish(visit.ctx, made.text, visit.actor, beside=answered)
    except RouterError as problem:
        return await _shown(visit, case_id, fields, problem)
    return visit.go(f"/rules/{case_id}", done="asked" if done.proposed else "made")


@router.post("/rules/{case_id}/hand-in")
async def hand_in(visit: Annotated[Visit, allow("policy:propose")], case_id: UUID) -> Response:
    """Hand the drafted rule to a supervisor."""
    fields = await visit.fields()
    try:
        await drafts.hand_in(visit.ctx, forms.parse({**fields, "case": str(case_id)}, DraftGiven), visit.actor)
    except RouterError as problem:
        return await _shown(visit, case_id, fields, problem)
    return visit.go(f"/rules/{case_id}", done="handed-in")


@router.post("/rules/{case_id}/withdraw")
async def withdraw(visit: Annotated[Visit, allow("policy:propose")], case_id: UUID) -> Response:
    """Take a draft back that was handed in."""
    fields = await visit.fields()
    try:
        await second_person.withdraw(visit.ctx, f"{RULE}{case_id}", visit.actor, forms.parse(fields, ConfirmGiven).id)
    except RouterError as problem:
        return await _shown(visit, case_id, {}, problem)
    return visit.go("/rules", done="taken-back")


async def _shown(visit: Visit, case_id: UUID, asked: dict[str, str], problem: RouterError | None = None) -> Response:
    made: DraftView | None = None
    waits = await drafts.of_case(visit.ctx, str(case_id))
    if waits is not None and "scope" not in asked:
        asked = {**waits.wish.model_dump(mode="json", include={"scope", "mode", "partner"}), **asked}
    try:
        if "scope" in asked:
            made = await drafting.draft(visit.ctx, forms.parse({**asked, "case": str(case_id)}, DraftGiven))
    except RouterError as wrong:
        problem = problem or wrong
    return await visit.page(
        "rule.html",
        problem.status if problem else 200,
        case=str(case_id),
        made=made,
        scopes=SCOPE,
        changes=CHANGE,
        titles=await partner_titles(visit.ctx),
        done=DONE.get(visit.request.query_params.get("done", "")),
        asked=asked,
        waits=waits,
        problem=problem,
    )
