"""Who may see locations until when, and what somebody who left could know."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.people import exposure, farewell, mandates
from schemas.actor import Actor
from schemas.pages import Whole
from schemas.people import ExposureDay, FarewellView, MandateGiven, MandateView
from schemas.word import Name, Word

router = APIRouter(prefix="/v1", tags=["accounts"])
MayGive = Annotated[Actor, allow("mandate:give")]


class Exposure(Word):
    """How often people looked: by name and day."""

    items: tuple[ExposureDay, ...]


class Mandates(Whole[MandateView]):
    """All mandates: by account, the newest first."""


class Farewells(Whole[FarewellView]):
    """What those who left could know, by account."""


@router.get("/mandates", dependencies=[allow("people:act")])
async def list_mandates(ctx: Ctx) -> Mandates:
    """Return all mandates, those that are over too."""
    return Mandates.of(await mandates.all_mandates(ctx))


@router.post("/accounts/{name}/mandate", status_code=201, openapi_extra=body.takes(MandateGiven))
async def give(name: Name, request: Request, ctx: Ctx, actor: MayGive) -> MandateView:
    """Let a person see locations until the end of a day. Nobody gives it to themselves."""
    return await mandates.give(ctx, name, await body.read(request, MandateGiven), actor)


@router.post("/mandates/{mandate_id}/end", status_code=204)
async def end(mandate_id: UUID, ctx: Ctx, actor: MayGive) -> None:
    """End a mandate now."""
    await mandates.end(ctx, str(mandate_id), actor)


@router.get("/farewells", dependencies=[allow("people:act")])
async def list_farewells(ctx: Ctx) -> Farewells:
    """Return what those whose accounts were closed could know, and who saw to it."""
    return Farewells.of(await farewell.farewells_of(ctx))


@router.post("/farewells/{farewell_id}/done", status_code=204)
async def tick_off(farewell_id: UUID, ctx: Ctx, actor: Annotated[Actor, allow("people:act")]) -> None:
    """Say that it was seen to: another person than who closed the account."""
    await farewell.tick_off(ctx, str(farewell_id), actor)


@router.get("/exposure", dependencies=[allow("exposure:read")])
async def of_all(ctx: Ctx) -> Exposure:
    """Return how often each person looked in the last days, by name and day. For the wellbeing lead."""
    return Exposure(items=tuple(await exposure.exposure(ctx)))


@router.get("/exposure/mine")
async def of_mine(ctx: Ctx, actor: Annotated[Actor, allow("token:own")]) -> Exposure:
    """Return how often one looked oneself."""
    return Exposure(items=tuple(await exposure.exposure(ctx, actor.account or "")))
