from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.delivery import breaker
from router.delivery.lanes import FURTHEST, PROBE, SECOND, Grant, Hold, Waiting, may_call, spend
from router.delivery.partner_state import DAY, Breaker, PartnerState
from router.partners.base import Accepted, Deferred, Reason
from schemas.partner import Pace, Window

MIDNIGHT = 20_000 * DAY
NOON = MIDNIGHT + DAY // 2
MANY = Waiting(urgent=1000, normal=1000, bulk=1_000_000)

counts = st.integers(0, 2000)
waitings = st.builds(Waiting, urgent=counts, normal=counts, bulk=counts, begun=counts)
paces = st.builds(
    Pace,
    per_second=st.floats(0.01, 1000),
    burst=st.integers(1, 200),
    in_flight=st.integers(1, 64),
    daily_cap=st.none() | st.integers(1, 5000),
)
bundles = st.sampled_from([1, 10, 100])


def used(pace: Pace, tokens: float = 0.0, **more: object) -> PartnerState:
    """A state whose bucket was counted just now."""
    return replace(PartnerState(tokens=tokens, tokens_at=NOON, day=MIDNIGHT), **more)


def test_a_fresh_partner_may_be_called_with_a_full_bucket() -> None:
    grant = may_call(PartnerState(), Pace(burst=4, in_flight=8), MANY, NOON, bundle=1)
    assert (grant.calls, grant.total) == (4, 4)


def test_calls_in_flight_bound_a_grant() -> None:
    assert may_call(PartnerState(), Pace(burst=50, in_flight=3), MANY, NOON, bundle=100).calls == 3
    assert may_call(PartnerState(), Pace(burst=50, in_flight=3), MANY, NOON, bundle=1, rounds=4).calls == 12
    assert may_call(PartnerState(), Pace(burst=5, in_flight=3), MANY, NOON, bundle=1, rounds=4).calls == 5  # its tokens


def test_an_empty_bucket_says_when_to_ask_again() -> None:
    pace = Pace(per_second=2, burst=4)
    less = replace(MANY, urgent=0)
    grant = may_call(used(pace), pace, less, NOON, bundle=1)
    assert (grant.hold, grant.total) == (Hold.PACE, 0)
    assert grant.again_at is not None
    assert may_call(used(pace), pace, less, grant.again_at, bundle=1).total >= 1


@given(paces, bundles, waitings, st.floats(0, 0.99))
def test_a_child_in_danger_waits_for_no_pace_and_takes_nobody_along(
    pace: Pace, bundle: int, waiting: Waiting, tokens: float
) -> None:
    grant = may_call(used(pace, tokens), pace, replace(waiting, urgent=3), NOON, bundle=bundle)
    assert (grant.urgent, grant.calls) == (min(3, bundle), 1)
    assert (grant.normal, grant.bulk) == (0, 0)


@given(paces, st.integers(1, 400 * DAY), st.integers(-400, 400))
def test_a_clock_that_was_ahead_holds_nothing_back(pace: Pace, ahead: int, days: int) -> None:
    """Whatever a wrong clock wrote, the partner is called again within the longest pause that a breaker knows."""
    pace = pace.model_copy(update={"closed": ()})
    wrong = PartnerState(tokens_at=NOON + ahead, day=MIDNIGHT + max(days, 1) * DAY, sent_today=10**9)
    assert may_call(wrong, pace, MANY, NOON, bundle=1).total >= 1
    opened = replace(wrong, breaker=Breaker.OPEN, failures=9, opened_until=NOON + ahead)
    grant = may_call(opened, pace, MANY, NOON, bundle=1)
    assert grant.total == 1 or (grant.again_at is not None and grant.again_at <= NOON + FURTHEST)


@given(waitings, paces, bundles, st.floats(0, 200))
def test_a_grant_keeps_to_everything_at_once(waiting: Waiting, pace: Pace, bundle: int, tokens: float) -> None:
    state = used(pace, min(tokens, pace.burst))
    grant = may_call(state, pace, waiting, NOON, bundle=bundle)
    assert 0 <= grant.urgent <= waiting.urgent
    assert 0 <= grant.normal <= waiting.normal
    assert 0 <= grant.bulk <= waiting.bulk
    assert 0 <= grant.begun <= waiting.begun
    assert grant.calls == -(-grant.total // bundle)
    if waiting.urgent and state.tokens < 1:
        assert grant.calls == 1
    else:
        assert grant.calls <= min(pace.in_flight, max(int(state.tokens), 0))
    assert pace.daily_cap is None or grant.normal + grant.bulk <= pace.daily_cap


@given(waitings, paces, bundles, st.floats(1, 200))
def test_urgent_takes_all_it_needs_before_anything_else(
    waiting: Waiting, pace: Pace, bundle: int, tokens: float
) -> None:
    state = used(pace, min(tokens, pace.burst), sent_today=10**6)
    capacity = min(int(state.tokens), pace.in_flight) * bundle
    assert may_call(state, pace, waiting, NOON, bundle=bundle).urgent == min(waiting.urgent, capacity)


@given(waitings, paces, bundles, st.floats(1, 200))
def test_what_is_half_done_is_finished_before_anything_else_but_the_urgent_begins(
    waiting: Waiting, pace: Pace, bundle: int, tokens: float
) -> None:
    """Whatever the day's cap says: it was counted when it was begun."""
    state = used(pace, min(tokens, pace.burst), sent_today=10**6)
    capacity = min(int(state.tokens), pace.in_flight) * bundle
    grant = may_call(state, pace, waiting, NOON, bundle=bundle)
    assert grant.begun == min(waiting.begun, capacity - grant.urgent)
    assert grant.begun == waiting.begun or grant.normal == grant.bulk == 0
    assert spend(state, pace, grant, NOON).sent_today == state.sent_today + grant.total - grant.begun


@given(counts, waitings, paces, bundles, st.floats(0, 200))
def test_the_calls_of_the_urgent_line_are_left_to_it(
    before: int, waiting: Waiting, pace: Pace, bundle: int, tokens: float
) -> None:
    state, rest = used(pace, min(tokens, pace.burst)), replace(waiting, urgent=0)
    grant = may_call(state, pace, rest, NOON, bundle=bundle, before=before)
    assert grant.total == 0 or grant.calls <= int(state.tokens) - -(-before // bundle)
    assert grant.total or grant.hold is None or (grant.again_at or 0) > NOON
    resting = PartnerState(breaker=Breaker.OPEN, failures=5, opened_until=NOON)
    assert may_call(resting, pace, rest, NOON, bundle=bundle, before=before).probe is (not before and rest != Waiting())


@given(waitings, paces, bundles)
def test_bulk_changes_nothing_for_the_urgent(waiting: Waiting, pace: Pace, bundle: int) -> None:
    alone = may_call(PartnerState(), pace, replace(waiting, bulk=0), NOON, bundle=bundle)
    crowded = may_call(PartnerState(), pace, replace(waiting, bulk=10**6), NOON, bundle=bundle)
    assert crowded.urgent == alone.urgent


@given(st.integers(1, 10_000), paces)
def test_bulk_leaves_a_call_for_the_urgent_one_that_comes_next(bulk: int, pace: Pace) -> None:
    pace = pace.model_copy(update={"burst": max(pace.burst, 10), "daily_cap": None})
    state = used(pace, pace.burst)
    while (grant := may_call(state, pace, Waiting(bulk=bulk), NOON, bundle=1)).total:
        state = spend(state, pace, grant, NOON)
    assert may_call(state, pace, Waiting(urgent=1, bulk=bulk), NOON, bundle=1).urgent == 1


def test_bulk_gets_a_quarter_when_the_others_leave_nothing() -> None:
    grant = may_call(PartnerState(), Pace(burst=20, in_flight=8), Waiting(normal=99, bulk=99), NOON, bundle=1)
    assert (grant.normal, grant.bulk) == (6, 2)


def test_bulk_gets_what_the_others_leave() -> None:
    grant = may_call(PartnerState(), Pace(burst=20, in_flight=8), Waiting(normal=1, bulk=99), NOON, bundle=1)
    assert (grant.normal, grant.bulk) == (1, 7)


def test_the_daily_cap_holds_the_rest_until_tomorrow_but_not_a_child_in_danger() -> None:
    pace = Pace(daily_cap=5)
    full = used(pace, 50, sent_today=5)
    grant = may_call(full, pace, Waiting(normal=3), NOON, bundle=1)
    assert (grant.total, grant.hold, grant.again_at) == (0, Hold.DAILY_CAP, MIDNIGHT + DAY)
    assert may_call(full, pace, Waiting(urgent=2, normal=3), NOON, bundle=1).total == 2
    assert may_call(full, pace, Waiting(normal=3), MIDNIGHT + DAY, bundle=1).normal == 3


@given(paces, st.lists(st.tuples(waitings, st.integers(0, 10 * SECOND)), max_size=30), bundles)
def test_over_any_time_no_more_calls_than_rate_and_burst(
    pace: Pace, asked: list[tuple[Waiting, int]], bundle: int
) -> None:
    state, now, made = used(pace, pace.burst), NOON, 0
    for waiting, pause in asked:
        now += pause
        grant = may_call(state, pace, replace(waiting, urgent=0), now, bundle=bundle)
        state = spend(state, pace, grant, now)
        made += grant.calls
        assert made <= pace.burst + (now - NOON) / SECOND * pace.per_second + 1e-6
        assert state.tokens >= 0


@given(paces, st.lists(waitings, max_size=20))
def test_a_days_cap_is_never_passed_by_what_can_wait(pace: Pace, asked: list[Waiting]) -> None:
    state, sent = used(pace, pace.burst), 0
    for step, waiting in enumerate(asked):
        now = NOON + step * SECOND
        grant = may_call(state, pace, replace(waiting, urgent=0), now, bundle=10)
        state = spend(state, pace, grant, now)
        sent += grant.total - grant.begun
    assert pace.daily_cap is None or sent <= pace.daily_cap


@pytest.mark.parametrize(
    ("window", "now", "until"),
    [
        (Window(start=time(11), end=time(13)), NOON, MIDNIGHT + 13 * 3600 * SECOND),
        (Window(start=time(12), end=time(13)), NOON, MIDNIGHT + 13 * 3600 * SECOND),
        (Window(start=time(11), end=time(12)), NOON, None),
        (Window(start=time(22), end=time(2)), NOON, None),
        (Window(start=time(22), end=time(2)), MIDNIGHT + 3600 * SECOND, MIDNIGHT + 2 * 3600 * SECOND),
        (Window(start=time(22), end=time(2)), MIDNIGHT + 23 * 3600 * SECOND, MIDNIGHT + DAY + 2 * 3600 * SECOND),
    ],
)
def test_a_maintenance_window_holds_everything_until_it_ends(window: Window, now: int, until: int | None) -> None:
    grant = may_call(PartnerState(), Pace(closed=(window,)), MANY, now, bundle=1)
    assert grant.hold == (Hold.CLOSED_HOURS if until else None)
    assert grant.again_at == until
    assert bool(grant.total) == (until is None)


@pytest.mark.parametrize(
    ("state", "stopped", "hold"),
    [
        (PartnerState(), True, Hold.STOPPED),
        (PartnerState(paused="gone"), False, Hold.PAUSED),
        (PartnerState(breaker=Breaker.OPEN, opened_until=NOON + 1), False, Hold.BREAKER),
        (PartnerState(breaker=Breaker.HALF_OPEN, opened_until=NOON + 1), False, Hold.BREAKER),
    ],
)
def test_a_closed_gate_lets_not_even_the_urgent_through(state: PartnerState, stopped: bool, hold: Hold) -> None:
    grant = may_call(state, Pace(), MANY, NOON, bundle=1, stopped=stopped)
    assert (grant.total, grant.hold) == (0, hold)


@pytest.mark.parametrize(
    ("waiting", "lane"),
    [
        (MANY, "urgent"),
        (Waiting(normal=9, begun=9), "begun"),
        (Waiting(normal=9, bulk=9), "normal"),
        (Waiting(bulk=9), "bulk"),
        (Waiting(), None),
    ],
)
def test_after_its_pause_one_referral_probes_the_most_urgent_first(waiting: Waiting, lane: str | None) -> None:
    rested = PartnerState(breaker=Breaker.OPEN, failures=5, opened_until=NOON)
    grant = may_call(rested, Pace(), waiting, NOON, bundle=100)
    assert (grant.total, grant.probe) == (int(lane is not None), lane is not None)
    if lane:
        assert getattr(grant, lane) == 1


def test_while_a_probe_is_under_way_nobody_else_calls() -> None:
    rested = PartnerState(breaker=Breaker.OPEN, failures=5, opened_until=NOON)
    probing = spend(rested, Pace(), may_call(rested, Pace(), MANY, NOON, bundle=1), NOON)
    assert (probing.breaker, probing.opened_until) == (Breaker.HALF_OPEN, NOON + PROBE)
    assert may_call(probing, Pace(), MANY, NOON + 1, bundle=1).hold is Hold.BREAKER
    assert may_call(probing, Pace(), MANY, NOON + PROBE, bundle=1).probe  # its owner died


def test_recovery_lets_twice_as_much_through_each_time() -> None:
    pace = Pace(per_second=10_000, burst=64, in_flight=64)
    state = PartnerState()
    for _ in range(40):
        state = breaker.after(state, [Deferred(Reason.UNREACHABLE, "")], NOON)
    now, seen = (state.opened_until or 0) + 1, []
    for _ in range(8):
        grant = may_call(state, pace, MANY, now, bundle=1)
        seen.append(grant.calls)
        state = breaker.after(spend(state, pace, grant, now), [Accepted("r")], now)
        now += SECOND
    assert seen == [1, 2, 4, 8, 16, 32, 64, 64]


def test_a_grant_of_nothing_costs_nothing() -> None:
    state = used(Pace(), 3.0, sent_today=2)
    assert spend(state, Pace(), Grant(), NOON) == state
