"""What a daily cap admits, and what is counted for it. The engines' conformance suite runs it in the database."""

from typing import Any

from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from router.store.base import Quota, Row
from router.store.quota import admit, counters, sent_on
from router.store.schema.tables import referrals

TODAY = 86_400_000_000
QUOTA = Quota(referrals.c.route, {"crawler": 3, "feed": 1}, "nl", TODAY)


def rows(*sources: str | None) -> list[Row]:
    return [{"id": str(n), "draws_on": source} for n, source in enumerate(sources)]


def counted(source: str, sent: int, day: int = TODAY) -> Row:
    return {"source": source, "partner": "nl", "day": day, "sent": sent}


def admitted(found: list[Row], *counts: Row) -> tuple[list[str], dict[str, int]]:
    taken, updates = admit(QUOTA, found, counts)
    written: list[dict[str, Any]] = [dict(update.compile().params) for update in updates]
    days = {row["source"]: row["day"] for row in counts}
    assert all(one["day"] == max(TODAY, days[one["source_1"]]) and one["partner_1"] == "nl" for one in written)
    return [row["id"] for row in taken], {one["source_1"]: one["sent"] for one in written}


def test_each_source_is_counted_for_itself_and_what_has_no_cap_is_not() -> None:
    found = rows("crawler", None, "feed", "feed", "crawler", "form")
    assert admitted(found, counted("crawler", 1), counted("feed", 0)) == (
        ["0", "1", "2", "4", "5"],
        {"crawler": 3, "feed": 1},
    )


def test_nothing_is_written_when_nothing_was_drawn() -> None:
    assert admitted(rows("crawler", None), counted("crawler", 3), counted("feed", 0)) == (["1"], {})


def test_more_than_the_cap_was_sent_before_it_was_lowered() -> None:
    assert admitted(rows("crawler"), counted("crawler", 9)) == ([], {})


def test_a_source_that_nobody_counts_yet_has_nothing_left() -> None:
    assert admitted(rows("crawler")) == ([], {})


def test_another_days_count_is_over() -> None:
    assert sent_on(TODAY, [counted("crawler", 3, day=0), counted("feed", 1)]) == {"crawler": 0, "feed": 1}
    assert admitted(rows("crawler"), counted("crawler", 3, day=0)) == (["0"], {"crawler": 1})


def test_a_claim_that_comes_after_midnight_counts_for_the_day_that_has_begun() -> None:
    tomorrow = 2 * TODAY
    assert sent_on(TODAY, [counted("crawler", 2, day=tomorrow)]) == {"crawler": 2}
    assert admitted(rows("crawler", "crawler"), counted("crawler", 2, day=tomorrow)) == (["0"], {"crawler": 3})
    assert admitted(rows("crawler"), counted("crawler", 3, day=tomorrow)) == ([], {})


def test_the_counters_are_locked_in_one_order_where_the_database_can() -> None:
    text = str(counters(QUOTA).compile(dialect=PGDialect()))  # type: ignore[no-untyped-call]  # SQLAlchemy's is untyped
    assert text.split("ORDER BY ")[1].split() == ["source_sent.source", "FOR", "UPDATE"]
    assert "FOR UPDATE" not in str(counters(QUOTA).compile(dialect=SQLiteDialect()))
