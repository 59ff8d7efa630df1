"""A router that was put back from a backup: whether it is, and that it works again once two people say so."""

from typing import Annotated

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern.paused import paused, said
from router.casework.govern.release import propose_release
from router.clock import moment
from schemas.actor import Actor
from schemas.governed import Published
from schemas.proposal import PausedView, ReleaseGiven

router = APIRouter(prefix="/v1/release", tags=["release"])


@router.get("", dependencies=[allow("ops:read")])
async def show(ctx: Ctx) -> PausedView:
    """Say whether this router waits for two people, and of which moment its store is."""
    waiting = await paused(ctx.store)
    if waiting is None:
        return PausedView(paused=False)
    text = await said(ctx.store, waiting)
    return PausedView(paused=True, point=moment(waiting.point), ledger=waiting.ledger, text=text)


@router.post("", openapi_extra=body.takes(ReleaseGiven))
async def propose(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("partner:write")]) -> Published:
    """Propose that it works again. Another person confirms it, as `proposals/release/confirm`."""
    given = await body.read(request, ReleaseGiven)
    return Published(version=0, proposed=(await propose_release(ctx, actor, given.reason),))
