"""The edges of the bins, who decided, and which item repeats which."""

import pytest

from router.figures.count import _BINS, how_decided, span, ways
from router.figures.lives import Measured

MINUTE = 60_000_000
DAY = 1440


@pytest.mark.parametrize(
    ("minutes", "bin_"),
    [
        (0, "lt_72h"),
        (3 * DAY - 1, "lt_72h"),
        (3 * DAY, "72h_to_168h"),
        (7 * DAY - 1, "72h_to_168h"),
        (7 * DAY, "ge_168h"),
    ],
)
def test_every_minute_has_one_bin(minutes: int, bin_: str) -> None:
    assert span(Measured(5), Measured(5 + minutes * MINUTE), _BINS) == bin_


def test_a_step_that_was_not_made_is_said_so() -> None:
    assert span(Measured(0), None) == "never"
    assert [span(Measured(0), Measured(day * DAY * MINUTE)) for day in (0, 1, 3, 7)] == [
        "lt_24h",
        "24h_to_72h",
        "72h_to_168h",
        "ge_168h",
    ]


@pytest.mark.parametrize(
    ("route", "by", "how"),
    [
        ("abroad", "policy", "automatic"), ("abroad", "staff", "agreed"), ("staff", "staff", "by_hand"),
        ("unseen", "policy", "automatic"), ("abroad", None, "unknown"),
    ],
)  # fmt: skip
def test_who_chose(route: str, by: str | None, how: str) -> None:
    assert how_decided({"route": route, "decided_by": by}) == how


def test_an_item_opens_a_case_or_repeats_its_report_or_another() -> None:
    given = [("b", "r1", 1), ("a", "r1", 1), ("c", "r2", 2), ("d", "r2", 3)]
    items = [{"id": name, "report_id": report, "added_at": at} for name, report, at in given]
    assert ways(items) == {"a": "opened", "b": "same_report", "c": "open_case", "d": "same_report"}
