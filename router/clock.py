"""Time, injected. Nobody calls `datetime.now` or `asyncio.sleep` for business time; stories move the clock."""

import asyncio
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


def micros(moment: datetime) -> int:
    """Return an aware moment as microseconds since the epoch: the form the store keeps."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """Return the moment, aware and in UTC, that `micros` stands for.

    An offset carries a moment of the first or the last day of the calendar beyond what can be named in UTC; that is
    shown as the nearest one that can be, since a row that cannot be read is worse than one that is hours off.
    """
    seconds, rest = divmod(min(max(micros, _FIRST), _LAST), 1_000_000)
    return _EPOCH + timedelta(0, seconds, rest)  # a third of what so many microseconds at once take to make


def moment_or_none(micros: int | None) -> datetime | None:
    """Return the moment, or None for a column that is null."""
    return None if micros is None else moment(micros)


def end_of_day(at: datetime, zone: tzinfo) -> datetime:
    """Return the midnight that ends the day of `at` where that clock hangs: 23 or 25 hours on where it is changed."""
    day = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


class Clock(Protocol):
    """What time it is, and how to wait."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds of this clock."""
        ...

    def counted_from(self) -> datetime:
        """Return the earliest moment since which it passed all time by a counter of its own: nobody moved it since."""
        ...


class SystemClock:
    """The machine's clock, which anybody may set at any moment: it has no counter of its own."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await asyncio.sleep(seconds)

    def counted_from(self) -> datetime:
        """Return this moment: of no time before it can it be told that it passed."""
        return self.now()


class StoryClock:
    """A clock that only moves when told to, for stories and tests; a short real pause keeps loops from spinning."""

    def __init__(self, start: datetime) -> None:
        """Start at an aware moment."""
        self._now = self._counted_from = start

    def now(self) -> datetime:
        """Return the story's time."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by

    def move(self, by: timedelta) -> None:
        """Set the clock by so much, as a person does or a battery: no time passes."""
        self._now += by
        self._counted_from = self._now

    def counted_from(self) -> datetime:
        """Return since when it was not moved."""
        return self._counted_from

    async def sleep(self, seconds: float) -> None:
        """Give other tasks a turn; story time does not pass by waiting."""
        await asyncio.sleep(min(seconds, 0.01))
