"""How a clock stops, and on whose word: a partner's date before a person's, a person's before our look-ups."""

from typing import Any

import pytest

from router.figures.lives import How, Life, SaidBy, minutes

HOUR = 3_600_000_000
PARTNER, STAFF, ROUTER = "partner", "staff", "router"


def life(*signs: tuple[str, str, int], doubts: tuple[tuple[str, str], ...] = (), **case: Any) -> Life:
    row = {
        "id": "c",
        "outcome": "removed", "closed_at": 900 * HOUR, "gone_since": 800 * HOUR, "moved": 0, "opened_at": 0,
        "seen_at": None, "assessment": "baseline", "staff_assessment": None,
    }  # fmt: skip
    said = [{"id": "s", "sign": sign, "by": by, "at": at * HOUR} for sign, by, at in signs]
    return Life(row | case, (), said, (), {}, frozenset(doubts))


@pytest.mark.parametrize(
    ("found", "at", "how", "said_by"),
    [
        (life(("Removed", PARTNER, 10), ("Removed", STAFF, 5)), 10, How.GONE, SaidBy.PARTNER),
        (life(("Removed", PARTNER, 10), ("Removed", PARTNER, 40)), 40, How.GONE, SaidBy.PARTNER),
        (life(("Unavailable", STAFF, 5), ("Unavailable", ROUTER, 900)), 5, How.GONE, SaidBy.STAFF),
        (life(outcome="unavailable"), 800, How.GONE, SaidBy.US),
        (life(gone_since=None), 900, How.GONE, SaidBy.US),
        (life(("Moved", ROUTER, 7), ("Removed", PARTNER, 10), moved=1), 7, How.MOVED, None),
        (life(("Moved", PARTNER, 7), ("Removed", PARTNER, 10)), 10, How.GONE, SaidBy.PARTNER),
        (life(("Removed", PARTNER, 10), outcome=None, closed_at=None), 0, How.OPEN, None),
        (life(("check_still_there", ROUTER, 120), outcome=None, seen_at=50 * HOUR), 120, How.OPEN, None),
        (life(outcome="not_illegal"), 900, How.NOT_ILLEGAL, None),
        (life(outcome="spam"), 900, How.LEFT, None),
    ],
)
def test_an_end_and_whose_word_it_is(found: Life, at: int, how: How, said_by: SaidBy | None) -> None:
    assert (found.ended.at.at, found.ended.how, found.ended.said_by) == (at * HOUR, how, said_by)


@pytest.mark.parametrize(
    ("found", "in_doubt"),
    [
        (life(doubts=(("c", "gone_since"),)), True),
        (life(doubts=(("c", "closed_at"),)), False),
        (life(gone_since=None, doubts=(("c", "closed_at"),)), True),
        (life(("Removed", STAFF, 5), doubts=(("s", "Removed"),)), True),
        (life(("Removed", PARTNER, 5), doubts=(("c", "gone_since"), ("c", "closed_at"))), False),
        (life(outcome="not_illegal", doubts=(("c", "closed_at"),)), True),
    ],
)
def test_an_end_is_in_doubt_where_the_date_that_it_rests_on_is(found: Life, in_doubt: bool) -> None:
    assert found.ended.at.in_doubt is in_doubt


def test_what_was_measured_in_doubt_does_not_show_that_it_was_still_there() -> None:
    signs = ("check_still_there", ROUTER, 120)
    doubts = (("s", "check_still_there"), ("c", "seen_at"))
    found = life(signs, outcome=None, opened_at=7 * HOUR, seen_at=900 * HOUR, doubts=doubts)
    assert found.ended.at == (7 * HOUR, False)


def test_spam_is_apart_from_what_somebody_found_lawful() -> None:
    assert life(outcome="spam", assessment="unassessed").assessment == "spam"
    assert life(outcome="spam", assessment="unassessed").assessed_by == "staff"
    assert not life(outcome="spam").actionable
    assert life(outcome="not_illegal", assessment="not_illegal").assessment == "not_illegal"


def test_a_date_before_the_clock_began_is_at_once() -> None:
    assert minutes(10 * HOUR, 9 * HOUR) == 0
    assert minutes(0, HOUR + 59_999_999) == 60
