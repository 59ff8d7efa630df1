"""One referral from nothing to the country that has it, whatever the hub's rules, and wherever a turn is cut off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from router.partners.base import Reason, Refused
from router.partners.iccam.standing import Again, Done, Elsewhere, Standing
from router.partners.iccam.steps import PATIENCE, SETTLE
from router.world.iccam.bodies import NewReport
from router.world.iccam.rules import STRICT, AssignedBy, Rules
from router.world.iccam.trouble import Kind, Trouble
from schemas.exchange import AssessmentStatement, HostingStatement
from schemas.vocabulary import Assessment, Commerciality, PaymentMethod, SiteType
from tests.partners.iccam.play import Player
from tests.partners.iccam.stage import NL, Near
from tests.referrals import AT, a_message

RECEIPT = "900001/7000001"
#: Settings under which a real hub may run; the referral ends well under each.
HUBS: Mapping[str, Rules] = {
    "as recorded": Rules(),
    "strict": STRICT,
    "assigns by hosting": Rules(assigned_by=AssignedBy.HOSTING),
    "strict, assigns by hosting": replace(STRICT, assigned_by=AssignedBy.HOSTING),
    "assigns to nobody": Rules(assigned_by=AssignedBy.NOBODY),
    "answers 201": Rules(success=201),
    "answers 204": Rules(success=204),
    "quotes ids": Rules(quoted_id=True),
    "hides references": Rules(shows_reference=False),
    "writes URLs anew": Rules(normalise_urls=True),
    "slow to show": Rules(contents_settle=300),
    "slow to take": Rules(acts_settle=300),
}


def effects(at: Near) -> tuple[int, list[str | None], list[int]]:
    """What the hub has: reports, whose each content is, and how often each was assessed."""
    contents = at.hub.contents.values()
    return len(at.hub.reports), [one.assigned_country for one in contents], [len(one.assessments) for one in contents]


@pytest.mark.parametrize("rules", HUBS.values(), ids=HUBS)
async def test_a_referral_ends_when_the_hub_says_that_its_country_has_it(at: Near, rules: Rules) -> None:
    at.hub.rules = rules
    player = Player(at)
    assert await player.to_the_end() == Done(RECEIPT)
    assert effects(at) == (1, ["NL"], [1])
    assert at.hub.reports[900_001].is_complete
    assert at.paths.count("POST rest/reports") == 1
    assert at.paths.count("PUT rest/Content/7000001/assigned-country") <= 300 / 30 + 1


async def test_progress_is_told_from_the_first_call_on(at: Near) -> None:
    player = Player(at)
    assert await player.turn() == Again(0, "With the hub as report 900001, not yet given to NL.")
    standing = player.standing
    assert standing is not None
    assert standing == Standing(report=900_001, target="NL", hosted_in="NL", reported_at=standing.reported_at)
    assert at.paths.count("GET rest/Reports/900001") == 0  # it is kept before anything else is asked
    step = await player.turn()
    assert isinstance(step, Again)
    assert step.seconds == pytest.approx(SETTLE.total_seconds(), abs=5)


async def test_it_is_given_away_in_a_later_turn_and_confirmed_in_another(at: Near) -> None:
    player = Player(at)
    await player.to_the_end()
    given = [call.at for call in at.server.calls if call.path.endswith("assigned-country")]
    assert len(given) == 1
    assert player.standing is not None
    assert player.standing.asked_at is not None
    assert player.standing.given
    assert at.paths[-2:] == ["GET rest/Content/7000001", "GET rest/Reports/900001"]


async def test_what_leaves_is_what_the_hub_is_known_to_read(at: Near) -> None:
    at.hub.rules = STRICT  # the hub refuses unknown fields whatever its rules
    message = a_message(
        site_type=SiteType.FORUM,
        commerciality=Commerciality.COMMERCIAL,
        payment_methods=(PaymentMethod.BITCOIN, PaymentMethod.VISA),
        note="0123",
    )
    await Player(at, message).to_the_end()
    (posted,) = [call for call in at.server.calls if call.path == "rest/reports"]
    body = NewReport.read(posted.body)
    assert (body.memo, body.source_url_payment_methods) == ("0123", [13, 6])
    assert b'"memo":"0123"' in posted.body
    assert body.hotline_reference == body.urls[0].hotline_reference == message.referral_id
    assert body.reporting_analyst_name == at.config.username
    assert body.hotline_received_date == AT
    assert body.urls[0].url_string == message.location


async def test_a_hub_that_corrected_the_hosting_is_corrected_first(at: Near) -> None:
    player = Player(at)
    await player.turn()
    at.hub.contents[7_000_001].hosting_country = "FR"
    assert await player.to_the_end() == Done(RECEIPT)
    content = at.hub.contents[7_000_001]
    assert (content.hosting_country, content.hosting_ip, content.assigned_country) == ("NL", "3.120.0.1", "NL")


async def test_what_the_hub_lost_of_the_report_is_told_again(at: Near) -> None:
    player = Player(at)
    await player.turn()
    at.hub.contents[7_000_001].assessments.clear()
    report = at.hub.reports[900_001]
    report.site_type, report.commerciality, report.payment_methods = None, None, []
    assert await player.to_the_end() == Done(RECEIPT)
    assert effects(at) == (1, ["NL"], [1])
    assert (report.site_type, report.commerciality, report.payment_methods) == (20, 1, [1])


async def test_an_assessment_that_came_after_ours_stands(at: Near) -> None:
    player = Player(at)
    await player.turn()
    at.hub.contents[7_000_001].assessments[:] = [{"classification": 2}]
    assert await player.to_the_end() == Done(RECEIPT)
    assert at.hub.contents[7_000_001].assessments == [{"classification": 2}]


async def test_contents_that_the_crawler_added_are_not_mistaken_for_ours(at: Near) -> None:
    message = a_message(location="https://BAD.example.test/page")
    at.hub.rules = Rules(normalise_urls=True)
    at.hub.crawls = {message.location: ("https://bad.example.test/1.jpg", "https://bad.example.test/2.jpg")}
    assert await Player(at, message).to_the_end() == Done(RECEIPT)
    assert effects(at)[1] == ["NL", "NL", "NL"]  # what is on the page goes with it
    assert [len(one.assessments) for one in at.hub.contents.values()] == [1, 0, 0]


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("country", ["FR", "DE"])
async def test_a_hub_that_gives_it_to_a_third_country_is_believed_and_not_fought(
    at: Near, country: str, before: bool
) -> None:
    player = Player(at)
    if before:
        await player.turn()
        at.hub.reassign(7_000_001, country)
    else:
        at.hub.rules = Rules(reassigned={"NL": country})
    assert await player.to_the_end() == Elsewhere(country)
    assert at.paths.count("PUT rest/Content/7000001/assigned-country") == (0 if before else 1)


@pytest.mark.parametrize("country", ["BE", None])
async def test_a_hub_that_gives_it_back_is_given_time_and_then_believed(at: Near, country: str | None) -> None:
    at.hub.rules = Rules(reassigned={"NL": country})
    player = Player(at)
    assert await player.to_the_end() == Elsewhere(country)
    assert player.standing is not None
    assert player.standing.asked_at is not None
    assert at.clock.now() - player.standing.asked_at >= PATIENCE


async def test_a_hub_that_is_late_with_what_it_took_is_waited_for(at: Near) -> None:
    at.hub.rules = Rules(reassigned={"NL": "BE"})
    player = Player(at)
    while player.standing is None or player.standing.asked_at is None:
        step = await player.turn()
        assert isinstance(step, Again)
        at.clock.advance(timedelta(seconds=step.seconds))
    at.hub.reassign(7_000_001, "NL")
    assert await player.to_the_end() == Done(RECEIPT)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
@pytest.mark.parametrize("path", ["assigned-country", "url/hosting", "assessment", "site-type"])
async def test_what_the_hub_never_takes_goes_to_people_with_the_reports_number(
    at: Near, path: str, status: int
) -> None:
    player = Player(at)
    await player.turn()
    content, report = at.hub.contents[7_000_001], at.hub.reports[900_001]
    content.hosting_country, report.site_type = "FR", None
    content.assessments.clear()
    at.server.troubles.order(Trouble(Kind.STATUS, path, status=status, times=999))
    step = await player.to_the_end()
    assert isinstance(step, Refused)
    assert "900001" in step.text
    assert (content.assigned_country, len(at.hub.reports)) == ("BE", 1)
    at.server.troubles.ordered.clear()  # a person sends it again: it goes on from there
    assert await player.to_the_end() == Done(RECEIPT)
    assert len(at.hub.reports) == 1


async def test_half_moved_work_is_finished(at: Near) -> None:
    """Hosting was taken and the country was not: the next turn goes on with the country."""
    player = Player(at)
    await player.turn()
    at.hub.contents[7_000_001].hosting_country = "FR"
    at.server.troubles.order(Trouble(Kind.STATUS, "assigned-country", status=400, times=3))
    assert await player.to_the_end() == Done(RECEIPT)
    assert at.paths.count("PUT rest/Content/7000001/url/hosting") == 1


async def test_a_report_that_never_shows_a_content_goes_to_people(at: Near) -> None:
    at.hub.rules = Rules(contents_settle=86_400)
    step = await Player(at).to_the_end()
    assert isinstance(step, Refused)
    assert "900001" in step.text


async def test_what_has_no_country_is_for_people_and_not_sent(at: Near) -> None:
    message = a_message(hosting=HostingStatement(country=None, verdict="no_host", traced_at=AT))
    step = await Player(at, message).turn()
    assert isinstance(step, Refused)
    assert "country" in step.text
    assert "POST rest/reports" not in at.paths


async def test_the_country_that_deals_with_it_may_be_another_than_the_hosts(at: Near) -> None:
    at.hub.rules = Rules(assigned_by=AssignedBy.REPORTER)
    message = a_message(hosting=HostingStatement(country="MD", verdict="country", traced_at=AT), assigned_country="NL")
    assert await Player(at, message).to_the_end() == Done(RECEIPT)
    content = at.hub.contents[7_000_001]
    assert (content.hosting_country, content.assigned_country) == ("MD", "NL")


async def test_what_nobody_assessed_is_reported_without_an_assessment(at: Near) -> None:
    message = a_message(assessment=AssessmentStatement(value=Assessment.UNASSESSED))
    assert await Player(at, message).to_the_end() == Done(RECEIPT)
    assert effects(at) == (1, ["NL"], [0])


async def test_a_word_that_the_hub_lost_stops_it_before_anything_leaves(at: Near) -> None:
    del at.hub.words["classifications"][1]
    step = await Player(at).turn()
    assert isinstance(step, Refused)
    assert "baseline" in step.text
    assert at.hub.reports == {}


@pytest.mark.parametrize("status", [429, 503, 425])
async def test_a_busy_hub_is_no_doubt(at: Near, status: int) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "rest/reports", status=status, retry_after="30", times=2))
    player = Player(at)
    assert await player.to_the_end() == Done(RECEIPT)
    assert at.paths.count("POST rest/reports") == 3
    assert len(at.hub.reports) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
async def test_a_report_that_the_hub_refuses_is_for_people(at: Near, status: int) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "rest/reports", status=status))
    step = await Player(at).to_the_end()
    assert isinstance(step, Refused)
    assert step.reason is (Reason.TOO_LARGE if status == 413 else Reason.REFUSED)
    assert at.hub.reports == {}


async def test_a_reference_that_the_hub_knows_already_is_ours(at: Near) -> None:
    """The database was put back to yesterday: the report is there, and nothing here knows it."""
    at.hub.rules = Rules(duplicate_reference=409)
    player = Player(at)
    await player.turn()
    at.clock.advance(timedelta(days=2))
    again = Player(at, player.message)
    assert await again.to_the_end() == Done(RECEIPT)
    assert len(at.hub.reports) == 1


async def test_a_member_of_another_country_sees_it_in_its_inbox(at: Near) -> None:
    await Player(at).to_the_end()
    content = at.hub.contents[7_000_001]
    assert (content.assigned_country, NL.id in content.references) == ("NL", False)
