from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.serving.deadlines import (
    BODY_SECONDS,
    CLOSING_SECONDS,
    HEAD_SECONDS,
    LEAST_RATE,
    SLOW_SECONDS,
    UNREAD_SECONDS,
    Deadlines,
    Phase,
    Seen,
)

SILENT = Seen(Phase.BODY, 1, 0, read_paused=False, write_paused=False)
#: So late at most: it is looked once a second, and the first look only notes what there is.
LATE = 2.5


def lasts(*seen: Seen, step: float = 1.0) -> float:
    """How many seconds a connection lasts that looks like this second by second, and like the last one for ever."""
    deadlines, now = Deadlines(0.0), 0.0
    for _ in range(10_000):
        now += step
        if deadlines.passed(seen[min(int(now), len(seen)) - 1], now):
            return now
    return float("inf")


@pytest.mark.parametrize(
    ("phase", "seconds"),
    [
        (Phase.HEAD, HEAD_SECONDS),
        (Phase.BODY, SLOW_SECONDS),
        (Phase.CLOSING, CLOSING_SECONDS),
        (Phase.LEFTOVER, 0),
        (Phase.ANSWER, float("inf")),
    ],
)
def test_what_does_nothing_lasts_so_long(phase: Phase, seconds: float) -> None:
    assert seconds <= lasts(replace(SILENT, phase=phase)) <= seconds + LATE


def test_a_head_that_comes_by_the_byte_is_no_better_than_none() -> None:
    dripping = [replace(SILENT, phase=Phase.HEAD, received=second) for second in range(100)]
    assert lasts(*dripping) <= HEAD_SECONDS + LATE


@given(st.lists(st.integers(LEAST_RATE + 1, 10**6), min_size=1, max_size=5))
def test_a_body_that_comes_at_a_modem_s_pace_may_take_minutes_and_not_for_ever(pace: list[int]) -> None:
    received, seen = 0, []
    for second in range(2_000):
        received += pace[second % len(pace)]
        seen.append(replace(SILENT, received=received))
    assert BODY_SECONDS <= lasts(*seen) <= BODY_SECONDS + LATE


@given(st.lists(st.integers(0, LEAST_RATE - 1), min_size=1, max_size=20))
def test_a_body_that_comes_slower_ends(pace: list[int]) -> None:
    received, seen = 0, []
    for second in range(100):
        received += pace[second % len(pace)]
        seen.append(replace(SILENT, received=received))
    assert lasts(*seen) <= SLOW_SECONDS + LATE


def test_it_is_not_their_fault_while_we_do_not_read() -> None:
    assert lasts(replace(SILENT, read_paused=True)) > SLOW_SECONDS + 100


def test_who_reads_nothing_of_a_long_answer_ends() -> None:
    unread = replace(SILENT, phase=Phase.ANSWER, write_paused=True)
    assert UNREAD_SECONDS <= lasts(unread) <= UNREAD_SECONDS + LATE
    reads_now_and_then = [replace(unread, write_paused=second % 50 != 0) for second in range(5_000)]
    assert lasts(*reads_now_and_then) > 4_000


def test_each_request_has_its_own_time() -> None:
    many = [replace(SILENT, phase=Phase.HEAD, requests=second // 5) for second in range(1_000)]
    assert lasts(*many) > 900


@given(st.lists(st.sampled_from(list(Phase)), min_size=1, max_size=8), st.floats(0.5, 3))
def test_nobody_holds_a_place_for_ever_without_an_answer_under_way(phases: list[Phase], step: float) -> None:
    """Whatever it does in turns, with one request and a byte a second."""
    turns = [phase for phase in phases if phase is not Phase.ANSWER] or [Phase.HEAD]
    seen = [replace(SILENT, phase=turns[at % len(turns)], received=at) for at in range(5)] + [
        replace(SILENT, phase=turns[-1], received=at) for at in range(5, 1_000)
    ]
    assert lasts(*seen, step=step) < 100
