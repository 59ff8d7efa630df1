"""A place on the desk: what must not be lost stays there, and everything off it is gone."""

from datetime import timedelta

import pytest

from router.casework.case import desk_entry
from schemas.casefile import DeskCode
from schemas.decision import DeskCall
from schemas.states import CaseState


def test_the_desk_shows_the_first_call_and_the_earliest_alarm() -> None:
    calls = (
        DeskCall(code=DeskCode.DOUBTFUL, text="first", alarm=timedelta(hours=2)),
        DeskCall(code=DeskCode.POLICY, text="second", alarm=timedelta(hours=1)),
    )
    asked = desk_entry.put_by_decision(calls, 7)
    assert (asked["desk_code"], asked["desk_text"], asked["desk_since"]) == (DeskCode.DOUBTFUL, "first", 7)
    assert asked["desk_due"] == 7 + 3600 * 1_000_000


def test_no_call_at_all_still_says_why_people_are_asked() -> None:
    asked = desk_entry.put_by_decision((), 7)
    assert (asked["state"], asked["desk_code"], asked["desk_due"]) == (CaseState.DESK, DeskCode.NO_ROUTE, None)
    assert asked["desk_text"]


def test_what_must_not_be_lost_is_not_asked_over() -> None:
    for code in (None, *DeskCode):
        case = {"id": "c", "version": 1, "state": "desk" if code else "referred", "desk_code": code}
        asked = desk_entry.ask(case, DeskCode.REFUSED, "no", 1)
        assert bool(asked) is (code not in desk_entry.STICKY_DESK_CODES)


def test_off_the_desk_nothing_of_the_question_is_left() -> None:
    asked = desk_entry.entry((DeskCode.LOOK, "look"), 7, 9)
    assert asked | desk_entry.take_off_desk() == {
        "desk_code": None,
        "desk_text": None,
        "desk_due": None,
        "desk_since": 7,  # how long people had it stays known
    }


def test_other_words_leave_since_when_it_waits() -> None:
    assert desk_entry.reword("the CDN says so") == {"desk_text": "the CDN says so"}


@pytest.mark.parametrize("code", [None, *DeskCode])
def test_a_failure_takes_the_place_of_no_question_that_must_not_be_lost(code: DeskCode | None) -> None:
    case = {"id": "c", "version": 1, "state": "desk" if code else "referred", "desk_code": code}
    put = desk_entry.put_unless_sticky(case, (DeskCode.BROKEN, "failed"), 5)
    assert put.get("desk_code") == (None if code in desk_entry.STICKY_DESK_CODES else DeskCode.BROKEN)


@pytest.mark.parametrize(("state", "told"), [("received", {"kind": "url"}), ("located", {"next_at": 5})])
def test_what_is_still_to_be_decided_keeps_its_turn(state: str, told: dict[str, object]) -> None:
    case = {"id": "c", "version": 1, "state": state, "desk_code": None, "kind": "url"}
    (change,) = desk_entry.ask(case, DeskCode.REFUSED, "no", 5)
    assert dict(change.values) == told
