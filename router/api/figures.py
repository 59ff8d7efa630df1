"""Figures over a period for an audience, and the editions of them that were published."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern import editions
from router.casework.read.figures import counted
from router.figures.definitions import NEWEST
from router.figures.written import MEDIA_TYPE, as_csv
from schemas.actor import Actor
from schemas.pages import Page
from schemas.published import Audience, EditionGiven, EditionView, Figures, Period
from schemas.word import Name

router = APIRouter(prefix="/v1/figures", tags=["operation"])


class Format(StrEnum):
    """How figures are written."""

    JSON = "json"
    CSV = "csv"


class Editions(Page):
    """A page of what was published, the newest first."""

    items: tuple[EditionView, ...]


_AS_CSV: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}


@router.get("", dependencies=[allow("ops:read")], response_model=Figures, responses=_AS_CSV)
async def read(
    ctx: Ctx,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    audience: Annotated[Audience, Query(alias="for")] = Audience.INTERNAL,
    against: Annotated[int | None, Query(ge=1, le=9999)] = None,
    definitions: Annotated[Name, Query()] = NEWEST,
    format_: Annotated[Format, Query(alias="format")] = Format.JSON,
) -> Figures | Response:
    """Count the days from the first to the last, both counted in, beside the same days of another year."""
    said = await counted(ctx, audience, Period(first=first, last=last), against=against, version=definitions)
    return Response(as_csv(said), media_type=MEDIA_TYPE) if format_ is Format.CSV else said


@router.get("/editions", dependencies=[allow("ops:read")])
async def published(
    ctx: Ctx, cursor: UUID | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 1000
) -> Editions:
    """Return a page of what was published, the newest first, word for word."""
    found = await editions.editions(ctx, cursor=None if cursor is None else str(cursor), limit=limit)
    return Editions(items=tuple(found.items), total=found.total, next=found.next)


@router.post("/editions", openapi_extra=body.takes(EditionGiven), status_code=201)
async def publish(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("figures:publish")]) -> EditionView:
    """Count days that are past, and freeze what was counted; its digest goes into the audit chain."""
    return await editions.publish(ctx, await body.read(request, EditionGiven), actor)


@router.get("/editions/{edition_id}", dependencies=[allow("ops:read")])
async def one(edition_id: str, ctx: Ctx) -> EditionView:
    """Return one edition, word for word."""
    return await editions.edition(ctx, edition_id)
