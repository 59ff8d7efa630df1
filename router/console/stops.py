"""What narrows and what widens: what is stopped, and the changes that wait for a second person; and their forms."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.case.acts import SENDING
from router.casework.deliver import stops as stop
from router.casework.govern import embargoes, second_person
from router.casework.read.waits import waits
from router.console import forms
from router.console.access import allow
from router.console.choices import choices, partner_titles
from router.console.visit import Visit
from router.errors import NotFound, RouterError
from schemas.acts import StopGiven
from schemas.embargo import EmbargoEnds, EmbargoGiven, EmbargoKind, EmbargoRead, EmbargoSet
from schemas.proposal import ALARM, ConfirmGiven, GlassGiven

router = APIRouter()
_ACTS = {"stop": stop.stop, "lift": stop.lift}
#: What is done to a change that waits: confirmed, taken back, put in force for a day alone.
CHANGE_ACTS = ("confirm", "withdraw", "break-glass")


@router.get("/stops")
async def stops(visit: Annotated[Visit, allow("referral:read")], done: str = "") -> Response:
    """Return what is stopped now."""
    return await _shown(visit, done=done)


@router.post("/stops/{act}")
async def on_stops(visit: Annotated[Visit, allow("stop:act")], act: str) -> Response:
    """Stop something, or let it go on."""
    if act not in _ACTS:
        raise NotFound
    fields = await visit.fields()
    try:
        given = forms.parse(fields, StopGiven)
        if act in SENDING:
            visit.confirm_fresh()
        await _ACTS[act](visit.ctx, given.scope, visit.actor, given.reason)
    except RouterError as problem:
        return await _shown(visit, status=problem.status, problem=problem, typed=fields)
    return visit.go("/stops", done=act)


async def _shown(
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    problem: RouterError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    _, policy = await visit.ctx.governance.policy()
    known = await choices(visit.ctx)
    waiting = await waits(visit.ctx, {one.name for one in known.partners})
    return await visit.page(
        "stops.html",
        status,
        in_force=await stop.with_at_risk(visit.ctx),
        choices=known,
        waiting=[(one, waiting[one.name]) for one in known.partners if one.name in waiting],
        routes=[route.name for route in policy.routes],
        done=done,
        problem=problem,
        typed=typed or {},
    )


@router.get("/embargoes")
async def show_embargoes(visit: Annotated[Visit, allow("embargo:read")], done: str = "") -> Response:
    """Return what is under embargo: whom to ask, and until when."""
    return await _embargoes(visit, done=done)


@router.post("/embargoes")
async def set_embargo(visit: Annotated[Visit, allow("embargo:act")]) -> Response:
    """Set an embargo; the page that follows names what had left before it."""
    fields = await visit.fields()
    readers = tuple(name.strip() for name in fields.get("readers", "").split(",") if name.strip())
    try:
        plain = {name: value for name, value in forms.as_instant(fields, visit.ctx.zone).items() if name != "readers"}
        given = forms.parse(plain, EmbargoGiven).model_copy(update={"readers": readers})
        said = await embargoes.add(visit.ctx, given, visit.actor)
    except RouterError as problem:
        return await _embargoes(visit, status=problem.status, problem=problem, typed=fields)
    return await _embargoes(visit, done="embargo", said=said)


@router.post("/embargoes/{embargo_id}/read")
async def read_embargo(visit: Annotated[Visit, allow("embargo:read")], embargo_id: UUID) -> Response:
    """Return one in full, once and logged, to the few that it names."""
    await visit.fields()
    try:
        visit.confirm_fresh()
        return await _embargoes(visit, full=await embargoes.read(visit.ctx, str(embargo_id), visit.actor))
    except NotFound:
        raise
    except RouterError as problem:
        return await _embargoes(visit, status=problem.status, problem=problem)


@router.post("/embargoes/{embargo_id}/end")
async def end_embargo(visit: Annotated[Visit, allow("embargo:act")], embargo_id: UUID) -> Response:
    """Give it another end: a later one is in force at once, an earlier one waits for a second person."""
    fields = await visit.fields()
    try:
        until = forms.parse(forms.as_instant(fields, visit.ctx.zone), EmbargoEnds).until
        said = await embargoes.end(visit.ctx, str(embargo_id), until, visit.actor)
    except NotFound:
        raise
    except RouterError as problem:
        return await _embargoes(visit, status=problem.status, problem=problem)
    return visit.go("/embargoes", done="embargo-end" if said.proposed else "embargo-later")


async def _embargoes(
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    problem: RouterError | None = None,
    typed: Mapping[str, str] | None = None,
    said: EmbargoSet | None = None,
    full: EmbargoRead | None = None,
) -> Response:
    return await visit.page(
        "embargoes.html",
        status,
        in_force=await embargoes.listed(visit.ctx, visit.actor),
        kinds=tuple(EmbargoKind),
        titles=await partner_titles(visit.ctx),
        said=said,
        full=full,
        done=done,
        problem=problem,
        typed=typed or {},
    )


@router.get("/changes")
async def changes(visit: Annotated[Visit, allow("partner:read")], done: str = "") -> Response:
    """Return what waits, oldest first."""
    return await _changes(visit, done=done)


@router.post("/changes/{subject}/{act}")
async def settle(visit: Annotated[Visit, allow("partner:write")], subject: str, act: str) -> Response:
    """Confirm what another person proposed, take it back, or put it in force for a day alone."""
    if act not in CHANGE_ACTS:
        raise NotFound
    fields = await visit.fields()
    try:
        if act != "withdraw":
            visit.confirm_fresh()
        await _settle(visit, subject, act, fields)
    except RouterError as problem:
        return await _changes(visit, status=problem.status, problem=problem)
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


async def _changes(visit: Visit, *, status: int = 200, done: str = "", problem: RouterError | None = None) -> Response:
    found = await second_person.shown(visit.ctx)
    if not visit.may("partner:write"):  # where alarms go is for those who may change it
        found = [one.model_copy(update={"changes": ()}) if one.subject == ALARM else one for one in found]
    return await visit.page("changes.html", status, waiting=found, done=done, problem=problem)
