"""The hub's inbox as the dialect reads it: what a content and its report say, and what it costs."""

import pytest

from router.partners.base import Deferred, Refused
from router.partners.iccam.dialect import IccamDialect
from router.partners.inbox import HandedIn, Inbox, Page
from router.world.iccam.trouble import Kind, Trouble
from schemas.exchange import ReferralMessage
from schemas.vocabulary import Assessment, Commerciality, PaymentMethod, SiteType
from tests.partners.iccam.sender import Sender, a_hub
from tests.partners.iccam.stage import START, Near


def inbox_of(at: Near, **changes: object) -> Inbox:
    found = IccamDialect(at.tools).inbox(a_hub(intake=True, **changes))
    assert found is not None
    return found


async def reported(at: Near, *files: str) -> ReferralMessage:
    """A report of ours that nobody was given: to the hub it is our own work."""
    sender = Sender(at, IccamDialect(at.tools))
    at.hub.crawls = {sender.message.location: files}
    await sender.turn()
    return sender.message


async def test_it_is_read_only_where_its_entry_says_so(at: Near) -> None:
    assert IccamDialect(at.tools).inbox(a_hub()) is None
    assert not inbox_of(at).acknowledges
    assert inbox_of(at, acknowledge=True).acknowledges


async def test_a_content_is_read_with_what_its_report_says(at: Near) -> None:
    message = await reported(at, "https://a.test/1.jpg")
    inbox = inbox_of(at)
    page, file = [await inbox.read(number) for number in ("7000001", "7000002")]
    assert isinstance(page, HandedIn)
    assert isinstance(file, HandedIn)
    assert (page.location, page.page, page.report) == (message.location, None, "900001")
    assert (file.location, file.page) == ("https://a.test/1.jpg", message.location)
    assert page.references == (message.referral_id, message.referral_id)
    assert file.references == (message.referral_id,)
    assert (page.assessment, file.assessment) == (Assessment.BASELINE, Assessment.UNASSESSED)
    assert page.site_type in set(SiteType)
    assert (page.commerciality in set(Commerciality), set(page.payment_methods) <= set(PaymentMethod)) == (True, True)


async def test_a_report_is_read_once_in_a_turn(at: Near) -> None:
    await reported(at, *(f"https://a.test/{number}.jpg" for number in range(5)))
    inbox, before = inbox_of(at), len(at.paths)
    for number in range(6):
        await inbox.read(str(7_000_001 + number))
    assert at.paths[before:].count("GET rest/Reports/900001") == 1
    assert len([path for path in at.paths[before:] if "Content" in path]) == 6


async def test_a_page_says_whether_there_may_be_more(at: Near) -> None:
    await reported(at)
    found = await inbox_of(at).page("unactioned", START)
    assert found == Page(("7000001",), is_full=False)


@pytest.mark.parametrize("name", ["unactioned", "7000001", "reports/900001"])
async def test_what_fails_says_why(at: Near, name: str) -> None:
    await reported(at)
    inbox = inbox_of(at)
    at.server.troubles.order(Trouble(Kind.STATUS, name, "GET", status=429))
    asked = inbox.page(name, START) if name == "unactioned" else inbox.read("7000001")
    assert isinstance(await asked, Deferred)


async def test_what_the_hub_does_not_show_is_refused(at: Near) -> None:
    assert isinstance(await inbox_of(at).read("12"), Refused)


async def test_acknowledging_notes_our_reference(at: Near) -> None:
    await reported(at)
    for _ in range(2):
        assert await inbox_of(at).acknowledge("7000001", "K7Q2-M9XD") is None
    assert at.hub.contents[7_000_001].references[24] == "K7Q2-M9XD"
