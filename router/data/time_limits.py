"""Time limits of the law that are counted in months (Regulation (EEC, Euratom) 1182/71, Article 3; as of 2026-11-30).

A period of months ends on the day with the number of the one it runs from, or on the month's last one where there is
none (3(2)(c)); one that would end on a day of rest ends on the next working day (3(4)). The European Data Protection
Board reads the month of GDPR 12(3) so (Guidelines 01/2022, 5.3): what came on 5 March is answered by 5 April.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from router.data.working_days import is_working_day
from schemas.word import Country

_MONTHS: Final = 12


def last_day(since: date, months: int, country: Country) -> date:
    """Return the last day of a period of months that runs from a day, for people of a country."""
    whole = since.year * _MONTHS + since.month - 1 + months
    year, month = divmod(whole, _MONTHS)
    day = date(year, month + 1, min(since.day, monthrange(year, month + 1)[1]))
    while not is_working_day(country, day):
        day += timedelta(days=1)
    return day
