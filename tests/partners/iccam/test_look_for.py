"""The search for a report whose number was lost."""

from datetime import timedelta

import pytest

from router.partners.base import Deferred
from router.partners.iccam.hub import HubCalls
from router.partners.iccam.look_for import IN_ALL, IN_ONE_TURN, Looked, look_for
from router.partners.iccam.session import Session
from router.partners.iccam.turns import Turns
from router.world.iccam.rules import Rules
from router.world.iccam.trouble import Kind, Trouble
from tests.partners.iccam.stage import BE, NL, START, Near
from tests.world.iccam.members import ASSESSMENT, a_content, a_report

COMPLETE = {"site_type": 2, "commerciality": 1, "payment_methods": [1]}


def calls(at: Near) -> HubCalls:
    return HubCalls(Session(at.tools, at.config), Turns(50, at.clock), at.clock, until=at.until())


async def look(at: Near, *read: int) -> Looked:
    found = await look_for(calls(at), "ours", START, read)
    assert isinstance(found, Looked)
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
    assert found.content is not None
    assert (found.content.report_id, found.over) == (9, True)


@pytest.mark.parametrize(
    "content",
    [
        {"assigned_country": "NL", "references": {BE.id: "ours"}},
        {"assigned_country": "BE", "references": {BE.id: "another"}},
        {"assigned_country": "BE", "references": {NL.id: "ours"}},
        {"assigned_country": "BE", "references": {BE.id: "ours"}, "assigned_at": START - timedelta(hours=1)},
    ],
    ids=["given away", "another reference", "another hotline's", "older"],
)
async def test_what_is_not_ours_or_not_listed_is_not_found(at: Near, content: dict[str, object]) -> None:
    at.hub.keep(a_report(9), a_content(70, 9, **content))
    found = await look(at)
    assert (found.content, found.over) == (None, True)


async def test_a_hubs_clock_may_be_a_little_behind(at: Near) -> None:
    early = START - timedelta(minutes=4)
    at.hub.keep(a_report(9), a_content(70, 9, assigned_country="BE", assigned_at=early, references={BE.id: "ours"}))
    assert (await look(at)).content is not None


async def test_many_are_read_over_several_turns_and_none_twice(at: Near) -> None:
    numbers = range(100, 100 + 2 * IN_ONE_TURN + 5)
    at.hub.keep(a_report(9), *(a_content(number, 9, assigned_country="BE") for number in numbers))
    read: tuple[int, ...] = ()
    turns = 0
    over = False
    while not over:
        found = await look(at, *read)
        assert len(found.read) - len(read) <= IN_ONE_TURN
        read, over, turns = found.read, found.over, turns + 1
    assert (sorted(read), turns) == (list(numbers), 3)
    asked = [path for path in at.paths if path.rpartition("/")[2].isdecimal()]
    assert len(asked) == len(set(asked)) == len(numbers)


async def test_a_search_ends(at: Near) -> None:
    at.hub.rules = Rules(most_results=10)
    at.hub.keep(a_report(9), *(a_content(number, 9, assigned_country="BE") for number in range(1, 30)))
    assert (await look(at, *range(1000, 1000 + IN_ALL))).over


async def test_a_hub_that_does_not_answer_is_asked_again_later(at: Near) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "unactioned", status=500))
    assert isinstance(await look_for(calls(at), "ours", START), Deferred)
