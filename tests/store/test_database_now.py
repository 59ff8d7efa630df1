"""Both databases tell their own time by one expression."""

import time

from sqlalchemy import select

from router.store.database_now import DATABASE_NOW
from router.store.writer import Writer


async def test_it_is_the_databases_clock_in_microseconds(store: Writer) -> None:
    (row,) = await store.rows(select(DATABASE_NOW.label("now")))
    assert isinstance(row["now"], int)
    assert abs(row["now"] - time.time_ns() // 1000) < 60_000_000


async def test_it_goes_on_between_two_statements(store: Writer) -> None:
    first, second = [(await store.rows(select(DATABASE_NOW.label("now"))))[0]["now"] for _ in range(2)]
    assert second >= first
