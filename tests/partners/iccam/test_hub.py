"""The calls to a hub, and what their answers mean."""

from datetime import timedelta

import pytest

from router.partners.base import Deferred, Reason, Refused
from router.partners.iccam.hub import WORDS_AGE, HubCalls, Lexicon, Lost
from router.partners.iccam.session import Session
from router.partners.iccam.wire import ContentView, ReportView
from router.partners.iccam.words import List
from router.world.iccam.rules import Rules
from router.world.iccam.trouble import Kind, Trouble
from schemas.vocabulary import SiteType
from tests.partners.iccam.stage import START, Near, turns_of
from tests.world.iccam.members import a_content, a_report, new_report


@pytest.fixture
async def calls(at: Near) -> HubCalls:
    return HubCalls(Session(at.tools, at.config), turns_of(at, 50), at.clock, until=at.until())


async def test_words_are_read_once_a_day(at: Near, calls: HubCalls) -> None:
    lexicon = Lexicon(at.clock)
    for later, lists in ((0, 7), (WORDS_AGE - 60, 7), (60, 14)):
        at.clock.advance(timedelta(seconds=later))
        assert await calls.learn(lexicon) is None
        assert len(at.paths) - at.paths.count("POST Authentication") == lists
    assert lexicon.words.id_of(SiteType.FORUM) == 6


@pytest.mark.parametrize("kind", [Kind.GARBAGE, Kind.STATUS])
async def test_a_list_that_cannot_be_read_is_read_again_and_the_others_are_not(
    at: Near, calls: HubCalls, kind: Kind
) -> None:
    lexicon = Lexicon(at.clock)
    at.server.troubles.order(Trouble(kind, "rest/site-types", status=500))
    assert isinstance(await calls.learn(lexicon), Deferred)
    assert List.CLASSIFICATIONS not in lexicon.missing()
    assert await calls.learn(lexicon) is None
    assert at.paths.count("GET rest/classifications") == 1
    assert at.paths.count("GET rest/site-types") == 2


async def test_what_the_hub_has_is_read(at: Near, calls: HubCalls) -> None:
    at.hub.keep(a_report(), a_content(assigned_country="BE"))
    report, content = await calls.report(900_001), await calls.content(7_000_001)
    assert isinstance(report, ReportView)
    assert isinstance(content, ContentView)
    listed = await calls.listed("no-reference", START)
    assert isinstance(listed, tuple)
    assert listed[0].content_id == report.report_contents[0].content_id == content.content_id


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (Trouble(Kind.STATUS, "rest/reports", status=400), Refused),
        (Trouble(Kind.STATUS, "rest/reports", status=409), Refused),
        (Trouble(Kind.STATUS, "rest/reports", status=429), Deferred),
        (Trouble(Kind.STATUS, "rest/reports", status=503), Deferred),
        (Trouble(Kind.STATUS, "rest/reports", status=302), Deferred),
        (Trouble(Kind.STATUS, "rest/reports", status=403), Deferred),
        (Trouble(Kind.STATUS, "rest/reports", status=408), Lost),
        (Trouble(Kind.STATUS, "rest/reports", status=500), Lost),
        (Trouble(Kind.STATUS, "rest/reports", status=502), Lost),
        (Trouble(Kind.STATUS, "rest/reports", status=504), Lost),
        (Trouble(Kind.STATUS, "rest/reports", status=600), Lost),
        (Trouble(Kind.STATUS, "rest/reports", status=200), Lost),
        (Trouble(Kind.GARBAGE, "rest/reports"), Lost),
        (Trouble(Kind.CUT, "rest/reports"), Lost),
        (Trouble(Kind.DROP_BEFORE, "rest/reports"), Lost),
        (Trouble(Kind.DROP_AFTER, "rest/reports"), Lost),
        (Trouble(Kind.STATUS, "authentication", status=500), Deferred),
        (Trouble(Kind.STATUS, "authentication", status=400), Deferred),
    ],
    ids=lambda value: f"{value.path}-{value.kind}-{value.status}" if isinstance(value, Trouble) else "",
)
async def test_a_report_that_may_have_been_taken_is_told_from_one_that_was_not(
    at: Near, calls: HubCalls, trouble: Trouble, outcome: type
) -> None:
    at.server.troubles.order(trouble)
    assert isinstance(await calls.post_report(new_report()), outcome)


@pytest.mark.parametrize("rules", [Rules(), Rules(success=201), Rules(success=202), Rules(quoted_id=True)])
async def test_any_success_is_one(at: Near, calls: HubCalls, rules: Rules) -> None:
    at.hub.rules = rules
    assert await calls.post_report(new_report()) == 900_001
    assert await calls.put("rest/Content/7000001/hotline-reference", {"reference": "a"}) is None


async def test_what_is_not_ours_any_more_is_no_fault_of_our_key(at: Near, calls: HubCalls) -> None:
    at.hub.rules = Rules(only_assigned=True)
    at.hub.keep(a_report(), a_content(assigned_country="NL"))
    refused = await calls.put("rest/Content/7000001/assigned-country", {"newCountryCode": "DE"})
    assert isinstance(refused, Refused)
    assert "another hotline" in refused.text


@pytest.mark.parametrize("status", [500, 600])
async def test_a_question_without_an_answer_leaves_no_doubt(at: Near, calls: HubCalls, status: int) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "rest/content", status=status))
    assert isinstance(await calls.content(1), Deferred)


async def test_a_cut_answer_to_a_question_leaves_no_doubt(at: Near, calls: HubCalls) -> None:
    at.hub.keep(a_report(), a_content())
    at.server.troubles.order(Trouble(Kind.CUT, "rest/content", times=3))
    found = await calls.content(7_000_001)
    assert isinstance(found, Deferred)
    assert found.reason is Reason.NO_ANSWER
