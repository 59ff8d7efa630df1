"""Ask the regional registry about an address (RDAP): where its network is registered, and who takes abuse reports.

The look-up tells the registry which address we look at, and nothing else. It must never hurt: answers are kept by the
network they speak for, the same network is asked about once at a time, each registry has its pace and its breaker, a
call has a deadline and a size, and no redirect is followed but from one registry to another. Where RDAP gives no
answer or no country, the same registry is asked once more by WHOIS, unless it asked us to wait; what fails there is
counted for WHOIS alone. When a registry is away, an answer up to a week old is better than none, and says how old it
is.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar, Final

import orjson
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from router.clock import Clock
from router.errors import EgressRefused, EvidenceUnavailable, NoAnswer, NotSent
from router.guard.egress import HttpAnswer
from router.guard.retry_after import retry_after
from router.guard.target import Purpose
from router.hosting.fetch import Talk
from router.hosting.pace import Pace
from router.hosting.sources.base import Ip
from router.hosting.sources.registry.registration import Network, NotRegistration, read_network
from router.hosting.sources.registry.registries import Registries, RegistryInfo
from router.hosting.sources.registry.registry_cache import Kept, Memory
from router.hosting.sources.registry.whois import ask_whois
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis, Claim, Evidence

#: Seconds for a whole call, connecting included.
DEADLINE: Final = 4.0
#: Octets of an answer; real ones have 2 to 20 kB.
CAP: Final = 262_144
_HEADERS: Final = {"Accept": "application/rdap+json"}
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class _Later(Exception):
    """The registry asks us to come again later, or does not answer sensibly."""


class _Mute(_Later):
    """Its RDAP does not answer sensibly, which says nothing of its WHOIS."""


class Rdap:
    """The regional registries as an evidence source."""

    name = "rdap"
    roles: ClassVar[Mapping[str, Role]] = {
        "rdap": Role((Part.ASSIGNMENT, Part.REGISTRY), Measured.LIKE_ANOTHER),
        "whois": Role((Part.REGISTRY,), Measured.LIKE_ANOTHER),
    }

    def __init__(self, fetch: Talk, registries: Registries, clock: Clock) -> None:
        """Take the way out, the registries and the clock that ages answers."""
        self._fetch = fetch
        self._registries = registries
        self._clock = clock
        self._memory = Memory()
        self._paces = {info.name: Pace(info.per_second, info.burst, self._now) for info in registries.all}
        # What fails by WHOIS is counted apart: a firewall that closes port 43 must not take RDAP away with it.
        self._whois_paces = {info.name: Pace(info.per_second, info.burst, self._now) for info in registries.all}
        # ipwhois reads for most of a millisecond, and never on the loop's time or in the loop's own threads.
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="rdap")

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:  # noqa: ARG002  # it always teaches
        """Return where the network around `ip` is registered. Raises `EvidenceUnavailable`."""
        kept = await self._kept(ip)
        network = kept.network
        info = self._registries.of(ip)
        if network is None or info is None:
            return ()
        return (
            Evidence(
                source=network.by,
                claim=Claim(basis=Basis.REGISTRATION, country=network.country),
                as_of=kept.as_of,
                prefix=network.prefix,
                detail=f"{info.title}: {network.name or 'unnamed network'}",
            ),
        )

    async def network(self, ip: Ip) -> Network | None:
        """Return the registered network around `ip`; None when nobody holds it. Raises `EvidenceUnavailable`."""
        return (await self._kept(ip)).network

    def contact(self, ip: Ip) -> str | None:
        """Return the abuse contact for `ip`, if it was learned in the last week; asks nobody."""
        kept = self._memory.stale(ip, self._now())
        return kept.network.abuse if kept is not None and kept.network is not None else None

    async def aclose(self) -> None:
        """End the reading threads."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _kept(self, ip: Ip) -> Kept:
        fresh = self._memory.fresh(ip, self._now())
        if fresh is not None:
            return fresh
        return await self._memory.once(ip, lambda: self._learn(ip))

    async def _learn(self, ip: Ip) -> Kept:
        now = self._clock.now()
        try:
            network = await self._ask(ip)
        except _Later:
            stale = self._memory.stale(ip, now.timestamp())
            if stale is None:
                raise EvidenceUnavailable("The registry did not answer; try again later.") from None
            return stale
        return self._memory.keep(ip, network, now)

    async def _ask(self, ip: Ip) -> Network | None:
        """Return what the registry says of `ip` by RDAP, completed by its WHOIS; None when nobody holds it."""
        info = self._registries.of(ip)
        if info is None:
            return None
        network, mute = None, False
        try:
            network = await self._by_rdap(ip, info)
        except _Mute:
            mute = True
        if network is not None and network.country is not None:
            return network
        other = await self._by_whois(ip, info)
        if other is None:
            if mute:
                raise _Later
            return network
        return other if network is None else _completed(network, other)

    async def _by_whois(self, ip: Ip, info: RegistryInfo) -> Network | None:
        """Return the network with its country by WHOIS, or None when that says no more."""
        pace = self._whois_paces[info.name]
        # The registry's own pace holds for both doors, and so does its wish to be left alone.
        if info.whois is None or not pace.may_ask() or not self._paces[info.name].may_ask():
            return None
        try:
            found = await ask_whois(self._fetch, info, ip, self._readers)
        except EvidenceUnavailable:
            pace.failed()
            return None
        pace.answered()
        return found if found is not None and found.country is not None else None

    async def _by_rdap(self, ip: Ip, info: RegistryInfo) -> Network | None:
        answer, info = await self._call(f"{info.rdap}ip/{ip}", info)
        if answer.status in _REDIRECTS:
            # Blocks move between registries; only another registry is a place to go on at, and only once.
            there = answer.headers.get("Location", "")
            other = self._registries.at(there)
            if other is None or other is info:
                raise _Mute
            answer, info = await self._call(f"{other.rdap}ip/{ip}", other)
        if answer.status == 404:
            return None
        return await self._read(answer, ip, self._paces[info.name])

    async def _read(self, answer: HttpAnswer, ip: Ip, pace: Pace) -> Network:
        loop = asyncio.get_running_loop()
        network = None
        if answer.status == 200:
            network = await loop.run_in_executor(self._readers, _network_in, answer.body, ip)
        if network is None:
            pace.failed()
            raise _Mute
        pace.answered()
        return network

    async def _call(self, url: str, info: RegistryInfo) -> tuple[HttpAnswer, RegistryInfo]:
        pace = self._paces[info.name]
        if not pace.may_ask():
            raise _Later
        # Only what certainly did not arrive is asked again, within this one call.
        again = AsyncRetrying(
            stop=stop_after_attempt(2), wait=wait_fixed(0.2), retry=retry_if_exception_type(NotSent), reraise=True
        )
        try:
            async with asyncio.timeout(DEADLINE):
                answer: HttpAnswer = await again(
                    self._fetch.request,
                    "GET",
                    url,
                    headers=_HEADERS,
                    deadline=DEADLINE,
                    cap=CAP,
                    purpose=Purpose.RDAP,
                )
        except (NotSent, NoAnswer, EgressRefused, TimeoutError):
            pace.failed()
            raise _Mute from None
        if answer.status == 501:
            raise _Mute  # it does not speak RDAP, which is no reason to leave it alone
        if answer.status == 429 or answer.status >= 500:
            pace.wait(retry_after(answer.headers, self._clock.now()))
            raise _Later
        return answer, info


def _completed(network: Network, other: Network) -> Network:
    """Return what RDAP said of a network with the country by WHOIS, for the narrower one if they differ."""
    narrow = min(other, network, key=lambda one: one.last - one.first)
    abuse = network.abuse or other.abuse
    return replace(narrow, country=other.country, by=other.by, abuse=abuse, geofeed=network.geofeed)


def _network_in(body: bytes, ip: Ip) -> Network | None:
    """Return the network that an answer describes, or None when it is no sensible answer about `ip`."""
    try:
        return read_network(orjson.loads(body), ip)
    except (orjson.JSONDecodeError, NotRegistration):
        return None
