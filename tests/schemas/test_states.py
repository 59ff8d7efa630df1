"""The one table of states: complete, and without dead ends that nobody wants."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

TABLES: list[dict[Any, dict[str, Any]]] = [CASE, REFERRAL]
FIRST = {id(CASE): {CaseState.RECEIVED}, id(REFERRAL): {ReferralState.WAITING, ReferralState.HELD}}
OVER = {CaseState.CLOSED, ReferralState.RECALLED, ReferralState.SUPERSEDED}
#: States in which a partner has, or may have, the case: nothing may replace it here as if it had never left.
OUT = {ReferralState.ACCEPTED, ReferralState.UNKNOWN, ReferralState.WITHDRAWING, ReferralState.RECALL_PENDING}


def reached(table: dict[Any, dict[str, Any]], start: set[Any]) -> set[Any]:
    found, new = set(start), set(start)
    while new:
        new = {after for state in new for after in table[state].values()} - found
        found |= new
    return found


@pytest.mark.parametrize(("table", "states"), [(CASE, CaseState), (REFERRAL, ReferralState)])
def test_the_table_has_a_row_for_every_state_and_every_state_is_reached(table: Any, states: Any) -> None:
    assert set(table) == set(states)
    assert reached(table, FIRST[id(table)]) == set(states)


@pytest.mark.parametrize("table", TABLES)
def test_exactly_what_is_over_is_final(table: dict[Any, dict[str, Any]]) -> None:
    assert {state for state, events in table.items() if not set(events) - {"reopen"}} == OVER & set(table)


def test_a_closed_case_is_only_ever_opened_again_for_people() -> None:
    assert CASE[CaseState.CLOSED] == {"reopen": CaseState.DESK}


def test_what_was_taken_back_is_only_ever_told_again() -> None:
    assert REFERRAL[ReferralState.RECALLED] == {"reopen": ReferralState.WITHDRAWING}


@pytest.mark.parametrize("table", TABLES)
def test_whatever_happens_there_is_a_way_to_the_end(table: dict[Any, dict[str, Any]]) -> None:
    stuck = [state for state in table if not reached(table, {state}) & OVER]
    assert stuck == []


def test_people_can_take_and_close_every_open_case() -> None:
    for state in set(CaseState) - {CaseState.CLOSED}:
        assert (step(CASE, state, "ask_staff"), step(CASE, state, "close")) == (CaseState.DESK, CaseState.CLOSED)


def test_people_can_take_every_live_referral_back() -> None:
    """Recalled at once, or by way of its partner; only what the partner refused needs no taking back."""
    over = {*OVER, ReferralState.REFUSED}
    for state in set(ReferralState) - over - {ReferralState.WITHDRAWING, ReferralState.RECALL_PENDING}:
        after = step(REFERRAL, state, "recall")
        assert after is not None, state
        assert reached(REFERRAL, {after}) & {ReferralState.RECALLED}, state


@pytest.mark.parametrize("state", sorted(OUT))
def test_what_may_be_with_a_partner_is_never_just_superseded(state: ReferralState) -> None:
    assert step(REFERRAL, state, "supersede") is None


@given(st.sampled_from(list(ReferralState)), st.lists(st.sampled_from(["accept", "defer", "refuse", "lose", "expire"])))
def test_once_recalled_no_outcome_makes_a_referral_wait_to_be_sent_again(
    state: ReferralState, outcomes: list[str]
) -> None:
    recalled = step(REFERRAL, state, "recall")
    for outcome in outcomes:
        recalled = step(REFERRAL, recalled, outcome) or recalled if recalled else None
        assert recalled not in {ReferralState.WAITING, ReferralState.SENDING, ReferralState.ACCEPTED}


@given(st.sampled_from(list(CaseState)), st.text())
def test_an_event_that_cannot_happen_is_none_and_not_an_error(state: CaseState, event: str) -> None:
    known = {name for events in CASE.values() for name in events}
    assert (step(CASE, state, event) is None) or event in known
