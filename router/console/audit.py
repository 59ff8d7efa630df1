"""The audit: what happened, newest first, how the chain stands, and who revealed what. Codes, never a location."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from router.casework.read.audit import state as audit_state
from router.casework.read.audit_log import EVERYTHING, ChainChecked, checked, counted, newest_root, trail
from router.console import forms
from router.console.access import allow
from router.console.choices import partner_titles
from router.console.visit import Visit
from router.errors import RouterError
from schemas.audit import EntriesWanted, RevealsWanted

router = APIRouter()


@router.get("/audit")
async def audit(visit: Annotated[Visit, allow("audit:read")], request: Request, after: str = "") -> Response:
    """Return a page of the chain; a day or a case in the address narrows it. `after` is where the last page ended."""
    given = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    return await _shown(visit, after, asked=forms.parse(given, EntriesWanted))


@router.post("/audit")
async def verify(visit: Annotated[Visit, allow("audit:read")]) -> Response:
    """Read the whole chain back and say what was found. A form, because it reads every entry there is."""
    await visit.fields()
    found = await checked(visit.ctx)
    await audit_state.note_verified(visit.ctx, found, visit.actor)
    return await _shown(visit, found=found)


@router.post("/audit/root")
async def root(visit: Annotated[Visit, allow("audit:read")]) -> Response:
    """Return the newest signed root as a file, to be kept where whoever runs the router does not write."""
    await visit.fields()
    try:
        newest = await newest_root(visit.ctx)
    except RouterError as problem:
        return await _shown(visit, problem=problem)
    headers = {"content-disposition": f'attachment; filename="audit-root-{newest["number"]}.json"'}
    return Response(orjson.dumps(newest) + b"\n", media_type="application/json", headers=headers)


@router.get("/audit/reveals")
async def reveals(visit: Annotated[Visit, allow("audit:read")], request: Request, after: str = "") -> Response:
    """Return who revealed what; a person, a day or a case in the address narrows it. Raise BadInput."""
    given = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    return await _reveals(visit, forms.parse(given, RevealsWanted), after, own=False)


@router.get("/me/reveals")
async def own_reveals(visit: Annotated[Visit, allow("token:own")], after: str = "") -> Response:
    """Return what the person revealed themselves."""
    return await _reveals(visit, RevealsWanted(person=visit.session.account.name), after, own=True)


async def _reveals(visit: Visit, asked: RevealsWanted, after: str, *, own: bool) -> Response:
    entries, following = await audit_state.reveals(visit.ctx, asked, cursor=after or None)
    more = {} if own else asked.model_dump(mode="json", exclude_none=True)
    return await visit.page("reveals.html", entries=entries, following=following, asked=asked, own=own, more=more)


async def _shown(
    visit: Visit,
    after: str = "",
    found: ChainChecked | None = None,
    problem: RouterError | None = None,
    asked: EntriesWanted = EVERYTHING,
) -> Response:
    entries, following = await trail(visit.ctx, asked, cursor=after or None)
    total, more = await counted(visit.ctx, asked)
    return await visit.page(
        "audit.html",
        200 if problem is None else problem.status,
        entries=entries,
        following=following,
        asked=asked,
        listed={"total": total, "more": more},
        found=found,
        problem=problem,
        state=await audit_state.chain_state(visit.ctx),
        titles=await partner_titles(visit.ctx),
    )
