"""Geofeeds: what the holder of a network says of where its addresses are (RFC 8805), found through the registry.

Only a feed that the registration of the covering network links to speaks for the holder (RFC 9632, RFC 9877), and only
about addresses inside that network. The most specific row speaks, also when it names no country: blank, `ZZ`, or what
is no country's code (`AP`, `UK`) withdraws for its prefix what a wider row says (RFC 8805 section 2.1.2). And feeds can
lie: some claim about one prefix for most countries of the world, and geolocation vendors repeat them. A feed that names
many countries with hardly more prefixes is not evidence.
"""

import asyncio
from codecs import BOM_UTF8
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from socket import AF_INET, AF_INET6, inet_pton
from typing import ClassVar, Final, Protocol

from router.clock import Clock
from router.errors import EgressRefused, EvidenceUnavailable, NoAnswer, NotSent
from router.guard.target import Purpose
from router.hosting.fetch import Fetch
from router.hosting.sources.base import Ip
from router.hosting.sources.registry.registration import Network
from router.hosting.verdict.part import Measured, Part, Role
from schemas.countries import ALPHA2
from schemas.trace import Basis, Claim, Evidence

DEADLINE: Final = 10.0
#: Octets and rows of a feed. Holders' own feeds have some thousand rows; one with a million is a burden, not evidence.
CAP: Final = 8 * 1024 * 1024
MOST_ROWS: Final = 100_000
#: Below this number of countries a high ratio is normal: a small honest feed has a prefix or two for each.
_MANY_COUNTRIES: Final = 20
#: Prefixes to a country, on average, that a feed with many countries has at least if it describes a real network.
_PREFIXES_A_COUNTRY: Final = 2.0
#: Bits of an address, by version.
_SIZES: Final = {4: 32, 6: 128}
_FRESH: Final = 86_400.0
_FRESH_FAILURE: Final = 3_600.0
#: What is kept in memory: so many feeds, and so many rows of them all, at some 100 octets a row.
_MOST_FEEDS: Final = 200
_MOST_KEPT_ROWS: Final = 400_000

#: A prefix of a network's own version as one number, which takes half the room of a pair: its leading bits, then eight
#: for its length.
Prefix = int
#: One object a country, however many rows name it.
_CODES: Final = {code: code for code in ALPHA2}
_OF_THE_HOLDER: Final = "geofeed of the holder of {prefix}"
#: What a row says that names no country: whoever holds the prefix does not say where it is.
_NOWHERE: Final = ""


class Registrations(Protocol):
    """Who knows the registered network around an address: `rdap.Rdap`."""

    async def network(self, ip: Ip) -> Network | None:
        """Return the network; raises `EvidenceUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says inside one network; nothing when it is not believed."""

    countries: Mapping[Prefix, str] = field(default_factory=dict)  #: a country, or `_NOWHERE`
    as_of: str = ""
    failed: bool = False

    def of(self, ip: Ip) -> tuple[int, str] | None:
        """Return the length of the most specific prefix that covers `ip`, and its country; None when it has none."""
        for length in range(ip.max_prefixlen, -1, -1):
            country = self.countries.get(int(ip) >> (ip.max_prefixlen - length) << 8 | length)
            if country is not None:
                return (length, country) if country else None
        return None


class Geofeed:
    """Geofeeds as an evidence source; asked after the registry, whose answer leads to them."""

    name = "geofeed"
    roles: ClassVar[Mapping[str, Role]] = {"geofeed": Role((Part.ASSIGNMENT,), Measured.LIKE_ANOTHER)}

    def __init__(self, fetch: Fetch, registrations: Registrations, clock: Clock) -> None:
        """Take the way out, the registry, and the clock that ages feeds."""
        self._fetch = fetch
        self._registrations = registrations
        self._clock = clock
        self._feeds: dict[tuple[str, str], tuple[float, Feed]] = {}
        self._turns: dict[tuple[str, str], asyncio.Lock] = {}

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:  # noqa: ARG002  # the link is asked for
        """Return where the holder says `ip` is. Raises `EvidenceUnavailable`."""
        network = await self._registrations.network(ip)
        if network is None or network.geofeed is None:
            return ()
        feed = await self._feed(network, network.geofeed)
        if feed.failed:
            raise EvidenceUnavailable("The geofeed did not answer; try again later.")
        found = feed.of(ip)
        if found is None:
            return ()
        length, country = found
        return (
            Evidence(
                source=self.name,
                claim=Claim(basis=Basis.LOCATION, country=country),
                as_of=feed.as_of,
                prefix=str(ip_network(f"{ip}/{length}", strict=False)),
                detail=_OF_THE_HOLDER.format(prefix=network.prefix),
            ),
        )

    async def _feed(self, network: Network, url: str) -> Feed:
        key = (url, network.prefix)
        # One question for a feed at a time; whoever waited finds the answer.
        async with self._turns.setdefault(key, asyncio.Lock()):
            now = self._clock.now()
            kept = self._feeds.get(key)
            if kept is not None and now.timestamp() < kept[0]:
                return kept[1]
            feed = await self._ask(url, network, now.date().isoformat())
            self._feeds.pop(key, None)  # it is the newest now, so the last to go
            self._make_room(len(feed.countries))
            self._feeds[key] = (now.timestamp() + (_FRESH_FAILURE if feed.failed else _FRESH), feed)
            return feed

    def _make_room(self, rows: int) -> None:
        """Drop the oldest feeds until there is room for one more with so many rows."""
        kept = sum(len(feed.countries) for _, feed in self._feeds.values())
        while self._feeds and (len(self._feeds) >= _MOST_FEEDS or kept + rows > _MOST_KEPT_ROWS):
            oldest = next(iter(self._feeds))
            kept -= len(self._feeds.pop(oldest)[1].countries)
            self._turns.pop(oldest, None)

    async def _ask(self, url: str, network: Network, today: str) -> Feed:
        try:
            answer = await self._fetch.request("GET", url, deadline=DEADLINE, cap=CAP, purpose=Purpose.GEOFEED)
        except (NotSent, NoAnswer, EgressRefused):
            return Feed(failed=True)
        if answer.status != 200:
            return Feed(failed=True)
        # Reading the longest feed takes up to half a second, which the loop has not.
        return Feed(await asyncio.to_thread(read_feed, answer.body, network), today)


def read_feed(body: bytes, network: Network) -> dict[Prefix, str]:
    """Return what a feed says inside `network`; nothing when the feed is not believed, or too long.

    Of two rows that name different countries for one prefix neither is believed.
    """
    body = body.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if body.count(b"\n") > MOST_ROWS:
        return {}
    inside: dict[Prefix, str] = {}
    countries: set[str] = set()
    seen: set[tuple[int, int]] = set()  # a row said twice says no more than once
    for line in body.decode("utf-8", "replace").split("\n"):
        row = _row(line)
        if row is None:
            continue
        size, first, length, country = row
        prefix = first >> (size - length) << 8 | length
        if country:
            countries.add(country)
            seen.add((size, prefix))
        last = first | (1 << size - length) - 1
        if size == _SIZES[network.version] and network.first <= first and last <= network.last:
            inside[prefix] = country if inside.get(prefix, country) == country else _NOWHERE
    return inside if is_plausible(len(seen), countries) else {}


def is_plausible(prefixes: int, countries: Collection[str]) -> bool:
    """Say whether a feed looks like a network's, and not like a show of flags; `prefixes` counts each once."""
    return len(countries) < _MANY_COUNTRIES or prefixes >= len(countries) * _PREFIXES_A_COUNTRY


def _row(line: str) -> tuple[int, int, int, str] | None:
    """Return one row: bits of its family, first address, prefix length, country; None for what is no such row.

    By the system's reader of addresses: `ipaddress` takes ten times as long, and there may be a hundred thousand.
    """
    fields = line.partition("#")[0].split(",", 3)
    address, slash, written = _bare(fields[0]).partition("/")
    try:
        packed = inet_pton(AF_INET6 if ":" in address else AF_INET, address)
    except (OSError, ValueError):
        return None  # also a comment
    size = len(packed) * 8
    if slash and not (written.isascii() and written.isdigit() and len(written) <= 3 and int(written) <= size):
        return None
    length, first = int(written) if slash else size, int.from_bytes(packed, "big")
    return None if first & (1 << size - length) - 1 else (size, first, length, _country(fields))


def _country(fields: Sequence[str]) -> str:
    """Return the country that a row names, in its own column or as the first part of the region (ISO 3166-2)."""
    named = _bare(fields[1]) if len(fields) > 1 else ""
    if not named and len(fields) > 2:
        named = _bare(fields[2]).partition("-")[0]
    return _CODES.get(named.upper(), _NOWHERE)


def _bare(field: str) -> str:
    """Return a field without the quotes that RFC 4180 allows around each, and without blanks."""
    return field.strip().strip('"').strip()
