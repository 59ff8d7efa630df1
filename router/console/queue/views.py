"""Lists of the desk by name: kept from the list that one looks at, and forgotten there."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from router.casework.desk import views
from router.console import forms
from router.console.access import allow
from router.console.page import query
from router.console.visit import Visit
from schemas.pages import DeskWanted
from schemas.views import ViewGiven, ViewNamed

router = APIRouter()


@router.post("/views")
async def keep(visit: Annotated[Visit, allow("case:read")]) -> Response:
    """Keep the list of the desk that this form stands under. Raise BadInput, NotAllowed, Conflict."""
    fields = await visit.fields()
    wanted = forms.parse(dict(parse_qsl(fields.get("filter", ""))), DeskWanted)
    await views.keep(visit.ctx, forms.parse(fields, ViewGiven), wanted, visit.actor)
    return _back(wanted)


@router.post("/views/forget")
async def forget(visit: Annotated[Visit, allow("case:read")]) -> Response:
    """Forget a list; the desk stays narrowed as it was. Raise NotFound, NotAllowed."""
    fields = await visit.fields()
    wanted = forms.parse(dict(parse_qsl(fields.get("filter", ""))), DeskWanted)
    await views.forget(visit.ctx, forms.parse(fields, ViewNamed), visit.actor)
    return _back(wanted)


def _back(wanted: DeskWanted) -> Response:
    """Lead to the list again: what it is narrowed by stands in its address, and no location is among that."""
    narrowed = query(wanted)
    return RedirectResponse(f"/?{narrowed}" if narrowed else "/", 303)
