"""Reading a report's contents in several goes, and what of it goes with the page."""

from router.partners.base import Deferred
from router.partners.iccam.contents import Readings, give, with_us
from router.partners.iccam.dialect import IccamDialect
from router.partners.iccam.hub import HubCalls
from router.partners.iccam.session import Session
from router.partners.iccam.standing import Standing
from router.partners.iccam.wire import ContentView
from router.world.iccam.rules import Rules
from router.world.iccam.trouble import Kind, Trouble
from tests.partners.iccam.sender import Sender
from tests.partners.iccam.stage import START, Near, turns_of

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


async def test_giving_it_twice_changes_nothing(at: Near) -> None:
    at.hub.rules = Rules()
    await reported(at)
    calls = calls_of(at)
    content = await calls.content(7_000_001)
    assert isinstance(content, ContentView)
    for _ in range(2):
        assert await give(calls, content, "NL") is None
    assert at.hub.contents[7_000_001].assigned_country == "NL"
