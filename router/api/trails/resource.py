"""Trails of cases for a magistrate: asked for, listed, and taken by people once a second person has confirmed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern.trail import order
from schemas.actor import Actor
from schemas.trail import Papers, TrailGiven, Trails, TrailTaken, TrailView

router = APIRouter(prefix="/v1/trails", tags=["trails"])
MayAct = Annotated[Actor, allow("trail:act")]
#: A trail's id.
TrailId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


@router.get("", dependencies=[allow("trail:act")])
async def show(ctx: Ctx, cursor: TrailId | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 1000) -> Trails:
    """Return a page of the trails that were asked for, the newest first.

    Another person confirms one among the proposals.
    """
    return await order.listed(ctx, cursor=cursor, limit=limit)


@router.post("", status_code=201, openapi_extra=body.takes(TrailGiven))
async def ask(request: Request, ctx: Ctx, actor: MayAct) -> TrailView:
    """Ask for the trail of a case, by an order; it is made once another person confirms `trail:{id}`."""
    return await order.ask(ctx, await body.read(request, TrailGiven), actor)


@router.post("/{trail_id}/papers", openapi_extra=body.takes(TrailTaken))
async def take(trail_id: TrailId, request: Request, ctx: Ctx, actor: MayAct) -> Papers:
    """Return the signed papers, to be carried to the court; with the names of staff or without. Logged."""
    given = await body.read(request, TrailTaken)
    return await order.take(ctx, trail_id, actor, names=given.names)
