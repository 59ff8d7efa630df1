"""Where is it hosted? The same answer, line by line, as `locate --json`. Nothing is kept.

Whoever asks could learn from the time of an answer which hosts others reported: what was looked up a moment ago is
known. So these questions have caches of their own, and are answered on whole steps of a clock, which hides what our
name servers remember as well. How much one caller may ask is bounded, because each question asks others in our name.
"""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.case.gate import HeldBack, check_may_ask
from router.casework.context import Context
from router.errors import BadInput, RouterError, TooOften
from router.hosting.location.url import read
from router.hosting.pace import Pace
from schemas.actor import Actor
from schemas.acts import LocateGiven
from schemas.trace import TraceError, TraceLine
from schemas.word import Word

router = APIRouter(prefix="/v1/locate", tags=["locate"])
#: Bytes of one request: a hundred of the longest locations.
LIMIT: Final = 1024 * 1024
#: Locations a second that one caller may ask about, and how many at once.
PER_SECOND: Final = 2.0
AT_ONCE: Final = 200
#: Seconds on whose multiples an answer that asked others is given.
STEP: Final = 0.5


class Located(Word):
    """The answers, in the order of the inputs."""

    items: tuple[TraceLine, ...]


@dataclass(slots=True)
class Asking:
    """How much each caller may still ask now. `now` gives seconds."""

    now: Callable[[], float] = time.monotonic
    _of: dict[str, Pace] = field(default_factory=dict)

    def take(self, caller: str, count: int) -> None:
        """Count so many questions. Raise TooOften when they are too many for now."""
        pace = self._of.setdefault(caller, Pace(PER_SECOND, AT_ONCE, self.now))
        for _ in range(count):
            if not pace.may_ask():
                raise TooOften("So many locations cannot be asked about at once; ask again later.", retry_after=60)


@router.post("", openapi_extra=body.takes(LocateGiven))
async def locate(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("locate")]) -> Located:
    """Return a verdict with its evidence for up to a hundred locations; one that cannot be read gets its error."""
    given = await body.read(request, LocateGiven, limit=LIMIT)
    asking: Asking = request.app.state.asking
    asking.take(actor.id, len(given.inputs))
    started = time.monotonic()
    lines = await asyncio.gather(*(_line(ctx, text, actor, offline=given.offline) for text in given.inputs))
    if not given.offline:
        spent = time.monotonic() - started
        await asyncio.sleep(math.ceil(spent / STEP) * STEP - spent)
    return Located(items=tuple(lines))


async def _line(ctx: Context, text: str, actor: Actor, *, offline: bool) -> TraceLine:
    tracer = ctx.locator or ctx.tracer
    try:
        locator = read(text)
        if not offline:
            await check_may_ask(ctx, locator, actor)
        trace = tracer.offline(locator) if offline else await tracer.trace(locator)
    except RouterError as error:
        code = error.reason if isinstance(error, BadInput | HeldBack) else error.code
        return TraceLine(input=text, host=None, verdict=None, error=TraceError(code=code, text=error.message))
    return TraceLine(
        input=text, host=trace.host, verdict=trace.verdict, names=trace.names, addresses=trace.addresses, error=None
    )
