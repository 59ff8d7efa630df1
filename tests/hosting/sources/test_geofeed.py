"""Feeds that holders publish: found through the registry, believed only about their own network, and never a burden."""

import time
import tracemalloc
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from router.clock import StoryClock
from router.errors import EvidenceUnavailable
from router.hosting.sources import geofeed as geofeed_module
from router.hosting.sources.geofeed import Feed, Geofeed, is_plausible, read_feed
from router.hosting.sources.registry.rdap import Rdap
from router.hosting.sources.registry.registration import Network
from router.world.rdap import Mood, Registry
from schemas.countries import ALPHA2
from schemas.trace import Basis
from tests.loopback import Loopback

TULIP = ip_address("37.97.128.1")
OCEAN = ip_address("188.166.0.1")
FEED = "# our places\n37.97.128.0/17,NL,NL-NH,Amsterdam,\n37.97.128.0/24,BE,,Brussels,\n"


class Holder:
    """The holder's web server: its answer can be changed while it runs."""

    def __init__(self) -> None:
        self.text = FEED
        self.status = 200
        self.asked = 0

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(text=self.text, status=self.status, content_type="text/csv")


@pytest.fixture
async def holder(net: Loopback) -> Holder:
    made = Holder()
    await net.serve("feeds.tulip.test", made.answer, ip="37.97.200.1")
    return made


@pytest.fixture
async def geofeed(net: Loopback, holder: Holder, rdap: Rdap, clock: StoryClock) -> Geofeed:
    return Geofeed(await net.egress(), rdap, clock)


async def test_the_most_specific_row_of_the_holders_feed(geofeed: Geofeed) -> None:
    (evidence,) = await geofeed.claims(TULIP, ())
    assert (evidence.source, evidence.claim.basis, evidence.claim.country) == ("geofeed", Basis.LOCATION, "BE")
    assert (evidence.prefix, evidence.as_of) == ("37.97.128.0/24", "2026-11-22")
    assert evidence.detail == "geofeed of the holder of 37.97.128.0/17"
    (wider,) = await geofeed.claims(ip_address("37.97.129.1"), ())
    assert (wider.claim.country, wider.prefix) == ("NL", "37.97.128.0/17")


async def test_a_network_without_a_feed(geofeed: Geofeed, holder: Holder) -> None:
    assert await geofeed.claims(OCEAN, ()) == ()
    assert await geofeed.claims(ip_address("5.9.0.1"), ()) == ()
    assert holder.asked == 0


async def test_rows_about_other_networks_are_not_believed(geofeed: Geofeed, holder: Holder) -> None:
    holder.text = "37.0.0.0/8,US,,,\n188.166.0.0/16,US,,,\n37.97.129.0/24,NL,,,\n"
    assert await geofeed.claims(TULIP, ()) == ()


async def test_a_feed_is_asked_once_a_day(geofeed: Geofeed, holder: Holder, clock: StoryClock) -> None:
    for host in range(1, 20):
        await geofeed.claims(ip_address(f"37.97.128.{host}"), ())
    assert holder.asked == 1
    clock.advance(timedelta(hours=25))
    await geofeed.claims(TULIP, ())
    assert holder.asked == 2


async def test_a_feed_that_is_away_is_said_and_left_alone_for_an_hour(
    geofeed: Geofeed, holder: Holder, clock: StoryClock
) -> None:
    holder.status = 503
    for _ in range(3):
        with pytest.raises(EvidenceUnavailable):
            await geofeed.claims(TULIP, ())
    assert holder.asked == 1
    holder.status = 200
    clock.advance(timedelta(hours=2))
    assert await geofeed.claims(TULIP, ())


async def test_a_feed_that_is_too_large_is_not_read(
    geofeed: Geofeed, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geofeed_module, "CAP", 1000)
    holder.text = "37.97.128.0/24,BE,,,\n" * 1000
    with pytest.raises(EvidenceUnavailable):
        await geofeed.claims(TULIP, ())


async def test_a_silent_registry_is_a_silent_feed(geofeed: Geofeed, registry: Registry) -> None:
    registry.mood = Mood.UNAVAILABLE
    with pytest.raises(EvidenceUnavailable):
        await geofeed.claims(TULIP, ())


def network(prefix: str = "37.97.128.0/17") -> Network:
    net = ip_network(prefix)
    first, last = int(net.network_address), int(net.broadcast_address)
    return Network(first, last, net.version, prefix, "NL", "TULIP", None, None)


def test_what_is_no_row_is_left_out() -> None:
    feed = b"""# comment, NL
37.97.128.0/24,nl,,,
 37.97.129.0/24 , BE ,,,
37.97.132.1/24,NL,,,
not a prefix,NL
ip_prefix,alpha2code,region,city,postal_code
#37.97.133.0/24,NL,,,

\xff\xfe
2a00::/16,NL,,,
37.97.134.7,DE,,,
37.97.135.0/33,NL,,,
37.97.135.0/+24,NL,,,
37.97.135.0/\xc2\xb2,NL,,,
37.97.135.0/,NL,,,
37.97.0135.0/24,NL,,,
2a00::%eth0,NL,,,
37.97.136.0/255.255.255.0,NL,,,
"""
    rows = read_feed(feed, network())
    assert sorted(rows.values()) == ["BE", "DE", "NL"]
    assert {prefix & 0xFF for prefix in rows} == {24, 32}


def said(feed: bytes, ip: str = "37.97.128.200", prefix: str = "37.97.128.0/17") -> str | None:
    found = Feed(read_feed(feed, network(prefix))).of(ip_address(ip))
    return None if found is None else found[1]


CODES = st.sampled_from(sorted(ALPHA2))
#: What a row may name that is no country: nothing, what is reserved or made up, what other formats write.
NOT_A_COUNTRY = st.sampled_from(
    ["", " ", "ZZ", "zz", "AP", "UK", "EU", "XX", "A1", "O1", "NLD", "Netherlands", '""', "-", "*"]
)
#: How a row ends after its country: with all columns, with some, with none.
ENDS = st.sampled_from([",,,", ",,", ",", "", ",,,\r", ",,, # reserved"])


@given(wide=CODES, nowhere=NOT_A_COUNTRY, ends=ENDS, bare=st.booleans(), first=st.booleans())
def test_a_more_specific_row_that_names_no_country_withdraws_the_wider_one(
    wide: str, nowhere: str, ends: str, bare: bool, first: bool
) -> None:
    narrow = "37.97.128.128/25" if bare else f"37.97.128.128/25,{nowhere}{ends}"
    rows = [f"37.97.128.0/24,{wide}{ends}", narrow]
    feed = "\n".join(rows if first else rows[::-1]).encode()
    assert said(feed, "37.97.128.200") is None
    assert said(feed, "37.97.128.1") == wide
    assert said(feed, "37.97.129.1") is None


@given(wide=CODES, narrow=CODES, ends=ENDS, upper=st.booleans(), quoted=st.booleans())
def test_a_more_specific_row_that_names_a_country_speaks_for_its_prefix_alone(
    wide: str, narrow: str, ends: str, upper: bool, quoted: bool
) -> None:
    code = narrow if upper else narrow.lower()
    row = f'"37.97.128.128/25","{code}"{ends}' if quoted else f"37.97.128.128/25,{code}{ends}"
    feed = f"37.97.128.0/24,{wide}\n{row}\n".encode()
    assert (said(feed, "37.97.128.200"), said(feed, "37.97.128.1")) == (narrow, wide)


@pytest.mark.parametrize(
    ("row", "country"), [(b"37.97.128.0/24,UK,,,", None), (b"37.97.128.0/24,,GB-ENG,Leeds,", "GB"), (b",NL,,,", None)]
)
def test_a_country_by_its_region_and_by_no_other_code(row: bytes, country: str | None) -> None:
    assert said(row) == country


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_byte_order_mark_or_another_end_of_line_loses_no_row(end: bytes) -> None:
    feed = end.join([b"\xef\xbb\xbf37.97.128.0/24,NL,,,", b"37.97.129.0/24,BE,,,", b""])
    assert (said(feed), said(feed, "37.97.129.1")) == ("NL", "BE")


def test_two_countries_for_one_prefix_are_none() -> None:
    row = b"37.97.128.0/24,%s,,,\n"
    assert said(row % b"NL" + row % b"BE" + row % b"NL") is None
    assert said(row % b"NL" * 3) == "NL"


def test_ipv6_rows() -> None:
    assert read_feed(b"2a00:1::/48,NL,,,\n37.97.128.0/24,BE,,,", network("2a00:1::/32")) == {0x2A0000010000_30: "NL"}


def test_a_feed_that_claims_the_world_is_not_believed() -> None:
    show = "".join(
        f"37.97.{128 + number // 2}.{number % 2 * 128}/25,{code},,,\n" for number, code in enumerate(sorted(ALPHA2))
    )
    assert read_feed(show.encode(), network()) == {}


def test_saying_everything_twice_makes_no_feed_believable() -> None:
    codes = sorted(ALPHA2)[:200]
    rows = [f"37.97.{128 + number // 2}.{number % 2 * 128}/25,{code}\n" for number, code in enumerate(codes)]
    assert read_feed("".join(rows * 3).encode(), network()) == {}
    plain = [row for row in rows if row.endswith(",AD\n")]
    assert len(read_feed("".join(plain * 3).encode(), network())) == 1


async def test_feeds_kept_take_no_more_room_than_is_given(
    geofeed: Geofeed, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geofeed_module, "_MOST_KEPT_ROWS", 10)
    holder.text = "".join(f"37.97.{number}.0/24,BE,,,\n" for number in range(128, 134))
    around = [network("37.97.128.0/17"), network("37.97.128.0/18"), network("37.97.128.0/19")]
    for one in around:
        assert len((await geofeed._feed(one, "https://feeds.tulip.test/feed")).countries) == 6
    assert [prefix for _, prefix in geofeed._feeds] == ["37.97.128.0/19"], "six and six do not fit ten"
    assert len(geofeed._turns) == 1


@pytest.mark.parametrize(
    ("prefixes", "countries", "believed"),
    [
        (1, 1, True),
        (10, 10, True),
        (19, 19, True),
        (25, 20, False),
        (200, 190, False),
        (400, 190, True),
        (5000, 40, True),
    ],
)
def test_plausibility(prefixes: int, countries: int, believed: bool) -> None:
    assert is_plausible(prefixes, sorted(ALPHA2)[:countries]) is believed


def test_a_million_rows_are_refused_quickly(slowness: float) -> None:
    body = b"37.97.128.0/24,NL,,,\n" * 1_000_000
    begun = time.process_time()
    assert read_feed(body, network()) == {}
    assert time.process_time() - begun < 5 * slowness


def test_a_long_feed_is_kept_in_moderate_room() -> None:
    rows = ((number >> 16, number >> 8 & 255, number & 255) for number in range(30_000))
    body = "".join(f"37.{high}.{middle}.{low},NL,NL-NH,Amsterdam,\n" for high, middle, low in rows).encode()
    tracemalloc.start()
    kept = read_feed(body, network("37.0.0.0/8"))
    room, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == 30_000
    assert room / len(kept) < 110, "octets a row; the bound on all feeds counts on it"
