"""Our acts at the hub: each once, in order, whatever answer was lost."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from router.partners.base import Deferred, Refused
from router.partners.iccam.hub import Failed, HubCalls
from router.partners.iccam.session import Session
from router.partners.iccam.standing import Again, Done
from router.partners.iccam.telling import Telling
from router.world.iccam.rules import STRICT
from router.world.iccam.trouble import Kind, Trouble
from schemas.exchange import ActionStatement
from schemas.vocabulary import ActionType
from tests.partners.iccam.lexicon import all_words
from tests.partners.iccam.stage import BE, START, Near, turns_of
from tests.world.iccam.members import ASSESSMENT, a_content, a_report
from tests.world.iccam.scenarios import scenarios

NUMBER = 7_000_001
OURS = ASSESSMENT | {"assessingAnalystName": BE.username}


def act(kind: ActionType, minutes: int = 0, **said: str) -> ActionStatement:
    return ActionStatement(action=kind, at=START + timedelta(minutes=minutes), **said)


LEA, ISP = act(ActionType.REPORTED_TO_LEA, 2), act(ActionType.REPORTED_TO_ISP, 1)
REMOVED = act(ActionType.REMOVED, 0)
MOVED = act(ActionType.MOVED, 0, moved_to="DE")


@pytest.fixture
def at(at: Near) -> Near:
    """A content that the hub gave to us, under its strictest rules."""
    at.hub.rules = replace(STRICT, acts_settle=0)
    at.hub.keep(a_report(site_type=2, commerciality=1, payment_methods=[1]), a_content(assigned_country="BE"))
    return at


async def tell(at: Near, *acts: ActionStatement) -> Done | Again | Failed:
    calls = HubCalls(Session(at.tools, at.config), turns_of(at, 50), at.clock, until=at.until())
    return await Telling(BE.username, BE.country).tell(calls, all_words(), NUMBER, acts, OURS)


def told(at: Near) -> list[int]:
    return [action["actionType"] for action in at.hub.contents[NUMBER].actions]


async def test_the_assessment_comes_before_the_acts_and_what_ends_the_work_comes_last(at: Near) -> None:
    assert await tell(at, REMOVED, LEA, ISP) == Done(str(NUMBER))
    assert told(at) == [2, 1, 3]
    content = at.hub.contents[NUMBER]
    assert content.assessments == [OURS]
    assert content.actions[1] == {
        "actionType": 1,
        "analystName": BE.username,
        "actionDate": "2026-11-29T10:02:00Z",
    }


async def test_telling_again_tells_nothing_twice(at: Near) -> None:
    for acts in ([LEA], [LEA, LEA], [LEA, REMOVED], [LEA, REMOVED]):
        assert isinstance(await tell(at, *acts), Done)
    assert told(at) == [1, 3]
    assert len(at.hub.contents[NUMBER].assessments) == 1


@pytest.mark.parametrize(
    ("kind", "reason", "number", "text"),
    [
        (ActionType.UNAVAILABLE, "LinkExpired", 8, "LinkExpired"),
        (ActionType.UNAVAILABLE, None, 1, "Other"),
        (ActionType.NOT_ILLEGAL, "VirtualMaterial", 18, "VirtualMaterial"),
        (ActionType.NOT_ILLEGAL, "007", 1, "007"),
    ],
)
async def test_a_reason_goes_in_the_hubs_word_or_as_text(
    at: Near, kind: ActionType, reason: str | None, number: int, text: str
) -> None:
    said = {} if reason is None else {"reason": reason}
    assert isinstance(await tell(at, act(kind, **said)), Done)
    (action,) = at.hub.contents[NUMBER].actions
    assert (action["reasonId"], action["reasonText"]) == (number, text)


@pytest.mark.parametrize("second", [ActionType.UNAVAILABLE, ActionType.NOT_ILLEGAL])
async def test_one_act_ends_a_content_and_no_second_one(at: Near, second: ActionType) -> None:
    await tell(at, REMOVED, act(second, 5))
    await tell(at, act(second, 5))
    assert told(at) == [3]


async def test_a_move_is_told_last_and_whole(at: Near) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "assigned-country", status=503, retry_after="30"))
    assert isinstance(await tell(at, MOVED, LEA), Deferred)
    content = at.hub.contents[NUMBER]
    assert (content.hosting_country, content.assigned_country, told(at)) == ("DE", "BE", [1])
    at.clock.advance(timedelta(seconds=30))
    assert isinstance(await tell(at, MOVED, LEA), Done)
    assert (content.hosting_country, content.assigned_country, told(at)) == ("DE", "DE", [1])
    assert isinstance(await tell(at, MOVED, LEA), Done)  # and it stays told


async def test_a_move_to_nowhere_is_for_people(at: Near) -> None:
    refused = await tell(at, act(ActionType.MOVED))
    assert isinstance(refused, Refused)
    assert "country" in refused.text


async def test_what_is_not_ours_any_more_is_for_people(at: Near) -> None:
    at.hub.reassign(NUMBER, "NL")
    assert isinstance(await tell(at, LEA), Refused)
    assert told(at) == []


@pytest.mark.parametrize(
    "trouble",
    [Trouble(Kind.DROP_BEFORE), Trouble(Kind.DROP_AFTER), Trouble(Kind.CUT), Trouble(Kind.STATUS, status=500)],
    ids=lambda one: one.kind,
)
@pytest.mark.parametrize("acts", [[LEA, ISP, REMOVED], [LEA, MOVED]], ids=["removed", "moved"])
async def test_any_answer_may_be_lost_and_no_act_is_told_twice(
    at: Near, acts: Sequence[ActionStatement], trouble: Trouble
) -> None:
    for skip in range(8):
        at.server.troubles.ordered[:] = [replace(trouble, path="rest/", skip=skip)]
        content = at.hub.contents[NUMBER]
        content.actions.clear()
        content.assessments.clear()
        at.hub.reassign(NUMBER, "BE")
        for _ in range(5):
            if isinstance(await tell(at, *acts), Done):
                break
        assert sorted(told(at)) == ([1] if MOVED in acts else [1, 2, 3])
        assert content.assigned_country == ("DE" if MOVED in acts else "BE")
        assert len(content.assessments) == 1


async def test_a_hub_that_is_away_is_told_later(at: Near) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "rest/content", status=503))
    assert isinstance(await tell(at, LEA), Deferred)
    assert told(at) == []


#: What a person typed -> the recorded call that told it. Ours are equal but for who and when; where not, it says why.
RECORDED = {
    "E-action-LEA": act(ActionType.REPORTED_TO_LEA),
    "E-action-ISP": act(ActionType.REPORTED_TO_ISP),
    "E-action-CR": act(ActionType.REMOVED),
    "E-action-CU-knownreason": act(ActionType.UNAVAILABLE, reason="ContentNotFound"),
    "E-action-CU-unknownreason": act(ActionType.UNAVAILABLE, reason="SCART not found"),
    "E-action-NI": act(ActionType.NOT_ILLEGAL, reason="SCART report not illegal"),
}


@pytest.mark.parametrize("scenario", RECORDED)
async def test_our_acts_are_the_recorded_ones_but_for_who_and_when(at: Near, scenario: str) -> None:
    assert isinstance(await tell(at, RECORDED[scenario]), Done)
    (ours,) = [json.loads(call.body) for call in at.server.calls if call.path.endswith("/actions")]
    (theirs,) = [json.loads(call.raw_body) for call in scenarios()[scenario] if call.path.endswith("/actions")]
    assert set(ours) == set(theirs)
    assert {name for name in ours if ours[name] != theirs[name]} == {"actioningAnalystName", "actionDate"}


async def test_our_move_is_the_recorded_one_but_for_the_address(at: Near) -> None:
    """No address of the new host is told: what a report says of it may be the edge of a network."""
    await tell(at, MOVED)
    ours = [(call.path.rpartition("7000001")[2], call.parameters) for call in at.server.calls if call.method == "PUT"]
    moves = [call for call in scenarios()["E-action-MO"] if call.method == "PUT"]
    assert [path for path, _ in ours[-2:]] == [call.path.rpartition("7000001")[2] for call in moves]
    assert ours[-2:] == [
        ("/url/hosting", {"newIpAddress": "", "newCountryCode": "DE"}),
        ("/assigned-country", {"newCountryCode": "DE"}),
    ]
