"""Business time is the database's: a machine whose clock walks is as right as any other."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.clock import micros, moment
from router.errors import StoreUnavailable
from router.store import clock as room
from router.store.base import Store
from router.store.clock import STEP, StoreClock
from router.store.writer import Writer

YEAR = 366 * 86_400
T0 = 1_795_000_000_000_000


class Database:
    """A store that only tells the time, and can be set or away."""

    def __init__(self) -> None:
        self.shows = T0
        self.away = False
        self.takes: Callable[[], None] = lambda: None

    async def rows(self, statement: Any) -> list[dict[str, int]]:
        if self.away:
            raise StoreUnavailable
        self.takes()
        found = [{"now": self.shows}]
        self.takes()
        return found


class Machine:
    """A machine: a counter that nobody can set, and a clock that anybody can."""

    def __init__(self) -> None:
        self.counter = 0

    def monotonic_ns(self) -> int:
        return self.counter


async def clock_of(database: Database) -> StoreClock:
    return await StoreClock.of(cast("Store", database))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(room, "time", made)
    return made


async def test_it_shows_what_the_database_shows(store: Writer) -> None:
    clock = await StoreClock.of(store)
    assert abs(clock.now() - datetime.now(clock.now().tzinfo)) < timedelta(seconds=30)


async def test_between_two_looks_the_counter_goes_on(machine: Machine) -> None:
    clock = await clock_of(Database())
    machine.counter += 3_000_000_000
    assert clock.now() == moment(T0) + timedelta(seconds=3)


async def test_a_database_that_is_away_stops_no_time(machine: Machine) -> None:
    database = Database()
    clock = await clock_of(database)
    database.away = True
    machine.counter += 60_000_000_000
    following = asyncio.create_task(clock.follow(0.001))
    await asyncio.sleep(0.02)
    assert not following.done()
    following.cancel()
    assert clock.now() == moment(T0) + timedelta(seconds=60)


@pytest.mark.parametrize(("by", "back"), [(-YEAR, 1), (-STEP.total_seconds() - 1, 1), (1, 0), (YEAR, 0)])
async def test_a_database_that_was_set_is_followed_and_a_step_back_is_counted(
    machine: Machine, by: float, back: int
) -> None:
    database = Database()
    clock = await clock_of(database)
    database.shows += int(by * 1_000_000)
    await clock.look()
    assert micros(clock.now()) == database.shows
    assert clock.set_back() == back


async def test_an_answer_that_takes_long_is_of_its_middle(machine: Machine) -> None:
    """A second there and a second back: what the database said was a second old when it came."""
    database = Database()

    def second() -> None:
        machine.counter += 1_000_000_000
        database.shows += 1_000_000

    database.takes = second
    clock = await clock_of(database)
    assert micros(clock.now()) == database.shows
    await clock.look()
    assert micros(clock.now()) == database.shows


@given(looks=st.lists(st.tuples(st.integers(-200_000_000, 200_000_000), st.integers(0, 5_000_000)), max_size=20))
def test_no_correction_takes_time_back(looks: list[tuple[int, int]]) -> None:
    """Answers come from a database that is corrected by up to minutes: what was shown is never shown again."""

    async def story() -> None:
        database, machine = Database(), Machine()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room, "time", machine)
            clock = await clock_of(database)
            shown = [clock.now()]
            for by, passed in looks:
                database.shows += by + passed
                machine.counter += passed * 1000
                if abs(micros(clock.now()) - database.shows) > STEP // timedelta(microseconds=1):
                    break  # that is no correction: it was set
                await clock.look()
                shown.append(clock.now())
            assert shown == sorted(shown)
            assert clock.set_back() == 0

    asyncio.run(story())


async def test_after_a_correction_time_stands_until_the_database_is_there(machine: Machine) -> None:
    database = Database()
    clock = await clock_of(database)
    assert micros(clock.now()) == T0
    database.shows -= 2_000_000
    await clock.look()
    assert micros(clock.now()) == T0
    machine.counter += 5_000_000_000
    assert micros(clock.now()) == T0 + 3_000_000


@given(walk=st.lists(st.tuples(st.integers(-YEAR, YEAR), st.integers(0, 1_000)), max_size=20))
def test_however_two_machines_clocks_walk_they_show_one_time(walk: list[tuple[int, int]]) -> None:
    """One machine's wall clock is set at every step, by up to a year: nothing of it is read."""

    async def story() -> None:
        database, wrong, right = Database(), Machine(), Machine()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room, "time", wrong)
            mine = await clock_of(database)
            patch.setattr(room, "time", right)
            theirs = await clock_of(database)
            for set_by, seconds in walk:
                patch.setattr("time.time", lambda by=set_by: by)
                for one in (wrong, right):
                    one.counter += seconds * 1_000_000_000
                database.shows += seconds * 1_000_000
                patch.setattr(room, "time", wrong)
                shown = mine.now()
                patch.setattr(room, "time", right)
                assert shown == theirs.now() == moment(database.shows)

    asyncio.run(story())
