"""Sources of reports: who may report to us, in which lane, and how much of it a partner gets in a day."""

from typing import Annotated

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern import sources, status_hook
from schemas.actor import Actor
from schemas.governed import Published
from schemas.pages import Whole
from schemas.source import SourceChange, SourceGiven, SourceView, StatusGiven
from schemas.word import Name

router = APIRouter(prefix="/v1/sources", tags=["sources"])
#: Who hands out sources' tokens says who they are.
MayWrite = Annotated[Actor, allow("token:write")]


class Sources(Whole[SourceView]):
    """All sources, by name."""


@router.get("", dependencies=[allow("ops:read")])
async def list_sources(ctx: Ctx) -> Sources:
    """Return all sources, with what counted today against the cap of each that has one."""
    return Sources.of(await sources.list_sources(ctx))


@router.post("", status_code=201, openapi_extra=body.takes(SourceGiven))
async def add(request: Request, ctx: Ctx, actor: MayWrite) -> SourceView:
    """Add a source; then make its token."""
    return await sources.add_source(ctx, await body.read(request, SourceGiven), actor)


@router.post("/{name}", openapi_extra=body.takes(SourceChange))
async def change(name: Name, request: Request, ctx: Ctx, actor: MayWrite) -> SourceView:
    """Change what is named of a source. A daily cap holds at once, the rest for reports that come from now on."""
    return await sources.change_source(ctx, name, await body.read(request, SourceChange), actor)


@router.post("/{name}/status", openapi_extra=body.takes(StatusGiven))
async def hook(name: Name, request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Propose where a source hears of its reports; another account confirms it. To take it away needs nobody else."""
    return await status_hook.change_hook(ctx, name, (await body.read(request, StatusGiven)).hook, actor)
