"""Where is it hosted? The same answer, line by line, as `locate --json`. Nothing is kept."""

import asyncio
from typing import Final

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.context import Context
from router.errors import BadInput, RouterError
from router.hosting.location.url import read
from schemas.acts import LocateGiven
from schemas.trace import TraceError, TraceLine
from schemas.word import Word

router = APIRouter(prefix="/v1/locate", tags=["locate"])
#: Bytes of one request: a hundred of the longest locations.
LIMIT: Final = 1024 * 1024


class Located(Word):
    """The answers, in the order of the inputs."""

    items: tuple[TraceLine, ...]


@router.post("", dependencies=[allow("locate")], openapi_extra=body.takes(LocateGiven))
async def locate(request: Request, ctx: Ctx) -> Located:
    """Return a verdict with its evidence for up to a hundred locations; one that cannot be read gets its error."""
    given = await body.read(request, LocateGiven, limit=LIMIT)
    lines = await asyncio.gather(*(_line(ctx, text, offline=given.offline) for text in given.inputs))
    return Located(items=tuple(lines))


async def _line(ctx: Context, text: str, *, offline: bool) -> TraceLine:
    try:
        locator = read(text)
        trace = ctx.tracer.offline(locator) if offline else await ctx.tracer.trace(locator)
    except RouterError as error:
        code = error.reason if isinstance(error, BadInput) else error.code
        return TraceLine(input=text, host=None, verdict=None, error=TraceError(code=code, text=error.message))
    return TraceLine(
        input=text, host=trace.host, verdict=trace.verdict, names=trace.names, addresses=trace.addresses, error=None
    )
