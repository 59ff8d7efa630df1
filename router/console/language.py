"""What language a page speaks: four catalogues, read from their `.po` files at start, and the forms of dates and names.

English is the language of the message ids, so its catalogue is empty. Country names, dates and numbers are Babel's
(Unicode CLDR). A person's own choice (a form) goes before their account's language, which goes before the browser's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from math import inf
from typing import Any, Final, Literal

from babel import Locale
from babel.dates import TIMEDELTA_UNITS, format_timedelta
from babel.lists import format_list
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

#: The languages of the console, by the code that `lang` attributes and forms use, each in its own name.
LANGUAGES: Final[Mapping[str, str]] = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
FALLBACK: Final = "en"
#: Shorter than this, "in 0 seconds" helps nobody.
_NOW: Final = timedelta(seconds=45)
#: From so many of the next larger unit on it is told in that.
_THRESHOLD: Final = 1.2
#: Texts of numbers and times that are kept: a page of the desk has hundreds, most of them alike, and Babel takes 20 us.
_KEPT: Final = 2048


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate later"; the extractor looks for it
    """Mark a text for the catalogues without translating it yet."""
    return text


@dataclass(frozen=True)
class Tongue:
    """One language: its messages, and how it writes moments, shares and countries."""

    code: str
    messages: Mapping[str, Any]

    @cached_property
    def locale(self) -> Locale:
        """Return Babel's data of the language."""
        return Locale.parse(self.code)

    @cached_property
    def _countries(self) -> Mapping[str, str]:
        return dict(self.locale.territories)

    @cached_property
    def _months(self) -> Mapping[int, str]:
        return dict(self.locale.months["format"]["abbreviated"])

    def gettext(self, text: str) -> str:
        """Return a message in this language, or the text itself."""
        found = self.messages.get(text)
        return found if isinstance(found, str) and found else text

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the form of a message that fits a number."""
        forms = self.messages.get(one)
        index = int(self.locale.plural_form(number) != "one")
        if isinstance(forms, tuple) and len(forms) > index and forms[index]:
            return str(forms[index])
        return many if index else one

    def speaks(self, text: str) -> bool:
        """Return whether a text exists in this language: what does not is marked as English on the page."""
        return self.code == FALLBACK or text in self.messages

    def country(self, code: str | None) -> str:
        """Return a country's name, or an empty text for none."""
        return "" if code is None else self._countries.get(code, code)

    def moment(self, at: datetime, zone: tzinfo) -> str:
        """Return a moment by the clock of a zone, to the minute, with the zone's name at that moment: CET or CEST."""
        there = at.astimezone(zone)
        return f"{there.day} {self._months[there.month]} {there.year}, {there:%H:%M} {there.tzname()}"

    def distance(self, at: datetime, now: datetime) -> str:
        """Return how far a moment is from now: "3 hours ago", "in 15 minutes"."""
        away = at - now
        if abs(away) < _NOW:
            return self.gettext(N_("just now"))
        return _span(self.code, *_in_units(away, "second"), 1 if away > timedelta() else -1)

    def waiting(self, since: datetime, now: datetime) -> str:
        """Return how long something has lasted: "3 hours"."""
        lasted = max(now - since, timedelta(minutes=1))
        return _span(self.code, *_in_units(lasted, "minute"), 0)

    def share(self, value: float) -> str:
        """Return a share of one as a percentage; what is not certain never reads 100 %."""
        return _share(self.code, min(value, 0.99) if value < 1 else 1)

    def number(self, value: int) -> str:
        """Return a count with this language's separators."""
        return _number(self.code, value)

    def listed(self, texts: Iterable[str], style: Literal["standard", "or"] = "standard") -> str:
        """Return texts as an enumeration: "a, b and c", or as a choice: "a, b or c"."""
        return format_list(list(texts), style, locale=self.locale)


def _in_units(lasted: timedelta, smallest: str) -> tuple[str, int]:
    """Return the unit in which a span is told, and how many of it, at least one."""
    seconds = abs(lasted.days * 86_400 + lasted.seconds)
    unit, of_unit = next(
        (unit, seconds / each) for unit, each in TIMEDELTA_UNITS if seconds / each >= _THRESHOLD or unit == smallest
    )
    return unit, round(max(1, of_unit))


@lru_cache(_KEPT)
def _span(code: str, unit: str, count: int, direction: int) -> str:
    """Return a span in a language: how long it lasts, or for `direction` 1 and -1 how far ahead or back it is."""
    seconds = count * dict(TIMEDELTA_UNITS)[unit] * (direction or 1)
    whole: Any = unit  # told in that unit, whatever it comes to
    return format_timedelta(seconds, granularity=whole, threshold=inf, add_direction=direction != 0, locale=code)


@lru_cache(_KEPT)
def _number(code: str, value: int) -> str:
    return format_decimal(value, locale=code)


@lru_cache(_KEPT)
def _share(code: str, value: float) -> str:
    return format_percent(value, locale=code)


def load() -> dict[str, Tongue]:
    """Return every language of the console, by its code."""
    return {code: speaking(code) for code in LANGUAGES}


def speaking(code: str) -> Tongue:
    """Return one language of the console."""
    return Tongue(code, _messages(code))


@cache
def _messages(code: str) -> Mapping[str, Any]:
    """Return the texts of a language, read once a process: each catalogue takes 30 ms."""
    if code == FALLBACK:
        return {}
    source = files("router.console") / "locale" / f"{code}.po"
    with source.open("rb") as file:
        catalogue = read_po(file, locale=code)
    return {_key(message): message.string for message in catalogue if message.id and not message.fuzzy}


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def choose(chosen: str | None, account: str | None, accepted: str) -> str:
    """Return the code of the language to speak.

    Args:
        chosen: what the person chose in a form, if anything.
        account: the language of the account, when somebody is signed in.
        accepted: the browser's Accept-Language header (RFC 9110 section 12.5.4).
    """
    for wanted in (chosen, account, *_accepted(accepted)):
        if wanted in LANGUAGES:
            return str(wanted)
    return FALLBACK


def _accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, the most wanted first; what cannot be read is left out."""
    weighed: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]
