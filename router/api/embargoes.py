"""Embargoes: set, listed, read by the few that they name, and given another end."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern import embargoes
from schemas.actor import Actor
from schemas.embargo import EmbargoEnded, EmbargoEnds, EmbargoGiven, EmbargoRead, EmbargoSet, EmbargoView
from schemas.pages import Whole

router = APIRouter(prefix="/v1/embargoes", tags=["embargoes"])
MaySet = Annotated[Actor, allow("embargo:act")]
MayRead = Annotated[Actor, allow("embargo:read")]
#: An embargo's id.
EmbargoId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


class Embargoes(Whole[EmbargoView]):
    """What is under embargo, the newest first; not what each one names."""


@router.get("")
async def show(ctx: Ctx, actor: MayRead, *, ended: Annotated[bool, Query()] = False) -> Embargoes:
    """Return the embargoes in force: whom to ask, and until when; with `ended` those that are over too."""
    return Embargoes.of(await embargoes.listed(ctx, actor, ended=ended))


@router.post("", status_code=201, openapi_extra=body.takes(EmbargoGiven))
async def add(request: Request, ctx: Ctx, actor: MaySet) -> EmbargoSet:
    """Set an embargo; it is in force with this answer, which names what had left before it."""
    return await embargoes.add(ctx, await body.read(request, EmbargoGiven), actor)


@router.get("/{embargo_id}")
async def read(embargo_id: EmbargoId, ctx: Ctx, actor: MayRead) -> EmbargoRead:
    """Return one in full, for the few that it names. Logged in the audit chain."""
    return await embargoes.read(ctx, embargo_id, actor)


@router.post("/{embargo_id}/end", openapi_extra=body.takes(EmbargoEnds))
async def end(embargo_id: EmbargoId, request: Request, ctx: Ctx, actor: MaySet) -> EmbargoEnded:
    """Give it another end: a later one is in force at once, an earlier one once a second person confirms it."""
    return await embargoes.end(ctx, embargo_id, (await body.read(request, EmbargoEnds)).until, actor)
