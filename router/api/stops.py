"""Halt everything, one partner or one route, and let it go on."""

from typing import Annotated

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.deliver import stops
from schemas.actor import Actor
from schemas.acts import StopGiven, StopView
from schemas.pages import Whole

router = APIRouter(prefix="/v1/stop", tags=["stop"])


class Stops(Whole[StopView]):
    """What is halted, oldest first."""


@router.get("", dependencies=[allow("referral:read")])
async def list_stops(ctx: Ctx) -> Stops:
    """Return what is halted, by whom and why."""
    found = await stops.with_at_risk(ctx)
    return Stops.of(StopView(scope=s.scope, since=s.since, by=s.by, reason=s.reason, at_risk=s.at_risk) for s in found)


@router.post("", status_code=204, openapi_extra=body.takes(StopGiven))
async def halt(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("stop:act")]) -> None:
    """Halt `all` (but police), `partner:NAME` or `route:NAME`: nothing of it is sent until it is lifted."""
    given = await body.read(request, StopGiven)
    await stops.stop(ctx, given.scope, actor, given.reason)


@router.post("/lift", status_code=204, openapi_extra=body.takes(StopGiven))
async def lift(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("stop:act")]) -> None:
    """Let what was halted go on."""
    given = await body.read(request, StopGiven)
    await stops.lift(ctx, given.scope, actor, given.reason)
