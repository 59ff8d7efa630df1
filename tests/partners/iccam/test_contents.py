"""Reading a report's contents in several goes, and what of it goes with the page."""

import pytest

from router.partners.base import Deferred, Envelope
from router.partners.iccam.contents import MARK, Readings, find_own, give, is_sibling, same_place, with_us
from router.partners.iccam.dialect import IccamDialect
from router.partners.iccam.hub import HubCalls
from router.partners.iccam.session import Session
from router.partners.iccam.standing import Standing
from router.partners.iccam.wire import ContentView, ReportView
from router.world.iccam.rules import Rules
from router.world.iccam.trouble import Kind, Trouble
from tests.partners.iccam.sender import Sender, a_hub
from tests.partners.iccam.stage import START, Near, turns_of
from tests.referrals import a_message

STANDING = Standing(report=900_001, content=7_000_001, target="NL", hosted_in="NL", reported_at=START)


def calls_of(at: Near, seconds: float = 20) -> HubCalls:
    return HubCalls(Session(at.tools, at.config), turns_of(at, 50), at.clock, until=at.until(seconds))


async def reported(at: Near, *files: str) -> None:
    sender = Sender(at, IccamDialect(at.tools))
    at.hub.crawls = {sender.message.location: files}
    await sender.turn()


async def test_a_reading_that_was_cut_off_goes_on_where_it_stopped(at: Near) -> None:
    await reported(at, "https://a.test/1", "https://a.test/2")
    readings, calls = Readings(), calls_of(at)
    at.server.troubles.order(Trouble(Kind.STATUS, "7000002", "GET", status=429))
    assert isinstance(await readings.all_of(calls, STANDING), Deferred)
    found = await readings.all_of(calls, STANDING)
    assert isinstance(found, tuple)
    assert [one.content_id for one in found] == [7_000_001, 7_000_002, 7_000_003]
    assert at.paths.count("GET rest/Content/7000001") == 1
    await readings.all_of(calls, STANDING)  # what is whole is read anew
    assert at.paths.count("GET rest/Content/7000001") == 2


async def test_a_file_that_the_hub_does_not_show_any_more_is_left_out(at: Near) -> None:
    await reported(at, "https://a.test/1", "https://a.test/2")
    del at.hub.contents[7_000_002]
    found = await Readings().all_of(calls_of(at), STANDING)
    assert isinstance(found, tuple)
    assert [one.content_id for one in found] == [7_000_001, 7_000_003]


async def test_only_so_many_readings_are_kept(at: Near) -> None:
    await reported(at)
    at.hub.reports |= {900_001 + n: at.hub.reports[900_001] for n in range(1, 150)}
    at.server.troubles.order(Trouble(Kind.STATUS, "7000001", "GET", status=429, times=200))
    readings, calls = Readings(), calls_of(at)
    for number in range(120):
        await readings.all_of(calls, STANDING.model_copy(update={"report": 900_001 + number}))
    assert len(readings._under_way) == 100


def view(number: int, assigned: str | None, hosted: str | None) -> ContentView:
    url = {"urlString": "https://bad.test/", "hostingCountryCode": hosted}
    return ContentView.model_validate({"contentId": number, "url": url, "assignedCountryCode": assigned})


def test_what_is_with_us_and_where_the_page_is_goes_with_it() -> None:
    seen = [
        view(7_000_001, "BE", "NL"),  # the page itself has its own step
        view(1, "BE", "NL"),
        view(2, None, None),
        view(3, "NL", "NL"),  # they have it
        view(4, "BE", "US"),  # hosted elsewhere
        view(5, "BE", "BE"),  # at home
    ]
    assert [one.content_id for one in with_us(seen, STANDING, "BE")] == [1, 2]


SHOWN = {
    "the same": ("https://bad.test/a b", True),
    "capitals": ("https://BAD.test/a b", True),
    "the usual port": ("https://bad.test:443/a b", True),
    "a fragment": ("https://bad.test/a b#top", True),
    "escaped": ("https://bad.test/a%20b", True),
    "another path": ("https://bad.test/a", False),
    "another scheme": ("http://bad.test/a b", False),
    "another port": ("https://bad.test:8443/a b", False),
    "another query": ("https://bad.test/a b?x=1", False),
    "no URL": ("https://bad.test:port/a b", False),
    "nothing": (None, False),
}


@pytest.mark.parametrize(("shown", "is_same"), SHOWN.values(), ids=SHOWN)
def test_a_url_is_the_same_place_however_a_hub_writes_it(shown: str | None, is_same: bool) -> None:
    assert same_place(shown, "https://bad.test/a b") is is_same


@pytest.mark.parametrize(
    ("reference", "url", "number", "found"),
    [
        ("r-1", "https://bad.test/1", 8, True),  # under our reference
        (f"r-1{MARK}", "https://bad.test/1", 8, True),  # and taken back since
        (None, "https://bad.test/1", 9, True),  # it was met before
        (None, "https://BAD.test/2", 8, True),  # the hub shows no references
        (None, "https://bad.test/crawled", 8, False),
    ],
)
def test_what_was_reported_with_a_page_is_told_from_what_was_found_on_it(
    reference: str | None, url: str, number: int, found: bool
) -> None:
    standing = STANDING.model_copy(update={"others": {"r-2": "https://bad.test/2"}, "siblings": (9,)})
    content = ContentView.model_validate(
        {"contentId": number, "hotlineReference": reference, "url": {"urlString": url}, "assignedCountryCode": "BE"}
    )
    assert is_sibling(content, standing) is found
    assert with_us([content], standing, "BE") == ([] if found else [content])


@pytest.mark.parametrize(
    "rules", [Rules(), Rules(shows_reference=False), Rules(normalise_urls=True, shows_reference=False)]
)
async def test_each_finds_its_own_content_among_the_others(at: Near, rules: Rules) -> None:
    """Also beside one with the same URL that the crawler found, where the hub shows whose each is."""
    at.hub.rules = rules
    dialect, hub = IccamDialect(at.tools), a_hub(mode="contents", gather="0s")
    page = a_message(origin_reference="p", report="rep", location="https://BAD.test")
    files = [a_message(pages=("p",), report="rep", location=f"https://BAD.test/{n}.jpg") for n in range(3)]
    at.hub.crawls = {page.location: ("https://bad.test/1.jpg",)}
    given = [page, *files]
    await dialect.send(hub, [Envelope(one.referral_id, dialect.freeze(one, hub)) for one in given])
    report = await calls_of(at).report(900_001)
    assert isinstance(report, ReportView)
    found = {}
    for one in given:
        standing = STANDING.model_copy(update={"content": None, "source": one is page, "url": one.location})
        own = await find_own(calls_of(at), report, standing, one.referral_id, one.location)
        assert isinstance(own, ContentView)
        found[one.location.lower().rstrip("/")] = own.url.url_string.lower().rstrip("/")
    assert all(mine == shown for mine, shown in found.items())
    if rules.shows_reference:
        stranger = STANDING.model_copy(update={"content": None, "source": False})
        assert await find_own(calls_of(at), report, stranger, "r-9", "https://bad.test/9.jpg") is None


async def test_a_file_reads_its_own_content_only(at: Near) -> None:
    await reported(at, "https://a.test/1", "https://a.test/2")
    file = STANDING.model_copy(update={"content": 7_000_002, "source": False})
    found = await Readings().all_of(calls_of(at), file)
    assert isinstance(found, tuple)
    assert [one.content_id for one in found] == [7_000_002]
    assert "GET rest/Reports/900001" not in at.paths


async def test_giving_it_twice_changes_nothing(at: Near) -> None:
    at.hub.rules = Rules()
    await reported(at)
    calls = calls_of(at)
    content = await calls.content(7_000_001)
    assert isinstance(content, ContentView)
    for _ in range(2):
        assert await give(calls, content, "NL") is None
    assert at.hub.contents[7_000_001].assigned_country == "NL"
