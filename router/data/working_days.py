"""Working days by country, as people keep them: its weekend and its public holidays (the package `holidays`)."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final

from schemas.word import Country

#: Monday is 0. Of a country whose holidays nobody wrote down we know no more than that.
_WEEKEND: Final = frozenset({5, 6})
#: No country rests longer at a stretch than this, in days.
_LONGEST_REST: Final = 30


@lru_cache(maxsize=4096)  # asked of each referral that is accepted, and all of a day ask of the same one
def is_working_day(country: Country, day: date) -> bool:
    """Tell whether people of that country work on a day."""
    known = _kept_by(country)
    weekend = _WEEKEND if known is None else known.weekend
    return day.weekday() not in weekend and (known is None or day not in known)


def next_working(country: Country, at: datetime, zone: tzinfo) -> datetime:
    """Return the moment itself on a working day there, else the same time by that clock on the next one."""
    local = at.astimezone(zone)
    for _ in range(_LONGEST_REST):
        if is_working_day(country, local.date()):
            break
        local += timedelta(days=1)  # by the clock on the wall, also where it is changed that night
    return local.astimezone(UTC)


def days_later(at: datetime, by: timedelta, zone: tzinfo) -> datetime:
    """Return a moment that much later: whole days by the clock on the wall, the rest by the hour."""
    days = timedelta(days=by.days)
    return (at.astimezone(zone) + days).astimezone(UTC) + (by - days)


@lru_cache(maxsize=64)
def _kept_by(country: Country) -> Any:
    """Return the holidays of a country, None where the package does not know it. Imported late: it takes a while."""
    import holidays

    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None
