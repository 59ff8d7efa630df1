"""One attempt: a call to a partner, tried again only while nothing has left, and always ending in an outcome each.

tenacity repeats a *call* inside the attempt when no connection could be made; the store repeats a *delivery*. This
function never raises: what nobody foresaw may have happened after the first byte left, so it is `Unknown`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_random_exponential

from router.errors import BadInput, EgressRefused, NoAnswer, NotSent
from router.guard.log import get_log
from router.partners.answers import MENDING, classify
from router.partners.base import Deferred, Dialect, Envelope, Outcome, Reason, Refused, Unknown
from schemas.partner import Partner

#: Calls in one attempt when no connection can be made: a hiccup of DNS or a restart is over in a second or two.
CALLS: Final = 3
#: First and longest pause between them, in seconds.
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 2.0
#: Seconds after which the attempt ends even when the dialect does not keep its deadline.
GRACE: Final = 1.0
#: A wrong certificate or cipher does not become right by asking again.
_PASSING: Final = frozenset({"dns", "connect", "timeout"})
#: `classify` needs the time only to read a header, and here there is none.
_ANY_TIME: Final = datetime.fromtimestamp(0, UTC)

UNEXPECTED: Final = Unknown(
    Reason.UNEXPECTED, "Something failed on our side while it was sent; ask the partner whether it has it."
)
#: Of what may not leave any more: it is judged anew, soon.
STAYS: Final = Deferred(Reason.UNEXPECTED, "It was held before it left.", MENDING, counted=False)
_NO_ANSWER: Final = Unknown(
    Reason.NO_ANSWER, "It was sent, but no complete answer came; the partner may or may not have it."
)


class _StaysHere(Exception):
    """It may not leave any more: no call was made."""


Still = Callable[[], Awaitable[bool]]


async def _always() -> bool:
    return True


async def attempt(
    dialect: Dialect, partner: Partner, envelopes: Sequence[Envelope], deadline: float, still: Still = _always
) -> list[Outcome]:
    """Return one outcome for each envelope, in order, within `deadline` seconds. Raises only when cancelled.

    `still` is asked before every call but the first, which whoever calls this has judged a moment ago: whether all of
    it may still leave.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + deadline
    try:
        async with asyncio.timeout_at(until + GRACE):
            outcomes = await _call(dialect, partner, envelopes, (until, still))
    except _StaysHere:
        return [STAYS] * len(envelopes)
    except Exception as error:  # noqa: BLE001 - the promise above: whatever happens, the referral stays visible
        return [meaning(error, partner)] * len(envelopes)
    if len(outcomes) != len(envelopes):
        return [UNEXPECTED] * len(envelopes)
    if len(envelopes) > 1 and all(_is_too_large(outcome) for outcome in outcomes):
        return await _in_halves(dialect, partner, envelopes, (until - loop.time(), still))
    return outcomes


async def _call(
    dialect: Dialect, partner: Partner, envelopes: Sequence[Envelope], limits: tuple[float, Still]
) -> list[Outcome]:
    """Make the call. What repeats it is only set up once it could not be made: that costs as much as a small call."""
    until, still = limits
    loop = asyncio.get_running_loop()
    try:
        return await dialect.send(partner, envelopes, deadline=until - loop.time())
    except NotSent as error:
        pause = random.uniform(0, FIRST_PAUSE)  # noqa: S311 - spreads, hides nothing
        if not _is_passing(error) or loop.time() + pause >= until:
            raise
    await asyncio.sleep(pause)
    calls = AsyncRetrying(
        retry=retry_if_exception(_is_passing),
        stop=stop_after_attempt(CALLS - 1) | stop_before_delay(max(until - loop.time(), 0.0)),
        wait=wait_random_exponential(2 * FIRST_PAUSE, LONGEST_PAUSE),
        reraise=True,
    )
    async for call in calls:
        if not await still():
            raise _StaysHere
        with call:
            return await dialect.send(partner, envelopes, deadline=until - loop.time())
    raise NotSent  # pragma: no cover - tenacity either returns or re-raises


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, NotSent) and error.reason in _PASSING


async def _in_halves(
    dialect: Dialect, partner: Partner, envelopes: Sequence[Envelope], limits: tuple[float, Still]
) -> list[Outcome]:
    """Send a batch that was too large in two (413); a single one that is too large stays refused, for people."""
    seconds, still = limits
    if not await still():
        return [STAYS] * len(envelopes)
    half = len(envelopes) // 2
    begun = asyncio.get_running_loop().time()
    first = await attempt(dialect, partner, envelopes[:half], seconds, still)
    left = seconds - (asyncio.get_running_loop().time() - begun)
    if not await still():
        return [*first, *[STAYS] * (len(envelopes) - half)]
    return first + await attempt(dialect, partner, envelopes[half:], left, still)


def meaning(error: Exception, partner: Partner) -> Deferred | Refused | Unknown:
    """Say what an error of the whole call means for each referral in it."""
    match error:
        case NotSent(reason="certificate" | "tls"):
            return Deferred(Reason.INSECURE, error.message)
        case NotSent():
            return Deferred(Reason.UNREACHABLE, error.message)
        case EgressRefused():
            return Deferred(Reason.GUARD_REFUSED, error.message, MENDING, counted=False)
        case BadInput():
            return Deferred(Reason.MISCONFIGURED, error.message, MENDING, counted=False)
        case NoAnswer():
            return _unanswered(error.http_status)
        case _:
            get_log("delivery").error("attempt_failed", partner=partner.name, exc_info=error)
            return UNEXPECTED


def _unanswered(http_status: int | None) -> Deferred | Refused | Unknown:
    """Use the status line when at least that much came: a no stays a no, whatever became of its text."""
    said = None if http_status is None else classify(http_status, {}, _ANY_TIME)
    return said or _NO_ANSWER


def _is_too_large(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.reason is Reason.TOO_LARGE
