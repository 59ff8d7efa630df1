"""Viewing sessions: a list taken from the desk to a closed room, what was seen there, and how it ended."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.desk.viewing import ended, listed
from router.casework.desk.viewing.results import bring
from router.casework.desk.viewing.taken import take
from schemas.actor import Actor
from schemas.viewing import (
    LineAnswers,
    LostSaid,
    Results,
    SessionName,
    SessionPlace,
    ViewingAsked,
    ViewingFile,
    ViewingMade,
    Viewings,
)

router = APIRouter(prefix="/v1/viewings", tags=["viewings"])
MayAct = Annotated[Actor, allow("desk:act")]
#: Bytes of a table that comes back, as JSON.
_TABLE: Final = 1024 * 1024


@router.get("", dependencies=[allow("case:read")])
async def sessions(
    ctx: Ctx, cursor: SessionPlace | None = None, limit: Annotated[int, Query(ge=1, le=500)] = listed.PAGE
) -> Viewings:
    """Return a page of the sessions: those that are open first, then those that ended, the newest first of each."""
    return await listed.sessions(ctx, cursor=cursor, limit=limit)


@router.post("", status_code=201, openapi_extra=body.takes(ViewingAsked))
async def begin(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("case:reveal")]) -> ViewingMade:
    """Take a list of the desk to look at. Its file is encrypted to the room's key, and is given here only.

    Each location in it is revealed to the caller: logged, counted, and theirs until the session's time is over. What
    may not be is named in `left_out`. With `on_screen` there is no file, and nothing is revealed by it.
    """
    return await take(ctx, await body.read(request, ViewingAsked), actor)


@router.post("/results", openapi_extra=body.takes(Results))
async def results(request: Request, ctx: Ctx, actor: MayAct) -> LineAnswers:
    """Do what a table says that came back, row by row, as it would be done on the console. Twice does nothing twice."""
    return await bring(ctx, (await body.read(request, Results, limit=_TABLE)).table, actor)


@router.get("/{name}", dependencies=[allow("case:read")])
async def session(name: SessionName, ctx: Ctx) -> ViewingFile:
    """Return a session with what is in it, by dossier number."""
    return await listed.session(ctx, name)


@router.post("/{name}/close")
async def close(name: SessionName, ctx: Ctx, actor: MayAct) -> ViewingFile:
    """Give back what has no result."""
    return await ended.close(ctx, name, actor)


@router.post("/{name}/lost", openapi_extra=body.takes(LostSaid))
async def lost(name: SessionName, request: Request, ctx: Ctx, actor: MayAct) -> ViewingFile:
    """Say that a session's file, or what was made of it, is lost: an incident. Returns what was in it."""
    return await ended.lost(ctx, name, actor, (await body.read(request, LostSaid)).reason)
