"""A clock is believed that beats on, that its own counter vouches for, and that partners agree with."""

from datetime import timedelta

import pytest

from router.casework import believed
from router.casework.believed import beat, doubt, ended_by, heard, is_over, said_right
from router.errors import Conflict
from router.store.base import Add, Event, Transition
from router.store.schema.tables import meta, partner_state
from tests.casebook import Casebook

SAID = Transition(0, events=(Event("clock.confirmed", "anna"),))
YEAR = timedelta(days=365)
DAY = believed.DAY


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


async def test_what_figures_mark_their_dates_by_stands_as_long_as_the_doubt(book: Casebook) -> None:
    async def marks() -> set[str]:
        return {row["name"] for row in await book.rows(meta)} & {"clock_stopped", "clock_apart"}

    await beat(book.ctx)
    book.clock.move(YEAR)
    await beat(book.ctx)
    assert await marks() == {"clock_stopped"}
    await said_right(book.ctx, SAID)
    assert await marks() == set()
    book.clock.move(-YEAR)
    await beat(book.ctx)
    book.clock.move(YEAR)
    await beat(book.ctx)
    assert await marks() == set(), "it is as it was"
    row = {"version": 1, "breaker": "closed", "failures": 0, "day": 0, "sent_today": 0, "tokens": 1.0, "tokens_at": 0}
    await book.ctx.store.commit(
        Transition(1, adds=(Add(partner_state, row | {"partner": "p", "clock_ahead": 90_000}),))
    )
    await beat(book.ctx)
    assert await marks() == {"clock_apart"}
    await said_right(book.ctx, SAID)
    await beat(book.ctx)
    assert await marks() == set()


async def test_time_that_the_clock_counted_itself_passed_however_long_nobody_beat(book: Casebook) -> None:
    await beat(book.ctx)
    book.later(days=30)
    assert await doubt(book.ctx) is None
    assert await ended_by(book.ctx) == book.ctx.now()


@pytest.mark.parametrize("by", [YEAR, -YEAR, timedelta(days=3), timedelta(days=-3), timedelta(days=1)])
async def test_moved_by_a_day_or_more_it_ends_nothing_until_it_is_set_right(book: Casebook, by: timedelta) -> None:
    await beat(book.ctx)
    last = book.ctx.now()
    book.clock.move(by)
    assert "`clock confirm`" in (await doubt(book.ctx) or ""), "before anybody kept a beat"
    await beat(book.ctx)
    for _ in range(5):
        assert "`clock confirm`" in (await doubt(book.ctx) or "")
        assert not await is_over(book.ctx, last + 1)
        assert await ended_by(book.ctx) == min(last, book.ctx.now())
        book.later(hours=1)
        await beat(book.ctx)
    book.clock.move(-by)
    await beat(book.ctx)
    assert await doubt(book.ctx) is None
    assert await is_over(book.ctx, last + 5 * DAY // 24)


@pytest.mark.parametrize(("days", "believed_then"), [(2, True), (6, True), (9, False), (365, False), (-2, False)])
async def test_after_as_long_as_routers_are_off_a_day_is_enough(book: Casebook, days: int, believed_then: bool) -> None:
    await beat(book.ctx)
    book.clock.move(timedelta(days=days))
    for _ in range(26):
        await beat(book.ctx)
        book.later(hours=1)
    assert (await doubt(book.ctx) is None) is believed_then


async def test_a_clock_that_is_moved_again_and_again_is_right_where_it_would_be(book: Casebook) -> None:
    await beat(book.ctx)
    for by in (30, 400, -200, -229):
        book.clock.move(timedelta(days=by))
        await beat(book.ctx)
        assert await doubt(book.ctx) is not None
        book.later(hours=5)
        await beat(book.ctx)
    book.clock.move(timedelta(days=-1))
    await beat(book.ctx)
    assert await doubt(book.ctx) is None


@pytest.mark.parametrize("by", [YEAR, -YEAR])
async def test_a_person_says_that_it_is_right(book: Casebook, by: timedelta) -> None:
    with pytest.raises(Conflict, match="nothing to confirm"):
        await said_right(book.ctx, SAID)
    await beat(book.ctx)
    book.clock.move(by)
    await beat(book.ctx)
    await said_right(book.ctx, SAID)
    await beat(book.ctx)
    assert await doubt(book.ctx) is None
    assert await ended_by(book.ctx) == book.ctx.now()


@pytest.mark.parametrize(("ahead", "vouches"), [(3, True), (-80_000, True), (None, False), (-31_536_000, False)])
async def test_an_answer_of_a_partner_vouches_for_it(book: Casebook, ahead: int | None, vouches: bool) -> None:
    await beat(book.ctx)
    book.clock.move(YEAR)
    await beat(book.ctx)
    await heard(book.ctx, ahead)
    assert (await doubt(book.ctx) is None) is vouches


@pytest.mark.parametrize(("ahead", "agreed"), [((90_000,), False), ((5, -3, 90_000), True), ((-100_000,) * 3, False)])
async def test_partners_clocks_are_asked_until_a_person_says_that_ours_is_right(
    book: Casebook, ahead: tuple[int, ...], agreed: bool
) -> None:
    row = {"version": 1, "breaker": "closed", "failures": 0, "day": 0, "sent_today": 0, "tokens": 1.0, "tokens_at": 0}
    adds = [Add(partner_state, row | {"partner": f"p{n}", "clock_ahead": one}) for n, one in enumerate(ahead)]
    await book.ctx.store.commit(Transition(1, adds=tuple(adds)))
    assert (await doubt(book.ctx) is None) is agreed
    assert await ended_by(book.ctx) == book.ctx.now() + (min(sorted(ahead)[len(ahead) // 2], 0) * 10**6) * (not agreed)
    if not agreed:
        await said_right(book.ctx, SAID)
        assert await doubt(book.ctx) is None
