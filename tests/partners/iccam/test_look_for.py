"""The search for a report whose number was lost."""

from datetime import timedelta

import pytest

from router.partners.base import Deferred, Refused
from router.partners.iccam.hub import HubCalls
from router.partners.iccam.look_for import BACK, IN_ALL, IN_ONE_TURN, SEARCH, Search, Searches
from router.partners.iccam.session import Session
from router.partners.iccam.wire import ContentView
from router.world.iccam.trouble import Kind, Trouble
from tests.partners.iccam.stage import BE, NL, START, Near, turns_of
from tests.world.iccam.members import ASSESSMENT, a_content, a_report

COMPLETE = {"site_type": 2, "commerciality": 1, "payment_methods": [1]}


def calls(at: Near) -> HubCalls:
    return HubCalls(Session(at.tools, at.config), turns_of(at, 50), at.clock, until=at.until())


async def look(at: Near) -> ContentView | None:
    found = await Search("ours", at.clock.now()).look(calls(at))
    assert not isinstance(found, Deferred | Refused)
    return found


@pytest.mark.parametrize(
    ("report", "content"),
    [(COMPLETE, {"assessments": [ASSESSMENT]}), ({}, {}), (COMPLETE, {})],
    ids=["unactioned", "unassessed", "complete but unassessed"],
)
async def test_it_is_found_on_whichever_list_it_stands(
    at: Near, report: dict[str, object], content: dict[str, object]
) -> None:
    at.hub.keep(a_report(9, **report), a_content(70, 9, assigned_country="BE", references={BE.id: "ours"}, **content))
    found = await look(at)
    assert found is not None
    assert found.report_id == 9


@pytest.mark.parametrize(
    "content",
    [
        {"assigned_country": "NL", "references": {BE.id: "ours"}},
        {"assigned_country": "BE", "references": {BE.id: "another"}},
        {"assigned_country": "BE", "references": {NL.id: "ours"}},
        {"assigned_country": "BE", "references": {BE.id: "ours"}, "assigned_at": START - BACK - timedelta(hours=1)},
    ],
    ids=["given away", "another reference", "another hotline's", "older"],
)
async def test_what_is_not_ours_or_not_listed_is_not_found(at: Near, content: dict[str, object]) -> None:
    at.hub.keep(a_report(9), a_content(70, 9, **content))
    assert await look(at) is None


async def test_many_are_read_over_several_turns_and_none_twice(at: Near) -> None:
    numbers = range(100, 100 + 2 * IN_ONE_TURN + 5)
    at.hub.keep(a_report(9), *(a_content(number, 9, assigned_country="BE") for number in numbers))
    search = Search("ours", at.clock.now())
    for turn in (1, 2, 3, 4):
        assert await search.look(calls(at)) is None
        assert len(search.read) == min(turn * IN_ONE_TURN, len(numbers))
    asked = [path for path in at.paths if path.rpartition("/")[2].isdecimal()]
    assert len(asked) == len(set(asked)) == len(numbers)


async def test_one_that_comes_late_is_found_by_a_later_look(at: Near) -> None:
    search = Search("ours", at.clock.now())
    assert await search.look(calls(at)) is None
    at.hub.keep(a_report(9), a_content(70, 9, assigned_country="BE", references={BE.id: "ours"}))
    found = await search.look(calls(at))
    assert isinstance(found, ContentView)


async def test_a_search_ends(at: Near) -> None:
    search = Search("ours", START)
    assert not search.is_over(START + SEARCH - timedelta(seconds=1))
    assert search.is_over(START + SEARCH)
    search.read = dict.fromkeys(range(IN_ALL))
    assert search.is_over(START)
    at.hub.keep(a_report(9), *(a_content(number, 9, assigned_country="BE") for number in range(1000, 1010)))
    assert await search.look(calls(at)) is None
    assert not any(path.rpartition("/")[2].isdecimal() for path in at.paths)


async def test_a_hub_that_does_not_answer_is_asked_again_later(at: Near) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "unactioned", status=500))
    assert isinstance(await Search("ours", START).look(calls(at)), Deferred)


def test_a_search_is_gone_on_with_until_it_is_ended(at: Near) -> None:
    searches = Searches(at.clock)
    first = searches.of("ours")
    assert searches.of("ours") is first
    assert searches.of("another") is not first
    searches.end("ours")
    searches.end("never begun")
    assert searches.of("ours") is not first
