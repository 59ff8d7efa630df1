"""What came to the desk since a page was shown, told while it is open: how many, and nothing of what.

One stream a session, so many in all, each for some minutes; a browser asks again by itself. It ends with the session,
and keeps none alive. Without it a link on the page looks again.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from router.casework.people import sessions
from router.casework.read.desk_page import page_of_desk
from router.casework.read.numbers import check_for_url
from router.console.access import COOKIE, allow_watching
from router.console.visit import Visit, address_of
from router.errors import NotSignedIn, RouterError
from router.store.engine import read_end
from schemas.pages import DeskWanted

router = APIRouter()
#: Streams of one process. Whoever comes then is told by nobody, and looks again by the link.
MOST: Final = 64
#: Seconds between two looks at least, and while nothing is committed; and how long one stream lasts.
_PAUSE, _QUIET, _LIFE = 3.0, 15.0, 600.0


@dataclass(slots=True)
class Streams:
    """Who is being told."""

    _ends: dict[bytes, asyncio.Event] = field(default_factory=dict)

    def begin(self, session: bytes) -> asyncio.Event | None:
        """Return what ends a new stream, or None where there are too many. One that the session has ends now."""
        before = self._ends.pop(session, None)
        if before is not None:
            before.set()
        if len(self._ends) >= MOST:
            return None
        self._ends[session] = asyncio.Event()
        return self._ends[session]

    def end(self, session: bytes, ends: asyncio.Event) -> None:
        """Forget a stream that is over."""
        if self._ends.get(session) is ends:
            del self._ends[session]


_streams: Final = Streams()


@router.get("/desk/news")
async def news(
    visit: Annotated[Visit, allow_watching("case:read")], wanted: Annotated[DeskWanted, Query()]
) -> Response:
    """Tell how many came to this list of the desk, again each time that it changes."""
    check_for_url(wanted.number)
    ends = _streams.begin(visit.session.digest)
    if ends is None:
        return Response(status_code=204)  # a browser asks no more after this
    return StreamingResponse(_told(visit, wanted, ends), media_type="text/event-stream")


async def _told(visit: Visit, wanted: DeskWanted, ends: asyncio.Event) -> AsyncIterator[str]:
    ctx, loop = visit.ctx, asyncio.get_running_loop()
    over, last = loop.time() + _LIFE, 0
    try:
        yield "retry: 5000\n\n"
        while not ends.is_set() and loop.time() < over:
            if not await _is_there(visit):
                break
            changes = partial(asyncio.sleep, _QUIET)
            with suppress(RouterError):  # a store that is away is looked at again
                changes = partial(ctx.store.wait_for_work, _QUIET, ctx.store.mark())
                found = await page_of_desk(ctx, wanted, None, 1, visit.actor)
                if found.total != last:
                    last = found.total
                    yield f"event: new\ndata: {last}\n\n"
            await asyncio.sleep(_PAUSE)
            await _first(ends.wait(), changes())
            yield ":\n\n"  # who hung up is noticed by writing
        if loop.time() < over:
            yield "event: over\ndata: 0\n\n"
    finally:
        _streams.end(visit.session.digest, ends)


async def _is_there(visit: Visit) -> bool:
    """Tell whether the session goes on: it may have been ended, or its account closed."""
    try:
        cookie = visit.request.cookies[COOKIE]
        session = await sessions.resume(visit.ctx, cookie, address_of(visit.request), used=False)
    except NotSignedIn:
        return False
    except RouterError:
        return True  # a store that is away says nothing of a session
    return session.actor.permissions >= visit.actor.permissions


async def _first(*waits: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.create_task(one) for one in waits]
    for task in tasks:
        task.add_done_callback(read_end)  # whether the store is away shows at the next look
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
