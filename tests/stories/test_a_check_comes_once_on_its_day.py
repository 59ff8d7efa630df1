"""Whatever becomes of processes and clocks meanwhile, a check that is due is made once, on its day where the house is.

Days are those of the house's zone, also where summer time begins or ends between them. A clock that is a day or more
off makes no check early; one that is put back loses none.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from router.clock import moment
from router.data.working_days import is_working_day
from router.store.schema.tables import follow_ups
from router.worker.loop import Worker
from tests.casebook import Casebook, casebook

#: Summer time ends in November or begins in March, April or September, or never; on either side of the line.
ZONES: Final = ("Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland", "UTC")
#: Hours by which a clock is off at a time: by less than a day it is believed.
OFF: Final = (-9600, -48, -20, 0, 20, 9600)
EVENTS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("passes"), st.integers(1, 40)),
        st.tuples(st.just("is off"), st.sampled_from(OFF)),
        st.tuples(st.just("restarts"), st.just(0)),
    ),
    max_size=8,
)


class House:
    """A house whose clock may be off by some hours."""

    def __init__(self, book: Casebook) -> None:
        self.book = book
        self.off = 0
        self.worker = Worker(book.ctx)

    async def happens(self, what: str, by: int) -> None:
        match what:
            case "passes":
                self.book.later(hours=by)
            case "is off":
                self.book.clock.move(timedelta(hours=by - self.off))
                self.off = by
            case _:
                self.book.clock.move(timedelta())  # nobody counted what passed
                self.worker = Worker(self.book.ctx)
        await self.worker.keep()
        await self.worker.turn()

    async def checks(self) -> int:
        return len(await self.book.rows(follow_ups, follow_ups.c.done_at.is_not(None)))


async def lived(folder: Path, zone: str, days: int, hour: int, events: list[tuple[str, int]]) -> None:
    async with casebook(folder) as book:
        book.ctx = replace(book.ctx, zone=ZoneInfo(zone))
        book.later(days=days, hours=hour)
        house = House(book)
        await house.happens("passes", 1)
        await book.accepted()
        accepted, (check,) = book.clock.now().astimezone(book.ctx.zone), await book.rows(follow_ups)
        due = moment(check["due_at"]).astimezone(book.ctx.zone)
        assert is_working_day("BE", due.date())
        assert (due.date() - accepted.date()).days >= 5
        # The same hour of the day, but for the one that a change of the clocks leaves out.
        apart = (due.replace(tzinfo=None) - accepted.replace(tzinfo=None)) % timedelta(days=1)
        assert min(apart, timedelta(days=1) - apart) <= timedelta(hours=1)
        for what, by in events:
            before = await house.checks()
            await house.happens(what, by)
            may_be = book.clock.now() >= due and abs(house.off) < 24
            assert before == await house.checks() or may_be, (what, by)
        await house.happens("is off", 0)
        while book.clock.now() < due:
            assert await house.checks() == 0 or any(0 < by < 24 for what, by in events if what == "is off")
            await house.happens("passes", 20)
        await house.happens("passes", 1)
        assert await house.checks() == 1


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 330), st.integers(0, 23), EVENTS)
def test_once_and_on_its_day(zone: str, days: int, hour: int, events: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(lived(Path(folder), zone, days, hour, events))
