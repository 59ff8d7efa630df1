"""What a hub gives to our country is taken exactly once, and acknowledged when that is ours to do."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.alarm.house import is_over_now, look_after
from router.casework.case.record import open_case
from router.casework.deliver import stops
from router.casework.desk import case_acts
from router.casework.intake import hub_inbox
from router.casework.intake.hub_state import inbox_state
from router.store.schema.tables import actions, alarms, cases, hub_inboxes, hub_items, reports
from router.worker.pulling import Pulling
from router.worker.sending import Sending
from router.world.iccam.rules import STRICT, Rules
from router.world.iccam.staff import Analyst
from router.world.iccam.trouble import Kind, Trouble
from schemas.alarm import HouseCode
from schemas.casefile import DeskCode
from schemas.states import CaseState
from schemas.vocabulary import ActionType, Assessment, Outcome
from tests.casebook import ANNA
from tests.hub_desk import Desk, hub_desk
from tests.partners.iccam.stage import BE

PAGE = "https://given.test/page"
FILES = ("https://given.test/1.jpg", "https://given.test/2.jpg")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """An inbox that is ours to acknowledge."""
    async with hub_desk(tmp_path, STRICT, intake=True, acknowledge=True) as opened:
        yield opened


@pytest.fixture
async def watcher(tmp_path: Path) -> AsyncIterator[Desk]:
    """An inbox that another tool owns until go-live."""
    async with hub_desk(tmp_path, STRICT, intake=True) as opened:
        yield opened


async def test_a_content_becomes_a_case_with_all_that_the_hub_says(desk: Desk) -> None:
    (page,) = desk.given(PAGE)
    desk.near.hub.reassign(page.id, "NL")
    desk.near.clock.advance(timedelta(minutes=1))
    Analyst(desk.near.hub, "NL").report_to_lea(page)
    desk.near.hub.reassign(page.id, "BE")
    await desk.pull()
    (case,) = await desk.book.rows(cases)
    assert (case["source"], case["origin"], case["origin_reference"]) == ("iccam", "iccam", str(page.id))
    assert (case["assessment"], case["site_type"], case["watching"]) == (Assessment.BASELINE, "forum", 0)
    opened = await open_case(desk.book.ctx, case)
    (item,) = opened.items
    assert (item.location, item.age, item.gender, item.reference) == (
        PAGE,
        "pre_pubescent",
        "female",
        f"{page.report_id}/{page.id}",
    )
    assert (item.ways_in and item.ways_in.referrer, item.memo) == ("https://forum.test/t/3", "seen in a forum")
    assert [(row["action"], row["by"]) for row in await desk.book.rows(actions)] == [("ReportedToLEA", "iccam")]
    (row,) = await desk.book.rows(hub_items)
    assert (row["state"], row["assigned_to"], row["case_id"]) == ("taken", "BE", case["id"])


async def test_it_is_acknowledged_under_our_own_number_once_it_is_on_disk(desk: Desk) -> None:
    (page,) = desk.given(PAGE)
    await desk.pull()
    (report,) = await desk.book.rows(reports)
    assert page.references[BE.id] == report["dossier"]
    acknowledged = [path for path in desk.near.paths if path.endswith("hotline-reference")]
    assert len(acknowledged) == 1
    desk.near.clock.advance(timedelta(minutes=6))
    await desk.pull()
    assert len(await desk.book.rows(reports)) == 1
    assert [path for path in desk.near.paths if path.endswith("hotline-reference")] == acknowledged


async def test_files_come_with_their_page_as_the_way_in_and_one_that_is_listed_later_too(desk: Desk) -> None:
    page, one, two = desk.given(PAGE, *FILES)
    desk.near.hub.reassign(two.id, None)
    await desk.pull()
    desk.near.hub.reassign(two.id, "BE")
    desk.near.clock.advance(timedelta(minutes=6))
    await desk.pull()
    assert await desk.items() == {str(one.id): "taken" for one in (page, one, two)}
    found = [await open_case(desk.book.ctx, row) for row in await desk.book.rows(cases)]
    ways = {one.items[0].location: one.items[0].ways_in for one in found}
    assert {url: way and way.referrer for url, way in ways.items()} == {
        PAGE: "https://forum.test/t/3",
        FILES[0]: PAGE,
        FILES[1]: PAGE,
    }


async def test_until_go_live_nothing_is_told_and_nothing_leaves(watcher: Desk) -> None:
    (page,) = watcher.given(PAGE)
    await watcher.pull()
    (case,) = await watcher.book.rows(cases)
    case = await watcher.book.step(case["id"], 2)
    assert (case["watching"], case["state"], case["desk_code"]) == (1, CaseState.DESK, DeskCode.WATCHING)
    assert await watcher.book.referrals(case["id"]) == []
    assert (page.references.get(BE.id), [path for path in watcher.near.paths if path.startswith("PUT")]) == (None, [])


async def test_at_go_live_what_watched_is_acknowledged_and_worked_on(watcher: Desk) -> None:
    (page,) = watcher.given(PAGE)
    await watcher.pull()
    (case,) = await watcher.book.rows(cases)
    await watcher.book.step(case["id"], 2)
    entry = watcher.book.rules.directory_.partners[0]
    live = entry.model_copy(update={"config": entry.config | {"acknowledge": True}})
    watcher.book.partners(live)
    watcher.near.clock.advance(timedelta(minutes=6))
    await watcher.pull()
    case = await watcher.book.step(case["id"], 2)
    assert (case["watching"], case["desk_code"] == DeskCode.WATCHING) == (0, False)
    assert page.references[BE.id] is not None


async def test_at_go_live_one_turn_follows_the_other_until_nothing_watches(
    watcher: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_inbox, "_GO_LIVE", 1)
    watcher.given(PAGE, *FILES)
    await watcher.pull()
    entry = watcher.book.rules.directory_.partners[0]
    watcher.book.partners(entry.model_copy(update={"config": entry.config | {"acknowledge": True}}))
    watcher.near.clock.advance(timedelta(minutes=6))
    began = watcher.near.clock.now()
    await watcher.pull()
    assert {row["watching"] for row in await watcher.book.rows(cases)} == {0}
    assert watcher.near.clock.now() - began < timedelta(minutes=5)


async def test_a_report_of_our_own_makes_a_watching_case_ours(watcher: Desk) -> None:
    watcher.given(PAGE)
    await watcher.pull()
    (case,) = await watcher.book.rows(cases)
    await watcher.book.step(case["id"], 2)
    assert await watcher.book.take(PAGE) == case["id"]
    assert (await watcher.book.case(case["id"]))["watching"] == 0


async def test_what_we_reported_ourselves_does_not_come_back_as_work(desk: Desk) -> None:
    desk.near.hub.crawls["https://example.test/page"] = ("https://example.test/1.jpg",)
    await desk.book.decided()
    await Sending(desk.book.ctx).turn()
    assert [one.assigned_country for one in desk.near.hub.contents.values()] == ["BE", "BE"]
    await desk.pull()
    assert set((await desk.items()).values()) == {"ours"}
    assert len(await desk.book.rows(cases)) == 1


async def test_what_is_another_hotlines_is_left_to_it_and_taken_when_it_is_ours(watcher: Desk) -> None:
    (page,) = watcher.given(PAGE, country="NL")
    await watcher.pull()
    assert await watcher.items() == {}
    watcher.near.hub.reassign(page.id, "BE")
    watcher.near.clock.advance(timedelta(minutes=6))
    await watcher.pull()
    assert await watcher.items() == {str(page.id): "taken"}


async def test_a_location_that_nobody_can_read_stops_no_other(desk: Desk) -> None:
    bad, good = desk.given("https:///"), desk.given(PAGE)
    await desk.pull()
    assert await desk.items() == {str(bad[0].id): "unfit", str(good[0].id): "taken"}
    (row,) = [row for row in await desk.book.rows(hub_items) if row["state"] == "unfit"]
    assert "cannot be read" in row["last_text"]
    await look_after(desk.book.ctx)
    (alarm,) = await desk.book.rows(alarms)
    assert (alarm["code"], await is_over_now(desk.book.ctx, alarm)) == (HouseCode.INBOX, False)
    assert f"1 of its contents could not be taken ({bad[0].id})" in await inbox_state(desk.book.ctx, "iccam")
    desk.near.clock.advance(timedelta(days=2))
    assert await is_over_now(desk.book.ctx, alarm)


async def test_a_list_that_fails_moves_no_window(desk: Desk) -> None:
    desk.given(PAGE)
    desk.near.server.troubles.order(Trouble(Kind.STATUS, "no-reference", "GET", status=500))
    await desk.pull()
    (row,) = await desk.book.rows(hub_inboxes)
    assert "no-reference" not in row["windows"].split("done")[0]
    assert row["last_text"]
    desk.near.clock.advance(timedelta(minutes=2))
    await desk.pull()
    assert list((await desk.items()).values()) == ["taken"]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_more_than_a_list_shows_is_taken_whole(tmp_path: Path, *, newest_first: bool) -> None:
    rules = Rules(most_results=200, newest_first=newest_first)
    async with hub_desk(tmp_path, rules, intake=True, acknowledge=True) as desk:
        for number in range(450):
            desk.given(f"https://given.test/{number}")
            desk.near.clock.advance(timedelta(seconds=1))
        await desk.pull(100)
        assert set((await desk.items()).values()) == {"taken"}
        assert len(await desk.items()) == 450


async def test_without_acknowledging_a_list_in_the_order_of_dates_is_read_through(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, Rules(), intake=True) as desk:
        for number in range(450):
            desk.given(f"https://given.test/{number}")
            desk.near.clock.advance(timedelta(seconds=1))
        await desk.pull(100)
        assert len(await desk.items()) == 450
        (row,) = await desk.book.rows(hub_inboxes)
        assert row["full_since"] is None


async def test_a_list_that_hides_the_oldest_says_so(tmp_path: Path) -> None:
    """Newest first, and not ours to acknowledge: what is behind the two hundredth nobody can see."""
    async with hub_desk(tmp_path, Rules(newest_first=True), intake=True) as desk:
        for number in range(230):
            desk.given(f"https://given.test/{number}")
            desk.near.clock.advance(timedelta(seconds=1))
        await desk.pull(100)
        (row,) = await desk.book.rows(hub_inboxes)
        assert (len(await desk.items()), row["full_since"] is not None) == (200, True)


async def test_the_first_reading_takes_what_was_acknowledged_and_never_finished(desk: Desk) -> None:
    """Another tool had told the hub that we have it; then it was switched off."""
    (page,) = desk.given(PAGE)
    page.references[BE.id] = "20261129-00001_202611291912"
    (other,) = desk.given("https://given.test/other", classification=None)
    other.references[BE.id] = "20261129-00002_202611291912"
    await desk.pull()
    assert await desk.items() == {str(page.id): "taken", str(other.id): "taken"}


async def test_a_growing_vocabulary_costs_no_content(desk: Desk) -> None:
    (page,) = desk.given(PAGE)
    page.assessments.append({"classification": 9, "ageCategorization": 77, "genderCategorization": 5})
    page.actions.append({"actionType": 42, "actionDate": "2026-11-21T10:00:00Z"})
    await desk.pull()
    (case,) = await desk.book.rows(cases)
    assert case["assessment"] == Assessment.UNASSESSED
    (act,) = await desk.book.rows(actions)
    assert (act["action"], act["reason"]) == (ActionType.OTHER, "action-types 42")


async def test_a_partner_that_is_stopped_is_not_read(desk: Desk) -> None:
    desk.given(PAGE)
    await stops.stop(desk.book.ctx, "partner:iccam", ANNA, "an incident there")
    assert await Pulling(desk.book.ctx).turn() == 0
    assert desk.near.paths == []


async def test_staff_close_what_watches(watcher: Desk) -> None:
    watcher.given(PAGE)
    await watcher.pull()
    (case,) = await watcher.book.rows(cases)
    await watcher.book.step(case["id"], 2)
    await case_acts.close(watcher.book.ctx, case["id"], ANNA, "the other tool has it", outcome=Outcome.UNRESOLVED)
    assert (await watcher.book.case(case["id"]))["state"] == CaseState.CLOSED
