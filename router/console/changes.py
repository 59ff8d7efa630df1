"""What waits for a second person, field by field; the forms that confirm it, take it back, or break the glass."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.govern import second_person
from router.console import forms
from router.console.access import allow
from router.console.visit import Visit
from router.errors import NotFound, RouterError
from schemas.proposal import ALARM, ConfirmGiven, GlassGiven

router = APIRouter()
ACTS = ("confirm", "withdraw", "break-glass")


@router.get("/changes")
async def show(visit: Annotated[Visit, allow("partner:read")], done: str = "") -> Response:
    """Return what waits, oldest first."""
    return await _shown(visit, done=done)


@router.post("/changes/{subject}/{act}")
async def settle(visit: Annotated[Visit, allow("partner:write")], subject: str, act: str) -> Response:
    """Confirm what another person proposed, take it back, or put it in force for a day alone."""
    if act not in ACTS:
        raise NotFound
    fields = await visit.fields()
    try:
        await _settle(visit, subject, act, fields)
    except RouterError as problem:
        return await _shown(visit, status=problem.status, problem=problem)
    return visit.go("/changes", done=act)


async def _settle(visit: Visit, subject: str, act: str, fields: dict[str, str]) -> None:
    if act == "break-glass":
        glass = forms.parse(fields, GlassGiven)
        await second_person.break_glass(visit.ctx, subject, visit.actor, glass.reason, glass.id)
        return
    seen = forms.parse(fields, ConfirmGiven).id
    if act == "confirm":
        await second_person.confirm(visit.ctx, subject, visit.actor, seen)
    else:
        await second_person.withdraw(visit.ctx, subject, visit.actor, seen)


async def _shown(visit: Visit, *, status: int = 200, done: str = "", problem: RouterError | None = None) -> Response:
    found = await second_person.shown(visit.ctx)
    if not visit.may("partner:write"):  # where alarms go is for those who may change it
        found = [one.model_copy(update={"changes": ()}) if one.subject == ALARM else one for one in found]
    return await visit.page("changes.html", status, waiting=found, done=done, problem=problem)
