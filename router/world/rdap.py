"""A regional internet registry that answers RDAP (RFC 9083) over HTTP or HTTPS on loopback, well or badly."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

LOOPBACK: Final = "127.0.0.1"
MEDIA_TYPE: Final = "application/rdap+json"
#: Seconds that a client is told to wait.
RETRY_AFTER: Final = 120
HUGE: Final = 200 * 1024 * 1024


class Mood(StrEnum):
    """How the registry behaves."""

    OK = "ok"
    TOO_MANY = "too_many"  #: 429 with Retry-After
    UNAVAILABLE = "unavailable"  #: 503
    REDIRECT = "redirect"  #: 302 to itself, without end
    DRIP = "drip"  #: one octet every 100 ms
    HUGE = "huge"  #: 200 MB
    NO_HANDLE = "no_handle"  #: entities without the handle that RFC 9083 expects
    NO_COUNTRY = "no_country"  #: normal for ARIN
    NOT_JSON = "not_json"
    NOT_FOUND = "not_found"  #: 404
    NO_RDAP = "no_rdap"  #: 501


#: Moods that answer with a status alone.
_TROUBLE: Final[Mapping[Mood, tuple[int, Mapping[str, str]]]] = {
    Mood.TOO_MANY: (429, {"Retry-After": str(RETRY_AFTER)}),
    Mood.UNAVAILABLE: (503, {}),
    Mood.REDIRECT: (302, {}),
    Mood.NOT_FOUND: (404, {}),
    Mood.NO_RDAP: (501, {}),
}


@dataclass(frozen=True, slots=True)
class Registration:
    """One network in the registry."""

    prefix: str
    country: str
    name: str
    abuse: str  #: the e-mail address of its abuse desk
    geofeed: str | None = None  #: where the holder publishes its locations (RFC 9877)


#: Who holds the addresses of the story. The country is the holder's seat, which is often not where the machine is.
REGISTRATIONS: Final = (
    Registration("34.0.0.0/8", "US", "BIG-CLOUD", "abuse@bigcloud.test"),
    Registration("188.166.0.0/16", "US", "OCEAN-HOSTING", "abuse@ocean.test"),
    Registration("35.176.0.0/13", "US", "RIVER-CLOUD", "abuse@river.test"),
    Registration("2604:a880::/32", "US", "OCEAN-HOSTING-6", "abuse@ocean.test"),
    Registration("37.97.128.0/17", "NL", "TULIP-HOSTING", "abuse@tulip.test", "https://feeds.tulip.test/geofeed.csv"),
)


class Registry:
    """A running registry. `async with Registry() as registry:` and ask `registry.url` + `ip/ADDRESS`.

    `mood` may be changed while it runs; `asked` lists the addresses that it was asked for, in order.
    """

    def __init__(
        self,
        registrations: Iterable[Registration] = REGISTRATIONS,
        *,
        mood: Mood = Mood.OK,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Answer for these networks; with a context, over HTTPS."""
        self._networks = sorted(
            ((ip_network(one.prefix), one) for one in registrations), key=lambda pair: -pair[0].prefixlen
        )
        self._context = context
        self._runner: web.AppRunner | None = None
        self.mood = mood
        self.asked: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Return the base address, ending in a slash."""
        return f"{'https' if self._context else 'http'}://{LOOPBACK}:{self.port}/"

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        app = web.Application()
        # Real registries answer below different paths ("/registry/ip/", "/rdap/ip/"); all are taken.
        app.router.add_get("/{base:(?:.*/)?}ip/{address}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=self._context)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        address = request.match_info["address"]
        self.asked.append(address)
        registration = self._registration(address)
        status, headers = _TROUBLE.get(self.mood, (404 if registration is None else 200, {}))
        if self.mood is Mood.REDIRECT:
            headers = {"Location": str(request.url)}
        if status != 200 or registration is None:
            return web.Response(status=status, headers=headers)
        if self.mood is Mood.NOT_JSON:
            return web.Response(text="<html>Under maintenance</html>", content_type=MEDIA_TYPE)
        body = json.dumps(ip_network_object(registration, self.mood)).encode()
        if self.mood in {Mood.DRIP, Mood.HUGE}:
            return await _stream(request, _drip(body) if self.mood is Mood.DRIP else _pad(body))
        return web.Response(body=body, content_type=MEDIA_TYPE)

    def _registration(self, address: str) -> Registration | None:
        try:
            ip = ip_address(address)
        except ValueError:
            return None
        return next((one for network, one in self._networks if ip in network), None)


def ip_network_object(registration: Registration, mood: Mood = Mood.OK) -> dict[str, Any]:
    """Return the RDAP object of a network (RFC 9083 section 5.4), with its abuse desk nested in the holder's entity."""
    network: IPv4Network | IPv6Network = ip_network(registration.prefix)
    answer: dict[str, Any] = {
        "rdapConformance": ["rdap_level_0"],
        "objectClassName": "ip network",
        "handle": f"NET-{registration.name}",
        "startAddress": str(network[0]),
        "endAddress": str(network[-1]),
        "ipVersion": f"v{network.version}",
        "name": registration.name,
        "type": "ALLOCATED PA",
        "country": registration.country,
        "events": [{"eventAction": "registration", "eventDate": "2014-03-01T00:00:00Z"}],
        "entities": [_holder(registration)],
    }
    if registration.geofeed:
        answer["rdapConformance"].append("geofeed1")
        answer["links"] = [{"rel": "geo", "href": registration.geofeed, "type": "application/geofeed+csv"}]
    if mood is Mood.NO_COUNTRY:
        del answer["country"]
    if mood is Mood.NO_HANDLE:
        for entity in (answer["entities"][0], *answer["entities"][0]["entities"]):
            del entity["handle"]
    return answer


def _holder(registration: Registration) -> dict[str, Any]:
    desk = {
        "objectClassName": "entity",
        "handle": f"ABUSE-{registration.name}",
        "roles": ["abuse"],
        "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["email", {}, "text", registration.abuse]]],
    }
    return {
        "objectClassName": "entity",
        "handle": f"ORG-{registration.name}",
        "roles": ["registrant"],
        "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", registration.name]]],
        "entities": [desk],
    }


async def _stream(request: web.Request, parts: AsyncIterator[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": MEDIA_TYPE})
    await response.prepare(request)
    async for part in parts:
        await response.write(part)
    return response


async def _drip(body: bytes) -> AsyncIterator[bytes]:
    for octet in body:
        yield bytes((octet,))
        await asyncio.sleep(0.1)


async def _pad(body: bytes) -> AsyncIterator[bytes]:
    """Lead with blanks, which JSON allows, so that only a limit on octets helps."""
    blanks = b" " * (1024 * 1024)
    for _ in range(HUGE // len(blanks)):
        yield blanks
    yield body
