"""Ask a CDN where the host behind its edge stands: Cloudflare's origin look-up for trusted reporters.

Off until an operator has an agreement with Cloudflare and configures its credentials. It tells Cloudflare which host is
looked at, and nothing else: no owner is notified by a look-up, and no option here would do so. The desk has the task
"ask the CDN for the origin" meanwhile, and keeps it whenever no origin is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode

import orjson

from router.clock import Clock
from router.errors import BadInput, EgressRefused, NoAnswer, NotSent
from router.guard.addresses import is_public
from router.guard.retry_after import retry_after
from router.guard.target import Purpose
from router.hosting.fetch import Fetch
from router.hosting.pace import Pace
from schemas.trace import Ip, Trace

#: The address of the look-up, as trusted organisations are given it (their integration guide).
BASE: Final = "https://trust.cloudflare.com/investigation/v1/"
_DEADLINE: Final = 10.0
_CAP: Final = 65_536
_MOST_ADDRESSES: Final = 64


class OriginOutcome(StrEnum):
    """How a look-up ended. Each leads somewhere else: a new trace, the edge's own address, later, or the desk."""

    FOUND = "found"  #: the origin's addresses
    NOT_BEHIND = "not_behind"  #: the host does not use this CDN (any more): its addresses are its own
    UNKNOWN = "unknown"  #: it does, and no origin was named
    QUOTA = "quota"  #: the day's quota is used up: ask again tomorrow, or ask by hand today
    BUSY = "busy"  #: nobody was asked, for as many were just now as may be: its turn comes in seconds
    UNAVAILABLE = "unavailable"  #: no sensible answer: try again later
    REFUSED = "refused"  #: our credentials are not taken: tell the operator


@dataclass(frozen=True, slots=True)
class OriginAnswer:
    """What a CDN says of a host."""

    outcome: OriginOutcome
    addresses: tuple[Ip, ...] = ()  #: public ones only
    retry_after: float | None = None  #: seconds


class OriginLookup(Protocol):
    """A CDN that names the host behind its edge to those it trusts."""

    @property
    def name(self) -> str:
        """The CDN's short name, as it stands in evidence."""
        ...

    def serves(self, trace: Trace) -> bool:
        """Say whether a trace led to this CDN's edge by a name that it can be asked about."""
        ...

    async def origin(self, host: str, reference: str) -> OriginAnswer:
        """Ask for the origin of `host`; `reference` is our own opaque id of the case. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """The credentials of one trusted organisation, and how often it may ask."""

    client_id: str
    client_secret: str
    daily_quota: int = 100

    def __repr__(self) -> str:
        """Return a text without the secret: it may end up in a log."""
        return f"Access(daily_quota={self.daily_quota})"


class CloudflareOrigin:
    """Cloudflare's origin look-up. One per process; it counts the day's questions."""

    name = "cloudflare"
    #: How our tables (`data/cdn.toml`, the set `edges`) name the edges that this look-up is for.
    operator = "Cloudflare"

    def __init__(self, fetch: Fetch, access: Access, clock: Clock, *, base: str = BASE) -> None:
        """Take the way out, the credentials, and the clock."""
        if not access.client_id or not access.client_secret:
            raise BadInput("Set both parts of Cloudflare's access token, the client id and the client secret.")
        self._fetch = fetch
        self._headers = {"CF-Access-Client-ID": access.client_id, "CF-Access-Client-Secret": access.client_secret}
        self._quota = access.daily_quota
        self._clock = clock
        self._base = base
        self._pace = Pace(1.0, 5, lambda: clock.now().timestamp())
        self._day: date | None = None
        self._asked = 0

    def serves(self, trace: Trace) -> bool:
        """Say whether a trace led to this CDN's edge by a name that it can be asked about."""
        host = trace.host
        named = host is not None and bool(trace.names)  # an address literal has no names
        return named and any(one.edge and one.operator == self.operator for one in trace.addresses)

    async def origin(self, host: str, reference: str) -> OriginAnswer:
        """Ask for the origin of `host`; `reference` is our case's opaque id at Cloudflare. Never raises."""
        if not self._is_left():
            return OriginAnswer(OriginOutcome.QUOTA)
        if not self._pace.may_ask():
            why = OriginOutcome.UNAVAILABLE if self._pace.is_closed else OriginOutcome.BUSY
            return OriginAnswer(why, retry_after=self._pace.turn())
        self._asked += 1
        return await self._ask(f"{self._base}{quote(reference, safe='')}/origin?{urlencode({'hostname': host})}")

    def _is_left(self) -> bool:
        """Say whether one of today's questions is left."""
        today = self._clock.now().date()
        if today != self._day:
            self._day, self._asked = today, 0
        return self._asked < self._quota

    async def _ask(self, url: str) -> OriginAnswer:
        try:
            answer = await self._fetch.request(
                "GET", url, headers=self._headers, deadline=_DEADLINE, cap=_CAP, purpose=Purpose.PARTNER
            )
        except (NotSent, NoAnswer, EgressRefused):
            self._pace.failed()
            return OriginAnswer(OriginOutcome.UNAVAILABLE)
        if answer.status in (401, 403):
            return OriginAnswer(OriginOutcome.REFUSED)
        if answer.status == 429 or answer.status >= 500:
            wait = retry_after(answer.headers, self._clock.now())
            self._pace.wait(wait)
            return OriginAnswer(OriginOutcome.UNAVAILABLE, retry_after=wait)
        said = self._read(answer.body)
        if said.outcome is OriginOutcome.UNAVAILABLE:
            self._pace.failed()
        else:
            self._pace.answered()
        return said

    def _read(self, body: bytes) -> OriginAnswer:
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError:
            return OriginAnswer(OriginOutcome.UNAVAILABLE)
        if not isinstance(said, dict):
            return OriginAnswer(OriginOutcome.UNAVAILABLE)
        if _is_quota(said):
            self._asked = self._quota  # they count otherwise than we do, and theirs is what counts
            return OriginAnswer(OriginOutcome.QUOTA)
        results = [one for one in _listed(said.get("result")) if isinstance(one, dict)]
        addresses = tuple(dict.fromkeys(ip for one in results for ip in _addresses(one)))[:_MOST_ADDRESSES]
        if addresses:
            # Errors may stand beside a good result; addresses are what was asked for.
            return OriginAnswer(OriginOutcome.FOUND, addresses)
        if results and all(one.get("isUsingCloudflare") is False for one in results):
            return OriginAnswer(OriginOutcome.NOT_BEHIND)
        return OriginAnswer(OriginOutcome.UNKNOWN if said.get("success") is True else OriginOutcome.UNAVAILABLE)


def _is_quota(said: Mapping[str, Any]) -> bool:
    """Say whether an error tells that the day's requests are used up: they have no code of their own for it."""
    messages = (one.get("message") for one in _listed(said.get("errors")) if isinstance(one, dict))
    return any(isinstance(text, str) and "all requests for current day" in text.lower() for text in messages)


def _addresses(result: Mapping[str, Any]) -> list[Ip]:
    found = []
    for text in (*_listed(result.get("originIPv4")), *_listed(result.get("originIPv6"))):
        try:
            ip = ip_address(text) if isinstance(text, str) else None
        except ValueError:
            ip = None
        if ip is not None and is_public(ip):
            found.append(ip)
    return found


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
