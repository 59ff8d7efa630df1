"""Requests of people about themselves: opened by one, agreed to by another, searched by the officer alone."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern import request_search, requests
from schemas.actor import Actor
from schemas.pages import Page
from schemas.requests import Found, RequestCloses, RequestExtends, RequestGiven, RequestRead, RequestView

router = APIRouter(prefix="/v1/requests", tags=["requests"])
May = Annotated[Actor, allow("request:act")]
MaySearch = Annotated[Actor, allow("request:search")]
Cursor = Annotated[str, StringConstraints(pattern=requests.CURSOR)]
RequestId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


class Requests(Page):
    """A page of the register, what is due first on top."""

    items: tuple[RequestView, ...]


@router.get("", dependencies=[allow("request:read")])
async def show(
    ctx: Ctx,
    *,
    closed: Annotated[bool, Query()] = False,
    cursor: Cursor | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> Requests:
    """Return a page of the open requests and by when each is to be answered; with `closed` the closed ones too."""
    found = await requests.listed(ctx, closed=closed, cursor=cursor, limit=limit)
    return Requests(items=tuple(found.items), total=found.total, next=found.next)


@router.post("", status_code=201, openapi_extra=body.takes(RequestGiven))
async def add(request: Request, ctx: Ctx, actor: May) -> RequestView:
    """Open a request. Its clock runs from the day on which it was received."""
    return await requests.add(ctx, await body.read(request, RequestGiven), actor)


@router.get("/{request_id}")
async def read(request_id: RequestId, ctx: Ctx, actor: May) -> RequestRead:
    """Return one in full: who asked, and about what. Logged in the audit chain."""
    return await requests.read(ctx, request_id, actor)


@router.post("/{request_id}/agree")
async def agree(request_id: RequestId, ctx: Ctx, actor: May) -> RequestView:
    """Agree, as a second person, that it is searched."""
    return await requests.agree(ctx, request_id, actor)


@router.post("/{request_id}/search")
async def search(request_id: RequestId, ctx: Ctx, actor: MaySearch) -> Found:
    """Return the cases that its terms find, each marked. Logged in the audit chain, without what was found."""
    return await request_search.search(ctx, request_id, actor)


@router.post("/{request_id}/extend", openapi_extra=body.takes(RequestExtends))
async def extend(request_id: RequestId, request: Request, ctx: Ctx, actor: May) -> RequestView:
    """Extend its time by two months, once, while the first one lasts."""
    return await requests.extend(ctx, request_id, await body.read(request, RequestExtends), actor)


@router.post("/{request_id}/close", openapi_extra=body.takes(RequestCloses))
async def close(request_id: RequestId, request: Request, ctx: Ctx, actor: May) -> RequestView:
    """Close it: people have answered whoever asked."""
    return await requests.close(ctx, request_id, await body.read(request, RequestCloses), actor)
