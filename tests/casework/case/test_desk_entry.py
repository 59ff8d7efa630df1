"""A place on the desk: what must not be lost stays there, and everything off it is gone."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.case import desk_entry
from router.casework.case.due_times import DUE, QUIET
from schemas.casefile import DeskCode
from schemas.decision import DeskCall
from schemas.states import CaseState

MINUTE = 60 * 1_000_000
#: A case that nobody was ever asked about.
NEW = {"id": "c", "version": 1, "state": "located", "urgency": "none", "desk_code": None, "desk_asked": None}


def placed(case: Mapping[str, Any], code: DeskCode, now: int, **more: Any) -> dict[str, Any]:
    """The case after the desk asked this of it."""
    return {**case, **desk_entry.entry(dict(case), (code, "why"), now, **more), "state": "desk"}


def test_the_desk_shows_the_first_call_and_the_earliest_alarm() -> None:
    calls = (
        DeskCall(code=DeskCode.DOUBTFUL, text="first", alarm=timedelta(hours=2)),
        DeskCall(code=DeskCode.POLICY, text="second", alarm=timedelta(hours=1)),
    )
    asked = desk_entry.put_by_decision(NEW, calls, 7)
    assert (asked["desk_code"], asked["desk_text"], asked["desk_since"]) == (DeskCode.DOUBTFUL, "first", 7)
    assert asked["desk_due"] == 7 + 3600 * 1_000_000


def test_no_call_at_all_still_says_why_people_are_asked() -> None:
    asked = desk_entry.put_by_decision(NEW, (), 7)
    assert (asked["state"], asked["desk_code"]) == (CaseState.DESK, DeskCode.NO_ROUTE)
    assert asked["desk_due"] == 7 + DUE[DeskCode.NO_ROUTE] // timedelta(microseconds=1)
    assert asked["desk_text"]


def test_what_must_not_be_lost_is_not_asked_over() -> None:
    for code in (None, *DeskCode):
        case = placed(NEW, code, 0) if code else {**NEW, "state": "referred"}
        asked = desk_entry.ask(dict(case), DeskCode.REFUSED, "no", 1)
        assert bool(asked) is (code not in desk_entry.STICKY_DESK_CODES)


def test_off_the_desk_nothing_of_the_question_is_left() -> None:
    asked = desk_entry.entry({**NEW, "urgency": "live"}, (DeskCode.DOUBTFUL, "see"), 7)
    left = asked | desk_entry.take_off_desk()
    assert left.pop("desk_since") == 7  # how long people had it stays known
    assert set(left.values()) == {None}


def test_other_words_leave_since_when_it_waits() -> None:
    assert desk_entry.reword("the CDN says so") == {"desk_text": "the CDN says so"}


@pytest.mark.parametrize("code", [None, *DeskCode])
def test_a_failure_takes_the_place_of_no_question_that_must_not_be_lost(code: DeskCode | None) -> None:
    case = placed(NEW, code, 0) if code else {**NEW, "state": "referred"}
    put = desk_entry.put_unless_sticky(case, (DeskCode.BROKEN, "failed"), 5)
    assert put.get("desk_code") == (None if code in desk_entry.STICKY_DESK_CODES else DeskCode.BROKEN)


@pytest.mark.parametrize("state", ["received", "located"])
def test_what_is_still_to_be_decided_keeps_its_turn_and_is_decided_from_now_on(state: str) -> None:
    (change,) = desk_entry.ask({**NEW, "state": state}, DeskCode.REFUSED, "no", 5)
    assert (dict(change.values), change.version) == ({"next_at": 5}, NEW["version"])


codes = st.sampled_from(DeskCode)
urgencies = st.sampled_from(("none", "live", "imminent_risk"))
#: What happens to a case that people have: another question, or a trace and a decision anew, minutes apart.
happenings = st.lists(st.tuples(codes, st.booleans(), st.integers(0, 600)), min_size=1, max_size=8)


@given(urgencies, codes, happenings)
def test_nothing_but_an_answer_puts_off_a_due_date_or_forgets_since_when_people_wait(
    urgency: str, first: DeskCode, then: list[tuple[DeskCode, bool, int]]
) -> None:
    case = placed({**NEW, "urgency": urgency}, first, 0)
    now = 0
    for code, anew, minutes in then:
        now += minutes * MINUTE
        before = case
        if anew:
            case = {**case, **desk_entry.while_decided_anew(case), "state": "received"}
        case = placed(case, code, now)
        assert case["desk_first_since"] == 0
        clocked = before["desk_code"] is DeskCode.EDGE_ONLY and code is not DeskCode.EDGE_ONLY
        assert clocked or case["desk_due"] <= before["desk_due"]
        if code is before["desk_code"]:
            assert case["desk_since"] == before["desk_since"]
            assert case["desk_due"] == before["desk_due"]
            assert case["desk_alarm"] == before["desk_alarm"] if "desk_alarm" in before else True


@given(urgencies, codes, codes)
def test_a_question_that_was_answered_takes_its_date_with_it(urgency: str, first: DeskCode, then: DeskCode) -> None:
    case = placed({**NEW, "urgency": urgency}, first, 0)
    case = {**case, **desk_entry.while_decided_anew(case, first), "state": "received"}
    case = placed(case, then, 90 * MINUTE)
    assert case["desk_first_since"] == case["desk_since"] == 90 * MINUTE


@given(st.sampled_from(("live", "imminent_risk")), codes)
def test_at_risk_is_never_without_a_due_time_and_rings_unless_people_or_a_date_asked(
    urgency: str, code: DeskCode
) -> None:
    case = placed({**NEW, "urgency": urgency}, code, 0)
    assert case["desk_due"] is not None
    assert ("desk_alarm" in case) is (code not in QUIET)
    assert code in QUIET or case["desk_due"] <= 15 * MINUTE


def test_an_alarm_of_the_same_question_is_not_begun_twice() -> None:
    case = placed({**NEW, "urgency": "live"}, DeskCode.CHILD_AT_RISK, 0)
    again = {**case, **desk_entry.while_decided_anew(case), "state": "received"}
    assert placed(again, DeskCode.CHILD_AT_RISK, MINUTE)["desk_alarm"] == case["desk_alarm"]
    assert placed(again, DeskCode.EXPIRED, MINUTE)["desk_alarm"] != case["desk_alarm"]
