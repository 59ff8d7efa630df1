"""The partner directory: who may receive, replacing it as a whole, and reaching partners to see whether they answer."""

from typing import Annotated, Final

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern import partner_check, versions
from schemas.actor import Actor
from schemas.governed import CheckedView, CheckGiven, Published
from schemas.partner import Directory
from schemas.word import Word

router = APIRouter(prefix="/v1/partners", tags=["partners"])
#: Bytes of a directory: twenty times the shipped one.
LIMIT: Final = 2 * 1024 * 1024
MayWrite = Annotated[Actor, allow("partner:write")]


class CheckedPartners(Word):
    """What the check found."""

    items: tuple[CheckedView, ...]


@router.get("", dependencies=[allow("partner:read")])
async def read(ctx: Ctx) -> Directory:
    """Return the directory in force. Secrets are not in it; it names them only."""
    return await ctx.governance.directory()


@router.post("", openapi_extra=body.takes(Directory))
async def replace(request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Put a directory in force, whole."""
    given = await body.read(request, Directory, limit=LIMIT)
    return Published(version=await versions.import_directory(ctx.store, ctx.clock, given, actor))


@router.post("/check", openapi_extra=body.takes(CheckGiven))
async def check(request: Request, ctx: Ctx, actor: MayWrite) -> CheckedPartners:
    """Reach one partner, or all that are enabled, without sending anything about a case."""
    given = await body.read(request, CheckGiven)
    found = await partner_check.check_partners(ctx, actor, given.partner)
    return CheckedPartners(items=tuple(CheckedView(partner=o.partner, ok=o.ok, text=o.text) for o in found))
