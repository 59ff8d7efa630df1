import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.guard.signin.attempts import _PLACES, Attempts


def test_so_many_then_a_wait_that_is_true() -> None:
    attempts = Attempts(10, 900.0)
    assert [attempts.take("anna", 0.0) for _ in range(10)] == [0.0] * 10
    wait = attempts.take("anna", 0.0)
    assert wait == pytest.approx(90.0)
    assert attempts.take("anna", wait - 0.01) > 0
    assert attempts.take("anna", wait + 0.01) == 0.0


def test_one_who_waits_does_not_keep_another_waiting() -> None:
    attempts = Attempts(1, 900.0)
    assert attempts.take("anna", 0.0) == 0.0
    assert attempts.take("anna", 0.0) > 0
    assert attempts.take("bob", 0.0) == 0.0


def test_a_try_that_was_right_is_not_counted() -> None:
    attempts = Attempts(2, 900.0)
    for _ in range(50):
        assert attempts.take("anna", 0.0) == 0.0
        attempts.give_back("anna")


def test_a_million_names_take_no_more_room_and_free_nobody() -> None:
    """What is thrown out to make room would be free again; here nothing is."""
    attempts = Attempts(3, 900.0)
    while attempts.take("anna", 0.0) == 0.0:
        pass
    for number in range(20_000):
        attempts.take(f"name-{number}", 0.0)
    assert attempts.take("anna", 0.0) > 0
    assert len(attempts._level) == len(attempts._at) == _PLACES


def test_who_is_counted_together_is_drawn_anew_in_each_process() -> None:
    one, other = Attempts(1, 1.0), Attempts(1, 1.0)
    assert any(one._places(f"{n}") != other._places(f"{n}") for n in range(3))


@settings(max_examples=50)
@given(st.lists(st.floats(0, 2000), min_size=1, max_size=80))
def test_never_more_than_the_rate_allows(moments: list[float]) -> None:
    attempts = Attempts(5, 500.0)
    assert sum(attempts.take("anna", now) == 0.0 for now in sorted(moments)) <= 5 + 2000 / 100


def test_a_clock_that_is_set_back_gives_no_more_tries() -> None:
    attempts = Attempts(5, 500.0)
    assert sum(attempts.take("anna", 1000.0 - now) == 0.0 for now in range(100)) == 5
