"""A page with three files goes to the hub, is worked there content by content, and our case follows to its end."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.desk import case_acts, referral_acts
from router.casework.desk.handed_over import handed_over as handed_over_by_hand
from router.casework.read import lists
from router.casework.read.stats import stats
from router.store.schema.tables import actions, alarms, follow_ups, part_actions
from router.worker.sending import Sending
from router.world.iccam.records import Content
from router.world.iccam.rules import STRICT
from router.world.iccam.staff import Analyst
from router.world.iccam.trouble import Kind, Trouble
from schemas.acts import HandedOver
from schemas.alarm import HouseCode
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionType, Outcome
from tests.casebook import ANNA, PAGE
from tests.hub_desk import Desk, hub_desk

FILES = tuple(f"https://example.test/{name}.jpg" for name in ("one", "two", "three"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with hub_desk(tmp_path, STRICT) as opened:
        opened.near.hub.crawls[PAGE] = FILES
        yield opened


async def handed_over(desk: Desk) -> tuple[str, list[Content]]:
    """A case that the Dutch hotline has, with the files that the hub found on its page."""
    case_id = await desk.book.decided()
    row = await desk.send(case_id)
    assert row["state"] == ReferralState.ACCEPTED
    contents = list(desk.near.hub.contents.values())
    assert [one.url for one in contents] == [PAGE, *FILES]
    assert {one.assigned_country for one in contents} == {"NL"}
    for one in contents[1:]:
        Analyst(desk.near.hub, "NL").assess(one)
    return case_id, contents


async def said(desk: Desk, table: object = part_actions) -> list[tuple[str, str]]:
    """What is kept of parts: the content's number, and what was done."""
    rows = await desk.book.rows(table)
    return sorted((row.get("part") or "", row["action"]) for row in rows)


async def test_each_act_comes_back_with_its_date_and_the_last_one_ends_the_case(desk: Desk) -> None:
    case_id, (page, one, two, three) = await handed_over(desk)
    dutch, german = Analyst(desk.near.hub, "NL"), Analyst(desk.near.hub, "DE")
    dutch.report_to_lea(page)
    dutch.report_to_isp(page)
    reported = desk.near.clock.now().replace(microsecond=0)
    await desk.pass_by(case_id, 7 * HOUR)
    (view,) = await lists.views_of(desk.book.ctx, await desk.book.referrals(case_id))
    assert [(act.action, act.at) for act in view.said] == [
        (ActionType.REPORTED_TO_LEA, reported),
        (ActionType.REPORTED_TO_ISP, reported),
    ]
    for content in (page, one, two):
        dutch.remove(content)
    dutch.move(three, "DE", "198.51.100.20")
    case = await desk.pass_by(case_id, 7 * HOUR)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    assert await said(desk) == [
        (str(page.id), "Removed"),
        (str(one.id), "Removed"),
        (str(two.id), "Removed"),
        (str(three.id), "Moved"),
    ]
    german.remove(three)
    case = await desk.pass_by(case_id, 7 * HOUR)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)
    assert case["rests_on"].startswith("iccam says Removed (")
    assert [row["finding"] for row in await desk.book.rows(follow_ups)] == ["removed"]


async def test_a_file_that_nobody_ended_keeps_the_case_open_and_the_check_says_how_far_it_is(desk: Desk) -> None:
    case_id, (page, one, two, _) = await handed_over(desk)
    for content in (page, one, two):
        Analyst(desk.near.hub, "NL").remove(content)
    case = await desk.pass_by(case_id, 6 * DAY)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.LOOK)
    assert "iccam says of what is on the page: Removed 3" in case["desk_text"]


async def test_what_nobody_asks_for_is_not_asked_for_ever(desk: Desk) -> None:
    """Between two checks the hub is asked four times a day, and nothing is written down twice."""
    case_id, (page, *_) = await handed_over(desk)
    Analyst(desk.near.hub, "NL").report_to_lea(page)
    before = len(desk.near.server.calls)
    await desk.pass_by(case_id, 4 * DAY + HOUR)
    asked = [call for call in desk.near.server.calls[before:] if call.path == f"rest/Content/{page.id}"]
    assert len(asked) == 16
    assert [row["action"] for row in await desk.book.rows(actions)] == [ActionType.REPORTED_TO_LEA]


async def test_a_hub_that_is_silent_is_asked_again_soon(desk: Desk) -> None:
    case_id, (page, *_) = await handed_over(desk)
    Analyst(desk.near.hub, "NL").report_to_lea(page)
    desk.near.server.troubles.order(Trouble(Kind.STATUS, "rest/reports", "GET"))
    await desk.pass_by(case_id, 6 * HOUR + timedelta(minutes=5))
    assert await desk.book.rows(actions) == []
    await desk.pass_by(case_id, timedelta(minutes=10))
    assert [row["action"] for row in await desk.book.rows(actions)] == [ActionType.REPORTED_TO_LEA]


async def test_an_act_of_a_new_kind_is_kept_and_shown_under_the_hubs_name(desk: Desk) -> None:
    case_id, (page, *_) = await handed_over(desk)
    desk.near.hub.words["action-types"][9] = "SentToInterpol"
    Analyst(desk.near.hub, "NL").act(page, 9)
    await desk.pass_by(case_id, DAY + 7 * HOUR)
    (view,) = await lists.views_of(desk.book.ctx, await desk.book.referrals(case_id))
    assert [(act.action, act.reason) for act in view.said] == [(ActionType.OTHER, "SentToInterpol (9)")]


async def test_a_file_that_was_found_to_be_nothing_holds_nothing_up(desk: Desk) -> None:
    case_id, (page, one, two, three) = await handed_over(desk)
    dutch = Analyst(desk.near.hub, "NL")
    dutch.not_illegal(one, 15)
    for content in (page, two, three):
        dutch.remove(content)
    case = await desk.pass_by(case_id, 7 * HOUR)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)


async def test_a_page_that_moved_is_followed_to_whom_the_hub_gave_it(tmp_path: Path) -> None:
    """Whoever deals with it now was chosen by the hub: nobody is asked, and the new hotline's word counts."""
    async with hub_desk(tmp_path, STRICT) as desk:
        case_id = await desk.book.decided()
        await desk.send(case_id)
        (page,) = desk.near.hub.contents.values()
        Analyst(desk.near.hub, "NL").move(page, "DE", "198.51.100.20")
        case = await desk.pass_by(case_id, DAY)
        assert (case["state"], case["desk_code"]) != (CaseState.DESK, DeskCode.MOVED)
        Analyst(desk.near.hub, "DE").remove(page)
        case = await desk.pass_by(case_id, 7 * HOUR)
        assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)


async def test_files_that_the_crawler_finds_late_are_given_on(desk: Desk) -> None:
    desk.near.hub.crawls.clear()
    case_id = await desk.book.decided()
    await desk.send(case_id)
    hub = desk.near.hub
    late = Content(7_100_000, 900_001, FILES[0], is_source=False, created=desk.near.clock.now(), hosting_country="NL")
    hub.contents[late.id] = late
    hub.reports[900_001].contents.append(late)
    hub.reassign(late.id, "BE")
    await desk.pass_by(case_id, 7 * HOUR)
    assert late.assigned_country == "NL"


async def test_a_page_with_many_files_is_read_in_several_goes(desk: Desk) -> None:
    """At the pace of a real hub a reading has time for some files only; it goes on where it stopped."""
    case_id, contents = await handed_over(desk)
    for one in contents:
        Analyst(desk.near.hub, "NL").remove(one)
    desk.near.server.troubles.order(Trouble(Kind.STATUS, str(contents[2].id), "GET"))
    before = len(desk.near.server.calls)
    case = await desk.pass_by(case_id, 7 * HOUR)
    assert case["state"] == CaseState.CLOSED
    read = [call.path for call in desk.near.server.calls[before:] if call.path == f"rest/Content/{contents[1].id}"]
    assert len(read) == 1


async def test_a_hub_that_gives_it_to_a_third_country_is_followed_there_and_people_hear_it(
    tmp_path: Path,
) -> None:
    """Whoever leads the desk is told, it counts as misrouted from then on, and the new hotline's word ends it."""
    async with hub_desk(tmp_path, STRICT) as desk:
        case_id = await desk.book.decided()
        await desk.send(case_id)
        (page,) = desk.near.hub.contents.values()
        desk.near.hub.reassign(page.id, "DE")
        case = await desk.pass_by(case_id, 7 * HOUR)
        row = await desk.book.referral(case_id)
        assert (row["state"], case["desk_code"]) == (ReferralState.ACCEPTED, DeskCode.BOUNCED)
        assert case["desk_text"].startswith("iccam gave it to DE, and not to whom it was sent")
        assert row["misrouted_at"] is not None
        assert [one["code"] for one in await desk.book.rows(alarms)] == [HouseCode.MISROUTED]
        Analyst(desk.near.hub, "DE").remove(page)
        case = await desk.pass_by(case_id, 7 * HOUR)
        assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)


async def test_what_a_hub_gives_to_a_third_country_before_it_was_taken_is_with_that_one(tmp_path: Path) -> None:
    """It is half done, and somebody has it: it is followed there and never reported again; people hear of our error."""
    async with hub_desk(tmp_path, STRICT) as desk:
        case_id = await desk.book.decided()
        hub = desk.near.hub

        def give_away() -> None:
            for one in [one for one in hub.contents.values() if one.assigned_country == "NL"]:
                hub.reassign(one.id, "DE")

        await desk.send(case_id, between=give_away)
        row, case = await desk.book.referral(case_id), await desk.book.case(case_id)
        (page,) = hub.contents.values()
        assert (row["state"], row["receipt"]) == (ReferralState.ACCEPTED, f"{next(iter(hub.reports))}/{page.id}")
        assert row["misrouted_at"] is not None
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.BOUNCED)
        assert case["desk_text"] == (
            "iccam gave it to DE, and not to whom it was sent: look why, and whether more is to be done."
        )
        assert [one["code"] for one in await desk.book.rows(alarms)] == [HouseCode.MISROUTED]
        assert (await stats(desk.book.ctx)).misrouted == 1
        await case_acts.done(desk.book.ctx, case_id, ANNA, "they deal with it")
        case = await desk.pass_by(case_id, 7 * HOUR)
        assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None), "it is said once"
        Analyst(hub, "DE").remove(page)
        case = await desk.pass_by(case_id, 7 * HOUR)
        assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)
        assert len(hub.reports) == 1


@pytest.mark.parametrize("answered", ["recalled", "handed over"])
@pytest.mark.parametrize("country", ["BE", None])
async def test_what_a_hub_gives_back_half_done_is_finished_by_either_answer(
    tmp_path: Path, country: str | None, answered: str
) -> None:
    async with hub_desk(tmp_path, STRICT) as desk:
        case_id = await desk.book.decided()
        hub = desk.near.hub

        def take_away() -> None:
            for one in [one for one in hub.contents.values() if one.assigned_country == "NL"]:
                hub.reassign(one.id, country)

        row = await desk.send(case_id, between=take_away)
        case = await desk.book.case(case_id)
        assert (row["state"], case["desk_code"]) == (ReferralState.UNKNOWN, DeskCode.REFUSED)
        assert "recall it here and refer it anew, or note that it was handed over" in case["desk_text"]
        (page,) = hub.contents.values()
        if answered == "recalled":
            await referral_acts.recall(desk.book.ctx, row["id"], ANNA, "they did not take it")
            for _ in range(4):
                await Sending(desk.book.ctx).turn()
                desk.near.clock.advance(timedelta(minutes=5))
            assert (await desk.book.referral(case_id))["state"] == ReferralState.RECALLED
        else:
            said = HandedOver(
                partner="iccam", reference=f"{next(iter(hub.reports))}/{page.id}", reason="NL took it by the web page"
            )
            hub.reassign(page.id, "NL")
            await handed_over_by_hand(desk.book.ctx, case_id, ANNA, said)
            assert (await desk.book.referral(case_id))["state"] == ReferralState.ACCEPTED
            Analyst(hub, "NL").remove(page)
            await desk.pass_by(case_id, 7 * HOUR)
            assert (await desk.book.case(case_id))["outcome"] == Outcome.REMOVED
        assert len(hub.reports) == 1, "it was never reported twice"


@pytest.mark.parametrize("country", ["BE", None])
async def test_what_a_hub_gives_away_before_it_was_taken_went_to_the_wrong_country(
    tmp_path: Path, country: str | None
) -> None:
    """Nothing was accepted there yet: it counts as misrouted from its first minute all the same, and people hear it."""
    async with hub_desk(tmp_path, STRICT) as desk:
        case_id = await desk.book.decided()
        hub = desk.near.hub

        def take_away() -> None:
            for one in [one for one in hub.contents.values() if one.assigned_country == "NL"]:
                hub.reassign(one.id, country)

        await desk.send(case_id, between=take_away)
        row, case = await desk.book.referral(case_id), await desk.book.case(case_id)
        assert row["state"] in {ReferralState.REFUSED, ReferralState.UNKNOWN}
        assert row["accepted_at"] is None
        assert row["misrouted_at"] is not None
        assert case["desk_code"] == DeskCode.REFUSED
        assert HouseCode.MISROUTED in {one["code"] for one in await desk.book.rows(alarms)}
        assert (await stats(desk.book.ctx)).misrouted == 1


@pytest.mark.parametrize("country", ["BE", None])
async def test_a_hub_that_gives_it_back_has_sent_it_back(tmp_path: Path, country: str | None) -> None:
    async with hub_desk(tmp_path, STRICT) as desk:
        case_id = await desk.book.decided()
        await desk.send(case_id)
        (page,) = desk.near.hub.contents.values()
        desk.near.hub.reassign(page.id, country)
        await desk.pass_by(case_id, 7 * HOUR)
        assert (await desk.book.referral(case_id))["state"] == ReferralState.REFUSED
