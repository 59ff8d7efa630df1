"""On which law something rests, as text from a day on: laws are numbered anew, and what is old keeps its number."""

from collections.abc import Sequence
from datetime import date

from schemas.word import Line, Word


class DatedLaw(Word):
    """One reference, as people write it."""

    since: date
    text: Line


def law_on(day: date, laws: Sequence[DatedLaw]) -> str | None:
    """Return the reference of a day, None before the first one."""
    past = [one for one in laws if one.since <= day]
    return max(past, key=lambda one: one.since).text if past else None
