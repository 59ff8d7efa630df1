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


def test_each_call_of_a_decision_is_a_question_and_the_most_urgent_is_shown() -> None:
    calls = (
        DeskCall(code=DeskCode.DOUBTFUL, text="first", alarm=timedelta(hours=2)),
        DeskCall(code=DeskCode.POLICY, text="second", alarm=timedelta(hours=1)),
        DeskCall(code=DeskCode.POLICY, text="third", alarm=timedelta(minutes=30)),
    )
    asked = desk_entry.put_by_decision(NEW, calls, 7)
    first, second = desk_entry.open_questions(asked)
    assert (first.code, first.text, first.due) == (DeskCode.POLICY, "second", 7 + 30 * MINUTE)
    assert (second.code, second.text, second.since, second.due) == (DeskCode.DOUBTFUL, "first", 7, 7 + 120 * MINUTE)
    assert (asked["desk_code"], asked["desk_due"]) == (first.code, first.due)


def test_no_call_at_all_still_says_why_people_are_asked() -> None:
    asked = desk_entry.put_by_decision(NEW, (), 7)
    assert (asked["state"], asked["desk_code"]) == (CaseState.DESK, DeskCode.NO_ROUTE)
    assert asked["desk_due"] == 7 + DUE[DeskCode.NO_ROUTE] // timedelta(microseconds=1)
    assert asked["desk_text"]


@given(st.lists(st.sampled_from(DeskCode), min_size=1, max_size=6, unique=True))
def test_no_question_takes_the_place_of_another_and_an_answer_ends_its_own_only(codes: list[DeskCode]) -> None:
    case: dict[str, Any] = {**NEW, "state": "referred"}
    for minutes, code in enumerate(codes):
        (change,) = desk_entry.ask(dict(case), code, "why", minutes * MINUTE)
        case |= change.values
    assert {one.code for one in desk_entry.open_questions(case)} == set(codes)
    assert case["desk_due"] == min(one.due for one in desk_entry.open_questions(case))
    assert DeskCode.CHILD_AT_RISK not in codes or case["desk_code"] is DeskCode.CHILD_AT_RISK
    for left in range(len(codes), 0, -1):
        before = desk_entry.open_questions(case)
        assert len(before) == left
        case |= desk_entry.answer(case, CaseState.REFERRED, 90 * MINUTE, {codes[left - 1]})
        assert set(desk_entry.open_questions(case)) == {one for one in before if one.code is not codes[left - 1]}
        assert case["state"] == (CaseState.DESK if left > 1 else CaseState.REFERRED)
    assert (case["desk_code"], case["desk_asked"], case["desk_more"]) == (None, None, None)


def test_of_one_referral_one_thing_is_asked_and_due_no_later() -> None:
    case = {**NEW, "state": "referred"}
    case |= desk_entry.put_on_desk(case, (DeskCode.UNDELIVERED, "late"), 0, "r-1")
    case |= desk_entry.put_on_desk(case, (DeskCode.UNDELIVERED, "late too"), 0, "r-2")
    case |= desk_entry.put_on_desk(case, (DeskCode.REFUSED, "no"), 5, "r-1")
    asked = desk_entry.asked_about(case)
    assert {about: one.code for about, one in asked.items()} == {"r-1": DeskCode.REFUSED, "r-2": DeskCode.UNDELIVERED}
    assert (asked["r-1"].since, asked["r-1"].due) == (5, asked["r-2"].due)
    case |= desk_entry.answer(case, CaseState.REFERRED, 6, about={"r-1"})
    assert set(desk_entry.asked_about(case)) == {"r-2"}
    assert desk_entry.overtaken(case, [{"id": "r-2", "state": "accepted"}]) == ["r-2"]


def test_off_the_desk_nothing_of_the_question_is_left() -> None:
    asked = desk_entry.entry({**NEW, "urgency": "live"}, (DeskCode.DOUBTFUL, "see"), 7)
    left = asked | desk_entry.take_off_desk()
    assert left.pop("desk_since") == 7  # how long people had it stays known
    assert set(left.values()) == {None}


def test_other_words_leave_since_when_it_waits() -> None:
    assert desk_entry.reword("the CDN says so") == {"desk_text": "the CDN says so"}


@pytest.mark.parametrize("state", ["received", "located"])
def test_what_is_still_to_be_decided_keeps_its_turn_and_is_decided_from_now_on(state: str) -> None:
    (change,) = desk_entry.ask({**NEW, "state": state}, DeskCode.REFUSED, "no", 5)
    assert (dict(change.values), change.version) == ({"next_at": 5}, NEW["version"])


codes = st.sampled_from(DeskCode)
urgencies = st.sampled_from(("none", "live", "imminent_risk"))
#: What happens to a case that people have: another question, or a trace and a decision anew, minutes apart.
happenings = st.lists(st.tuples(codes, st.booleans(), st.integers(0, 600)), min_size=1, max_size=8)


@pytest.mark.parametrize("code", [DeskCode.WITHDRAW, DeskCode.BOUNCED])
def test_what_no_decision_would_ask_is_kept_for_after_it(code: DeskCode) -> None:
    case: dict[str, Any] = {**NEW, "state": "located"}
    (change,) = desk_entry.ask(dict(case), code, "tell them", 5)
    case |= change.values
    assert case["desk_code"] is None
    left = desk_entry.left_by_decision(case, CaseState.REFERRED, 6, ())
    assert (left["state"], left["desk_code"], left["desk_since"]) == (CaseState.DESK, code, 5)


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
        after = {one.code: one for one in desk_entry.open_questions(case)}
        for one in desk_entry.open_questions(before):
            assert (after[one.code].since, after[one.code].due <= one.due) == (one.since, True)
        if code in {one.code for one in desk_entry.open_questions(before)}:
            assert case.get("desk_alarm") == before.get("desk_alarm")


@given(urgencies, codes, codes)
def test_what_a_decision_asks_instead_is_due_no_later(urgency: str, first: DeskCode, then: DeskCode) -> None:
    case = placed({**NEW, "urgency": urgency}, first, 0)
    anew = {**case, **desk_entry.while_decided_anew(case), "state": "received"}
    after = anew | desk_entry.put_by_decision(anew, (DeskCall(code=then, text="why"),), 600 * MINUTE)
    assert after["desk_first_since"] == 0
    clocked = first is DeskCode.EDGE_ONLY and then is not first
    assert clocked or after["desk_due"] <= case["desk_due"]


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
    both = placed(again, DeskCode.EXPIRED, MINUTE)
    assert both["desk_alarm"] != case["desk_alarm"]
    kept = both | desk_entry.answer(both, CaseState.REFERRED, MINUTE, {DeskCode.EXPIRED})
    assert (kept["desk_code"], kept["desk_alarm"]) == (DeskCode.CHILD_AT_RISK, both["desk_alarm"])
    over = placed(kept, DeskCode.ASKED, MINUTE)
    over |= desk_entry.answer(over, CaseState.REFERRED, MINUTE, {DeskCode.CHILD_AT_RISK})
    assert (over["desk_code"], over["desk_alarm"]) == (DeskCode.ASKED, None)  # nothing is left that rings
