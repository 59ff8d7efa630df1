"""The sheet that is given to a new partner: one page to print, and its signed files to hand over."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.govern.partners import sheet as made
from router.console.access import allow
from router.console.partners.words import NEVER
from router.console.trail.page import zipped
from router.console.visit import Visit

router = APIRouter()


@router.get("/sheet")
async def sheet(visit: Annotated[Visit, allow("partner:read")]) -> Response:
    """Return the page, made from the settings in force."""
    found = await made.sheet(visit.ctx)
    commands = [made.VERIFY.format(name=name) for name in ("sheet.json", "sheet.txt")]
    return await visit.page("sheet.html", one=found.sheet, never=NEVER, commands=commands, fingerprint=made.FINGERPRINT)


@router.get("/sheet/files")
async def files(visit: Annotated[Visit, allow("partner:read")]) -> Response:
    """Return the files with their signatures, as one."""
    found = await made.sheet(visit.ctx)
    headers = {"content-disposition": f'attachment; filename="{found.sheet.house}-sheet.zip"'}
    return Response(zipped(found.files), media_type="application/zip", headers=headers)
