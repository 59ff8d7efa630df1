"""How many of the desk each choice of its filter leaves; and the lists of it that people keep by name."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.desk import views
from router.casework.read import counts
from router.casework.read.numbers import check_for_url
from schemas.actor import Actor
from schemas.pages import DeskWanted, Whole
from schemas.views import DeskCounts, DeskView, ViewGiven, ViewKept, ViewNamed

router = APIRouter(prefix="/v1/desk", tags=["cases"])
MayRead = Annotated[Actor, allow("case:read")]


class Views(Whole[DeskView]):
    """The caller's lists by name, then those of the house."""


@router.get("/counts", dependencies=[allow("case:read")])
async def count(ctx: Ctx, wanted: Annotated[DeskWanted, Query()]) -> DeskCounts:
    """Return how many the list would have by each other choice; nothing where that is not cheap to know."""
    check_for_url(wanted.number)
    return await counts.counts(ctx, wanted)


@router.get("/views")
async def kept(ctx: Ctx, actor: MayRead) -> Views:
    """Return the lists that are kept, each with how many it has now."""
    return Views.of(await counts.counted(ctx, await views.views(ctx, actor), actor))


@router.post("/views", status_code=204, openapi_extra=body.takes(ViewKept))
async def keep(request: Request, ctx: Ctx, actor: MayRead) -> None:
    """Keep a list by name; the same name again replaces it. One that is shared is a supervisor's to keep."""
    given = await body.read(request, ViewKept)
    await views.keep(ctx, ViewGiven(name=given.name, shared=given.shared), given.wanted, actor)


@router.post("/views/forget", status_code=204, openapi_extra=body.takes(ViewNamed))
async def forget(request: Request, ctx: Ctx, actor: MayRead) -> None:
    """Forget a list."""
    await views.forget(ctx, await body.read(request, ViewNamed), actor)
