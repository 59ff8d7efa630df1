"""Alarms: whom they reach, whether each way works, and a test of all of them."""

from typing import Annotated

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.alarm.drill import drill
from router.casework.alarm.standing import standing
from router.casework.govern.alarm_change import put_alarm
from schemas.actor import Actor
from schemas.alarm import AlarmSettings, AlarmStanding, WaysTried, WayTried
from schemas.governed import Published

router = APIRouter(prefix="/v1/alarm", tags=["alarm"])
#: Who says whom alarms reach says where data go.
MayWrite = Annotated[Actor, allow("partner:write")]


@router.get("", dependencies=[allow("ops:read")])
async def show(ctx: Ctx) -> AlarmStanding:
    """Return whom alarms reach, by names that say no address, and which ways failed when last tried."""
    return await standing(ctx)


@router.post("", status_code=201, openapi_extra=body.takes(AlarmSettings))
async def replace(request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Propose other receivers, whole; a second person puts them in force."""
    return await put_alarm(ctx, await body.read(request, AlarmSettings), actor)


@router.post("/test")
async def test(ctx: Ctx, actor: MayWrite) -> WaysTried:
    """Tell every receiver of a test, and return whether each took it."""
    return WaysTried(items=tuple(WayTried(way=one.way, ok=one.ok, text=one.text) for one in await drill(ctx, actor)))
