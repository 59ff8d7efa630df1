"""The audit: what happened, newest first, and whether the chain is whole. Codes and counts, never a location."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.read.audit_log import ChainChecked, checked, trail
from router.console.access import allow
from router.console.visit import Visit

router = APIRouter()


@router.get("/audit")
async def audit(visit: Annotated[Visit, allow("audit:read")], after: str = "") -> Response:
    """Return a page of the chain. `after` is where the last page ended."""
    return await _shown(visit, after)


@router.post("/audit")
async def verify(visit: Annotated[Visit, allow("audit:read")]) -> Response:
    """Read the whole chain back and say what was found. A form, because it reads every entry there is."""
    await visit.fields()
    return await _shown(visit, found=await checked(visit.ctx))


async def _shown(visit: Visit, after: str = "", found: ChainChecked | None = None) -> Response:
    entries, following = await trail(visit.ctx, cursor=after or None)
    return await visit.page("audit.html", entries=entries, following=following, found=found)
