"""A page and the files on it go to the hub in one report, each with its own assessment, and each to its own end."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.desk import referral_acts
from router.casework.intake import take as intake
from router.casework.read import lists
from router.casework.read.followed import followed
from router.clock import moment
from router.partners.iccam.gathering import FOR_ITS_PAGE
from router.store.base import Row
from router.worker.sending import Sending
from router.world.iccam.records import Content
from router.world.iccam.rules import TAKES_TWICE
from router.world.iccam.staff import Analyst
from router.world.iccam.trouble import Kind, Trouble
from schemas.followed import ReportState
from schemas.report import ReportGiven
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionType, Outcome
from tests.casebook import ANALYSTS, ANNA, DUTCH, PAGE
from tests.hub_desk import Desk, hub_desk
from tests.office import START

FILES = tuple(f"https://files.example.test/{name}.jpg" for name in ("one", "two", "three"))
MOVING = frozenset({ReferralState.WAITING, ReferralState.SENDING, ReferralState.RECALL_PENDING})
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with hub_desk(tmp_path, TAKES_TWICE, mode="contents") as opened:
        yield opened


async def taken(desk: Desk, files: Sequence[str] = FILES, **report: Any) -> list[str]:
    """Take one report of a page and its files; return their cases, the page's first."""
    said = {"assessed_by": "anna", "assessed_at": START.isoformat()}
    items = [{"location": PAGE, "reference": "p"}]
    items += [{"location": one, "reference": f"f{at}", "parent": "p"} for at, one in enumerate(files)]
    for at, one in enumerate(items):
        one |= {"assessment": {"value": "baseline", **said}, "age": ("infant", "pubescent")[at % 2]}
    given = {"source": ANALYSTS.source, "reference": "r-1", "received_at": START.isoformat(), "items": items, **report}
    answer = await intake.take(desk.book.ctx, ReportGiven.model_validate_json(json.dumps(given)), ANALYSTS)
    return [one.case for one in answer.items]


async def decide(desk: Desk, *cases: str) -> None:
    for case_id in cases:
        await desk.book.step(case_id, 2)


async def settle(desk: Desk) -> list[Row]:
    """Let the router send what is due, and time pass until something is; return every referral."""
    sending = Sending(desk.book.ctx)
    for _ in range(200):
        rows = await desk.book.rows(lists.referrals)
        due = [row["next_at"] for row in rows if row["state"] in MOVING]
        if not due:
            return sorted(rows, key=lambda row: str(row["id"]))
        desk.near.clock.advance(max(moment(min(due)) - desk.near.clock.now(), timedelta()))
        await sending.turn()
    raise AssertionError("it goes on for ever")


async def handed_over(desk: Desk) -> tuple[list[str], list[Content]]:
    cases = await taken(desk)
    await decide(desk, *cases)
    rows = await settle(desk)
    assert {row["state"] for row in rows} == {ReferralState.ACCEPTED}
    return cases, list(desk.near.hub.contents.values())


async def test_they_go_in_one_report_page_first_each_with_its_assessment(desk: Desk) -> None:
    cases, contents = await handed_over(desk)
    assert len(desk.near.hub.reports) == 1
    assert [(one.url, one.is_source, one.content_type) for one in contents] == [
        (PAGE, True, 2),
        *((file, False, 1) for file in FILES),
    ]
    assert [[said["ageCategorization"] for said in one.assessments] for one in contents] == [[2], [4], [2], [4]]
    assert {one.assigned_country for one in contents} == {"NL"}
    assert desk.near.hub.reports[900_001].is_complete
    receipts = {row["case_id"]: row["receipt"] for row in await desk.book.rows(lists.referrals)}
    assert [receipts[case] for case in cases] == [f"900001/{one.id}" for one in contents]
    ids = {row["id"] for row in await desk.book.rows(lists.referrals)}
    assert {next(iter(one.references.values())) for one in contents} == ids
    posts = [call for call in desk.near.server.calls if (call.method, call.path) == ("POST", "rest/reports")]
    assert len(posts) == 1


async def test_while_it_gathers_nothing_has_left_and_it_says_when_it_goes(desk: Desk) -> None:
    cases = await taken(desk)
    await decide(desk, *cases)
    await Sending(desk.book.ctx).turn()
    rows = await desk.book.rows(lists.referrals)
    assert {(row["state"], row["progress_step"], row["may_have_arrived"]) for row in rows} == {
        (ReferralState.WAITING, "gathering", 0)
    }
    (view, *_) = await lists.views_of(desk.book.ctx, rows)
    assert view.progress is not None
    assert view.progress.text == "It goes to ICCAM at 2026-11-22 09:01 UTC, with what is on the same page."
    assert [call.path for call in desk.near.server.calls if call.method == "POST"] == ["Authentication"]


async def test_each_is_worked_on_by_itself_and_comes_to_its_own_end(desk: Desk) -> None:
    cases, (page, one, two, three) = await handed_over(desk)
    dutch, german = Analyst(desk.near.hub, "NL"), Analyst(desk.near.hub, "DE")
    for content in (page, one, two, three):
        dutch.report_to_lea(content)
        dutch.report_to_isp(content)
    for content in (page, one, two):
        dutch.remove(content)
    dutch.move(three, "DE", "198.51.100.20")
    ends = [await desk.pass_by(case, 7 * HOUR) for case in cases]
    assert [(case["state"], case["outcome"]) for case in ends[:3]] == [(CaseState.CLOSED, Outcome.REMOVED)] * 3
    assert ends[3]["state"] == CaseState.REFERRED
    german.remove(three)
    case = await desk.pass_by(cases[3], 7 * HOUR)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)
    (view,) = await lists.views_of(desk.book.ctx, await desk.book.referrals(cases[3]))
    assert [act.action for act in view.said] == [
        ActionType.REPORTED_TO_LEA,
        ActionType.REPORTED_TO_ISP,
        ActionType.MOVED,
        ActionType.REMOVED,
    ]
    read = await followed(desk.book.ctx, "r-1", ANALYSTS)  # as its source reads it, by its own reference
    assert [one.state for one in read.items] == [ReportState.CLOSED] * 4
    assert read.dossier is not None
    assert (await followed(desk.book.ctx, read.dossier, ANALYSTS)).items == read.items


async def test_a_file_that_is_decided_first_waits_for_its_page(desk: Desk) -> None:
    cases = await taken(desk)
    await decide(desk, *cases[1:])
    for _ in range(3):
        await Sending(desk.book.ctx).turn()
        desk.near.clock.advance(timedelta(seconds=45))
    assert desk.near.hub.reports == {}
    await decide(desk, cases[0])
    await settle(desk)
    assert [len(report.contents) for report in desk.near.hub.reports.values()] == [4]


async def test_a_file_whose_page_never_comes_goes_by_itself_with_the_page_as_referrer(desk: Desk) -> None:
    cases = await taken(desk, FILES[:1])
    await decide(desk, cases[1])
    begun = desk.near.clock.now()
    await settle(desk)
    (report,) = desk.near.hub.reports.values()
    assert report.created - begun >= FOR_ITS_PAGE
    assert (report.referrer, [(one.url, one.is_source) for one in report.contents]) == (PAGE, [(FILES[0], True)])


async def test_what_comes_when_the_page_has_left_is_a_report_of_its_own(desk: Desk) -> None:
    cases = await taken(desk)
    await decide(desk, *cases[:3])
    await settle(desk)
    await decide(desk, cases[3])
    await settle(desk)
    assert [len(report.contents) for report in desk.near.hub.reports.values()] == [3, 1]
    assert {row["state"] for row in await desk.book.rows(lists.referrals)} == {ReferralState.ACCEPTED}


async def test_a_report_that_the_hub_refuses_as_a_whole_is_told_one_by_one(desk: Desk) -> None:
    desk.near.server.troubles.order(Trouble(Kind.STATUS, "rest/reports", "POST", status=400))
    await handed_over(desk)
    assert [len(report.contents) for report in desk.near.hub.reports.values()] == [1, 1, 1, 1]


async def test_a_file_that_the_hub_cannot_take_stops_no_other(desk: Desk) -> None:
    del desk.near.hub.words["age-categories"][4]  # the hub lost the word for what two of them are
    cases = await taken(desk)
    await decide(desk, *cases)
    rows = {row["case_id"]: row for row in await settle(desk)}
    assert [rows[case]["state"] for case in cases] == [
        ReferralState.ACCEPTED, ReferralState.REFUSED, ReferralState.ACCEPTED, ReferralState.REFUSED,
    ]  # fmt: skip
    assert [len(report.contents) for report in desk.near.hub.reports.values()] == [2]


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.CUT, Kind.GARBAGE])
async def test_a_lost_answer_makes_no_second_report_of_any_of_them(desk: Desk, kind: Kind) -> None:
    desk.near.server.troubles.order(Trouble(kind, "rest/reports", "POST"))
    await handed_over(desk)
    assert [len(report.contents) for report in desk.near.hub.reports.values()] == [4]


async def test_one_that_is_recalled_stays_with_us_and_marked_and_the_others_go_on(desk: Desk) -> None:
    """Also where the hub's crawler found more on the page, which goes with it."""
    found = "https://files.example.test/crawled.jpg"
    desk.near.hub.crawls[PAGE] = (found,)
    cases = await taken(desk)
    await decide(desk, *cases)
    while not desk.near.hub.reports:
        await Sending(desk.book.ctx).turn()
        desk.near.clock.advance(timedelta(seconds=61))
    row = await desk.book.referral(cases[2])
    await referral_acts.recall(desk.book.ctx, row["id"], ANNA, "a mistake")
    for _ in range(3):
        await Sending(desk.book.ctx).turn()
        desk.near.clock.advance(timedelta(seconds=5))
    rows = {one["case_id"]: one for one in await settle(desk)}
    assert [rows[case]["state"] for case in cases] == [
        ReferralState.ACCEPTED, ReferralState.ACCEPTED, ReferralState.RECALLED, ReferralState.ACCEPTED,
    ]  # fmt: skip
    held = {one.url: (one.assigned_country, one.references.get(24)) for one in desk.near.hub.contents.values()}
    assert held[FILES[1]] == ("BE", f"{row['id']}-withdrawn")
    assert {held[url][0] for url in (PAGE, FILES[0], FILES[2], found)} == {"NL"}


async def test_a_file_that_is_hosted_elsewhere_than_its_page_goes_where_it_is(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, TAKES_TWICE, ("NL", "DE"), mode="contents") as desk:
        cases = await taken(desk, FILES[:1])
        await decide(desk, cases[0])
        desk.book.world.verdict = DUTCH.model_copy(update={"country": "DE", "countries": ("DE",)})
        await decide(desk, cases[1])
        await settle(desk)
        held = {one.url: one.assigned_country for one in desk.near.hub.contents.values()}
        assert (len(desk.near.hub.reports), held) == (1, {PAGE: "NL", FILES[0]: "DE"})
