"""Two periods beside each other: the same days, whole percent, and each audience what is its own."""

from datetime import UTC, date

import pytest

from router.figures.count import Counted
from router.figures.definitions import definitions
from router.figures.survival import Lived
from router.figures.table import curves, figures, percent, same_days
from schemas.published import Audience, Figure, Hidden, Period


def counted(**numbers: int) -> Counted:
    found = Counted("BE", frozenset(), UTC)
    for name, count in numbers.items():
        measure, _, rest = name.partition("__")
        dimension, _, key = rest.partition("__")
        found.numbers[measure, dimension or "total", key or "all"] = count
    return found


def shown(audience: Audience, now: Counted, before: Counted) -> dict[tuple[str, str, str], Figure]:
    return {(one.measure, one.dimension, one.key): one for one in figures(audience, definitions(), now, before)}


@pytest.mark.parametrize(
    ("value", "before", "said"),
    [
        (1883, 1036, 82), (2056, 1414, 45), (2205, 1501, 47), (1062, 1261, -16), (411, 267, 54), (20, 20, 0),
        (30, 19, None), (None, 50, None), (50, None, None), (41, 40, 3), (39, 40, -3), (0, 20, -100),
    ],
)  # fmt: skip
def test_a_change_is_in_whole_percent_as_it_is_printed(value: int | None, before: int | None, said: int | None) -> None:
    """The first rows are what hotlines printed (facts of 2026-11-29); 2.5 is 3."""
    assert percent(value, before) == said


def test_the_same_days_of_another_year() -> None:
    ten = Period(first=date(2021, 1, 1), last=date(2021, 10, 31))
    assert same_days(ten, 2019) == Period(first=date(2019, 1, 1), last=date(2019, 10, 31))
    winter = Period(first=date(2023, 12, 1), last=date(2024, 2, 29))
    assert same_days(winter, 2022) == Period(first=date(2022, 12, 1), last=date(2023, 2, 28))


def test_each_audience_gets_its_own_and_a_total_of_nothing() -> None:
    now = counted(reports=9, reports__source__form=9, cases=9, cases__provider__Net=9, notices=7)
    rows = shown(Audience.INHOPE, now, counted())
    assert rows["reports", "total", "all"].value == 9
    assert rows["items", "total", "all"].value == 0
    assert not {"source", "provider", "partner"} & {one[1] for one in rows}
    assert not {"notices", "disagreements", "checks", "probes"} & {one[0] for one in rows}
    assert ("cases", "provider", "Net") in shown(Audience.INTERNAL, now, counted())
    assert set(shown(Audience.DSA, now, counted())) == {("notices", "total", "all")}


def test_everybody_is_shown_no_few_and_what_one_year_has_the_other_has_too() -> None:
    now = counted(cases=33, cases__hosted__home=3, cases__hosted__eea=30)
    rows = shown(Audience.PUBLIC, now, counted(cases=40, cases__hosted__elsewhere=40))
    home = rows["cases", "hosted", "home"]
    assert (home.value, home.hidden, home.before, home.percent) == (None, Hidden.FEW, 0, None)
    assert rows["cases", "hosted", "eea"].hidden is Hidden.BESIDE
    assert rows["cases", "hosted", "elsewhere"].value == 0
    assert rows["cases", "total", "all"].percent == -18
    assert shown(Audience.INTERNAL, now, counted())["cases", "hosted", "home"].value == 3


def test_too_few_lives_are_listed_to_the_house_only_and_drawn_for_nobody() -> None:
    found = counted()
    found.gone = [(Lived(100, event=True), "partner"), (Lived(50, event=False), None)]
    (own,) = curves(Audience.INTERNAL, found)
    assert [(one.minutes, one.said_by) for one in own.intervals] == [(50, None), (100, "partner")]
    assert (own.lives, own.events, own.said_by, own.steps) == (2, 1, {"partner": 1}, ())
    (theirs,) = curves(Audience.INHOPE, found)
    assert (theirs.lives, theirs.intervals) == (2, ())
    assert curves(Audience.PUBLIC, found) == ()
    found.in_doubt = 3
    found.gone = [(Lived(n, event=True), "us") for n in range(20)]
    found.ends = [(n, "gone") for n in range(19)] + [(2000, "moved")]
    (drawn,) = curves(Audience.INHOPE, found)
    assert (len(drawn.steps), drawn.median, drawn.intervals) == (20, 9, ())
    assert (drawn.lives, drawn.in_doubt) == (20, 3)
    assert drawn.table[0].events == 20
    assert {one.how: one.by_day[3] for one in drawn.incidence} == pytest.approx(
        {"gone": 0.95, "moved": 0.05, "not_illegal": 0}
    )
