"""Curves agree with the published vector, and with the product limit by its definition in exact fractions."""

from fractions import Fraction
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from router.figures.survival import EDGES, Lived, incidence, is_enough, life_table, median, product_limit

#: Remission under 6-MP, in weeks (Freireich 1963, as every text book prints it); + was still in remission.
FREIREICH = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PUBLISHED = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
LIVES = st.lists(st.builds(Lived, st.integers(0, 60_000), st.booleans()), max_size=40)


def lived(text: str) -> list[Lived]:
    return [Lived(int(one.rstrip("+")), not one.endswith("+")) for one in text.split()]


def by_definition(lives: list[Lived]) -> dict[int, Fraction]:
    """The product over all times so far of the share that did not end, counted afresh at each."""
    times = sorted({one.minutes for one in lives if one.event})
    made, left = {}, Fraction(1)
    for at in times:
        at_risk = sum(one.minutes >= at for one in lives)
        left *= 1 - Fraction(sum(one.minutes == at and one.event for one in lives), at_risk)
        made[at] = left
    return made


def test_the_published_vector() -> None:
    steps = product_limit(lived(FREIREICH))
    assert {one.minutes: round(one.survival, 4) for one in steps} == PUBLISHED
    assert [round(one or 0, 4) for one in (steps[0].low, steps[0].high)] == [0.6197, 0.9516]
    assert median(steps) == (23, 13, None), "its upper end is not reached"


@given(LIVES)
def test_the_curve_is_the_product_limit(lives: list[Lived]) -> None:
    wanted = by_definition(lives)
    steps = product_limit(lives)
    assert [one.minutes for one in steps] == list(wanted)
    assert all(isclose(one.survival, wanted[one.minutes], abs_tol=1e-12) for one in steps)
    assert all(one.at_risk == sum(each.minutes >= one.minutes for each in lives) for one in steps)
    bands = [(one.low, one.survival, one.high) for one in steps if one.low is not None and one.high is not None]
    assert all(low <= middle <= high for low, middle, high in bands)


@given(LIVES)
def test_a_life_table_loses_nobody(lives: list[Lived]) -> None:
    rows = life_table(lives)
    assert sum(one.events + one.left for one in rows) == len(lives)
    assert [one.at_risk for one in rows] == [sum(each.minutes >= one.from_day * 1440 for each in lives) for one in rows]
    shares = [one.survival for one in rows]
    assert shares == sorted(shares, reverse=True)
    if all(one.event for one in lives) and lives:
        left = [sum(each.minutes >= one.to_day * 1440 for each in lives) for one in rows if one.to_day is not None]
        assert all(
            isclose(one.survival, count / len(lives), abs_tol=1e-12) for one, count in zip(rows, left, strict=False)
        )


def test_a_table_counts_who_left_half() -> None:
    (first, *_) = life_table([Lived(60, event=True), Lived(60, event=False), Lived(99_999, event=True)])
    assert (first.at_risk, first.events, first.left) == (3, 1, 1)
    assert isclose(first.survival, 1 - 1 / 2.5)


def test_a_curve_needs_twenty_lives_and_ten_ends() -> None:
    ended, open_ = Lived(1, event=True), Lived(1, event=False)
    assert is_enough([ended] * 10 + [open_] * 10)
    assert not is_enough([ended] * 10 + [open_] * 9)
    assert not is_enough([ended] * 9 + [open_] * 11)


CAUSES = ("gone", "moved")
ENDS = st.lists(st.tuples(st.integers(0, 45_000), st.sampled_from([*CAUSES, "open"])), max_size=30)


def ended_by(ends: list[tuple[int, str]], cause: str, day: int) -> Fraction:
    """The sum over all times before a day of the share that nothing had ended, times the share that this ended."""
    found, left = Fraction(0), Fraction(1)
    for at in sorted({at for at, how in ends if how in CAUSES and at < day * 1440}):
        at_risk = sum(each >= at for each, _ in ends)
        found += left * Fraction(ends.count((at, cause)), at_risk)
        left *= 1 - Fraction(sum(ends.count((at, one)) for one in CAUSES), at_risk)
    return found


@given(ENDS)
def test_ends_of_each_kind_are_those_by_definition_and_leave_what_no_kind_ended(ends: list[tuple[int, str]]) -> None:
    shares = incidence(ends, CAUSES)
    steps = product_limit([Lived(at, how in CAUSES) for at, how in ends])
    for day in EDGES[1:]:
        for cause in CAUSES:
            assert isclose(shares[cause][day], ended_by(ends, cause, day), abs_tol=1e-12)
        left = [one.survival for one in steps if one.minutes < day * 1440]
        assert isclose(sum(shares[cause][day] for cause in CAUSES), 1 - (left[-1] if left else 1.0), abs_tol=1e-9)
    if all(how in CAUSES for _, how in ends) and ends:
        plain = sum(how == "gone" and at < 28 * 1440 for at, how in ends) / len(ends)
        assert isclose(shares["gone"][28], plain, abs_tol=1e-12), "where all are known it is the plain share"
