"""Trails for a magistrate: asked for with the order's reference, confirmed by another person, taken as one ZIP file."""

import io
from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Annotated, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.govern import second_person
from router.casework.govern.trail import order
from router.console import forms
from router.console.access import allow
from router.console.language import LANGUAGES
from router.console.visit import Visit
from router.errors import RouterError
from schemas.proposal import ConfirmGiven
from schemas.trail import TRAIL, Paper, TrailGiven

router = APIRouter()
#: The date of every file in the ZIP, so that the same papers are the same file: the earliest that the format knows.
_NO_DATE: Final = (1980, 1, 1, 0, 0, 0)


@router.get("/trails")
async def trails(
    visit: Annotated[Visit, allow("trail:act")], done: str = "", case: str = "", after: UUID | None = None
) -> Response:
    """Return a page of what was asked for; `case` fills in the form, `after` is where the last page ended."""
    return await _shown(visit, done=done, typed={"case": case}, after=after)


@router.post("/trails")
async def ask(visit: Annotated[Visit, allow("trail:act")]) -> Response:
    """Ask for the trail of a case."""
    fields = await visit.fields()
    try:
        await order.ask(visit.ctx, forms.parse(fields, TrailGiven), visit.actor)
    except RouterError as problem:
        return await _shown(visit, status=problem.status, problem=problem, typed=fields)
    return visit.go("/trails", done="trail-asked")


@router.post("/trails/{trail_id}/confirm")
async def confirm(visit: Annotated[Visit, allow("trail:act")], trail_id: UUID) -> Response:
    """Confirm what another person asked for: it is made and signed."""
    fields = await visit.fields()
    try:
        visit.confirm_fresh()
        seen = forms.parse(fields, ConfirmGiven).id
        await second_person.confirm(visit.ctx, f"{TRAIL}{trail_id}", visit.actor, seen)
    except RouterError as problem:
        return await _shown(visit, status=problem.status, problem=problem)
    return visit.go("/trails", done="trail-made")


@router.post("/trails/{trail_id}/take")
async def take(visit: Annotated[Visit, allow("trail:act")], trail_id: UUID) -> Response:
    """Return the signed papers as one file, with the names of staff or without."""
    fields = await visit.fields()
    try:
        visit.confirm_fresh()
        papers = await order.take(visit.ctx, str(trail_id), visit.actor, names=fields.get("names") == "true")
    except RouterError as problem:
        return await _shown(visit, status=problem.status, problem=problem)
    headers = {"content-disposition": f'attachment; filename="trail-{trail_id}.zip"'}
    return Response(zipped(papers.files), media_type="application/zip", headers=headers)


def zipped(files: Iterable[Paper]) -> bytes:
    """Return files as one ZIP file, the same bytes for the same files."""
    into = io.BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as whole:
        for one in files:
            whole.writestr(ZipInfo(one.name, _NO_DATE), b64decode(one.content), ZIP_DEFLATED)
    return into.getvalue()


async def _shown(
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    problem: RouterError | None = None,
    typed: Mapping[str, str] | None = None,
    after: UUID | None = None,
) -> Response:
    return await visit.page(
        "trails.html",
        status,
        found=await order.listed(visit.ctx, cursor=None if after is None else str(after)),
        languages=LANGUAGES,
        done=done,
        problem=problem,
        typed=typed or {},
    )
