from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.delivery.breaker import FAILURES, FIRST, LONGEST, MOST, after, released
from router.delivery.lanes import Waiting, may_call, spend
from router.delivery.partner_state import Breaker, PartnerState
from router.partners.base import Accepted, Deferred, Outcome, Reason, Refused, Unknown
from schemas.partner import Pace

OK = Accepted("r")
NO = Refused(Reason.REFUSED, "")
DOWN = Deferred(Reason.UNREACHABLE, "")
LOST = Unknown(Reason.NO_ANSWER, "")
NOT_US = Deferred(Reason.NOT_AUTHENTICATED, "", 900, counted=False)
GONE = Deferred(Reason.GONE, "", 900, counted=False)
LATER = Deferred(Reason.PARTNER_DEFERS, "")
UNCONFIRMED = Unknown(Reason.NOT_CONFIRMED, "")
SOUGHT = Deferred(Reason.LOOKED_FOR, "", counted=False)
UNASKED = Deferred(Reason.OWN_PACE, "", counted=False)

outcomes = st.sampled_from([OK, NO, DOWN, LOST, NOT_US, GONE, LATER, SOUGHT, UNCONFIRMED, UNASKED])
states = st.builds(
    PartnerState,
    breaker=st.sampled_from(Breaker),
    failures=st.integers(0, MOST),
    opened_until=st.none() | st.integers(0, 10**9),
)
#: States that calls alone lead to.
reached = states.filter(
    lambda one: (
        (one.breaker is not Breaker.OPEN or one.opened_until is not None)
        and (one.breaker is not Breaker.CLOSED or one.failures < FAILURES)
    )
)


def calls(state: PartnerState, *made: Outcome, now: int = 0) -> PartnerState:
    for outcome in made:
        state = after(state, [outcome], now)
    return state


def test_it_opens_after_some_failures_in_a_row() -> None:
    assert calls(PartnerState(), *[DOWN] * (FAILURES - 1)).breaker is Breaker.CLOSED
    opened = calls(PartnerState(), *[DOWN] * FAILURES, now=7)
    assert (opened.breaker, opened.opened_until) == (Breaker.OPEN, 7 + FIRST)


@pytest.mark.parametrize("alive", [OK, NO, LATER, SOUGHT, UNCONFIRMED])
def test_an_answer_about_a_referral_is_a_sign_of_life(alive: Outcome) -> None:
    state = calls(PartnerState(), *[DOWN] * (FAILURES - 1), alive, *[DOWN] * (FAILURES - 1))
    assert state.breaker is Breaker.CLOSED


@given(states, st.lists(st.just(UNASKED), max_size=3))
def test_a_partner_that_nobody_asked_stays_as_it_was(state: PartnerState, unasked: list[Outcome]) -> None:
    assert after(state, unasked, 7) == state


@given(states, outcomes)
def test_who_was_not_asked_changes_nothing_of_what_another_learnt(state: PartnerState, outcome: Outcome) -> None:
    assert after(state, [UNASKED, outcome], 7) == after(state, [outcome], 7)


def test_silence_counts_like_any_failure() -> None:
    assert calls(PartnerState(), *[LOST] * FAILURES).breaker is Breaker.OPEN


@pytest.mark.parametrize(
    "reason",
    [
        Reason.NOT_AUTHENTICATED,
        Reason.CLOCK,
        Reason.BAD_SIGNATURE,
        Reason.WRONG_RECIPIENT,
        Reason.UNKNOWN_KEY,
        Reason.GUARD_REFUSED,
        Reason.MISCONFIGURED,
    ],
)
def test_a_fault_of_ours_opens_it_at_once_and_for_long(reason: Reason) -> None:
    opened = after(PartnerState(), [Deferred(reason, "", counted=False)], 0)
    assert (opened.breaker, opened.opened_until) == (Breaker.OPEN, LONGEST)


def test_a_closed_address_pauses_the_partner_until_staff_act() -> None:
    paused = after(PartnerState(), [GONE], 0)
    assert paused.paused == Reason.GONE
    assert released(paused).paused is None


def test_the_pause_doubles_up_to_its_longest() -> None:
    state = calls(PartnerState(), *[DOWN] * FAILURES)
    pauses = []
    for _ in range(8):
        pauses.append(state.opened_until or 0)
        state = after(state, [DOWN], 0)
    assert pauses[:4] == [FIRST, FIRST * 2, FIRST * 4, FIRST * 8]
    assert pauses[-1] == LONGEST


def test_a_partner_that_comes_back_climbs_step_by_step() -> None:
    state = calls(PartnerState(), *[DOWN] * 40)
    steps = 0
    while state.breaker is not Breaker.CLOSED:
        state = after(state, [OK], 0)
        steps += 1
        assert state.opened_until is None
    assert steps == 6
    assert state.failures == 0


def test_a_failure_on_the_way_back_opens_it_again() -> None:
    climbing = calls(PartnerState(), *[DOWN] * FAILURES, OK)
    assert climbing.breaker is Breaker.HALF_OPEN
    assert after(climbing, [DOWN], 0).breaker is Breaker.OPEN


def test_a_bundle_that_was_partly_taken_is_a_sign_of_life() -> None:
    assert after(PartnerState(failures=4), [LATER, OK, NO], 0).failures == 0


@given(states)
def test_no_call_changes_nothing(state: PartnerState) -> None:
    assert after(state, [], 0) == state


@given(reached, st.lists(st.lists(outcomes, min_size=1, max_size=3), max_size=30))
def test_however_it_goes_the_state_makes_sense(state: PartnerState, history: list[list[Outcome]]) -> None:
    for now, made in enumerate(history):
        state = after(state, made, now)
        assert 0 <= state.failures <= MOST
        assert (state.breaker is Breaker.OPEN) <= (state.opened_until is not None)
        assert (state.breaker is Breaker.CLOSED) <= (state.failures < FAILURES)
        assert state.opened_until is None or state.opened_until <= now + LONGEST or state.opened_until <= 10**9


@given(states)
def test_whatever_happened_successes_always_close_it(state: PartnerState) -> None:
    assert calls(state, *[OK] * 8).breaker is Breaker.CLOSED


@given(states, st.sampled_from([None, "gone"]))
def test_staff_can_always_let_a_probe_through(state: PartnerState, paused: str | None) -> None:
    free = released(replace(state, paused=paused))
    grant = may_call(free, Pace(), Waiting(normal=9), 1, bundle=100)
    assert (grant.probe, grant.total) == (True, 1)
    assert after(spend(free, Pace(), grant, 1), [OK], 2).breaker is Breaker.CLOSED
