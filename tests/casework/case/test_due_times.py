"""Every question of the desk has a time by which it must be answered."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.case.due_times import AT_RISK, DUE, QUIET, due_in, is_at_risk, rings
from schemas.casefile import DeskCode
from schemas.vocabulary import Urgency

CALM = {"urgency": "none"}
ALARMS = st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=30))


def test_no_question_is_without_its_time() -> None:
    assert set(DUE) == set(DeskCode)
    assert all(timedelta(0) < time <= timedelta(hours=24) for time in DUE.values())


@given(st.sampled_from(DeskCode), st.sampled_from(Urgency), ALARMS)
def test_the_route_wins_where_it_asks_for_less_and_never_where_it_asks_for_more(
    code: DeskCode, urgency: Urgency, alarm: timedelta | None
) -> None:
    case = {"urgency": urgency}
    wanted = [DUE[code], *([alarm] if alarm else []), *([AT_RISK] if rings(case, code) else [])]
    assert due_in(case, code, alarm) == min(wanted) // timedelta(microseconds=1)


@pytest.mark.parametrize("code", DeskCode)
def test_a_child_at_risk_rings_and_a_date_that_came_round_does_not(code: DeskCode) -> None:
    assert rings({"urgency": "live"}, code) is (code not in QUIET)
    assert rings(CALM, code) is (code is DeskCode.CHILD_AT_RISK)
    assert (is_at_risk({"urgency": "live"}), is_at_risk(CALM)) == (True, False)
