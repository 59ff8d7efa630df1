"""A rule drafted from a case that somebody sent elsewhere: shown with what it would have changed, and published."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.govern import policy_change
from router.casework.govern.rules import draft as drafting
from router.console import forms
from router.console.access import allow
from router.console.rules.words import CHANGE, DONE, SCOPE
from router.console.visit import Visit
from router.errors import Conflict, RouterError
from schemas.draft import DraftGiven, DraftView, Publish

router = APIRouter()
_MOVED: Final = "Another version of the policy is in force meanwhile; look at the draft as it is now."


@router.get("/rules/{case_id}")
async def show(visit: Annotated[Visit, allow("policy:write")], case_id: UUID) -> Response:
    """Return the draft of a rule; without a scope, the question for which cases."""
    asked = {name: visit.request.query_params[name] for name in ("scope", "mode") if name in visit.request.query_params}
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
        done = await policy_change.publish(visit.ctx, made.text, visit.actor)
    except RouterError as problem:
        return await _shown(visit, case_id, fields, problem)
    return visit.go(f"/rules/{case_id}", done="asked" if done.proposed else "made")


async def _shown(visit: Visit, case_id: UUID, asked: dict[str, str], problem: RouterError | None = None) -> Response:
    made: DraftView | None = None
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
        done=DONE.get(visit.request.query_params.get("done", "")),
        asked=asked,
        problem=problem,
    )
