"""A clock is believed that beats on, and that partners agree with."""

from datetime import timedelta

import pytest

from router.casework.retention.clock import beat, doubt
from router.store.base import Add, Transition
from router.store.schema.tables import meta, partner_state
from tests.casebook import Casebook


async def test_while_it_beats_on_it_is_believed(book: Casebook) -> None:
    for _ in range(30):
        await beat(book.ctx)
        assert await doubt(book.ctx) is None
        book.later(hours=2)


async def test_a_beat_is_written_once_an_hour(book: Casebook) -> None:
    await beat(book.ctx)
    (first,) = [row["value"] for row in await book.rows(meta, meta.c.name == "clock_beat")]
    book.later(minutes=59)
    await beat(book.ctx)
    assert [row["value"] for row in await book.rows(meta, meta.c.name == "clock_beat")] == [first]


@pytest.mark.parametrize("by", [timedelta(days=365), timedelta(days=-3), timedelta(days=1)])
async def test_moved_by_a_day_or_more_it_is_doubted_for_a_day(book: Casebook, by: timedelta) -> None:
    await beat(book.ctx)
    book.clock.advance(by)
    assert "set it right" in (await doubt(book.ctx) or ""), "nobody has kept a beat since"
    await beat(book.ctx)
    for _ in range(12):
        assert "nothing is erased for a day" in (await doubt(book.ctx) or "")
        book.later(hours=2)
        await beat(book.ctx)
    assert await doubt(book.ctx) is None


@pytest.mark.parametrize(("ahead", "believed"), [((90_000,), False), ((5, -3, 90_000), True), ((-100_000,) * 3, False)])
async def test_partners_clocks_are_asked(book: Casebook, ahead: tuple[int, ...], believed: bool) -> None:
    row = {"version": 1, "breaker": "closed", "failures": 0, "day": 0, "sent_today": 0, "tokens": 1.0, "tokens_at": 0}
    adds = [Add(partner_state, row | {"partner": f"p{n}", "clock_ahead": one}) for n, one in enumerate(ahead)]
    await book.ctx.store.commit(Transition(1, adds=tuple(adds)))
    assert (await doubt(book.ctx) is None) is believed
