"""Which partner or country a text names: by their codes and titles, and in each language that the console speaks."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from router.casework.context import Context
from schemas.pages import CasesWanted, Meaning, Reading

#: The languages in which people may type a country: those of the console.
LANGUAGES: Final = ("en", "nl", "fr", "de")


async def names(ctx: Context, text: str) -> tuple[Reading, ...]:
    """Return the partner and the country that a text names, in this order; nothing for neither."""
    typed = text.strip().casefold()
    found = []
    partners = (await ctx.governance.directory()).partners
    called = [one.name for one in partners if typed in (one.name.casefold(), one.title.casefold())]
    if len(called) == 1:
        found.append(Reading(meaning=Meaning.PARTNER, value=called[0]))
    code = _countries().get(typed)
    if code is not None:
        found.append(Reading(meaning=Meaning.COUNTRY, value=code))
    return tuple(found)


def wanted(reading: Reading) -> CasesWanted:
    """Return which cases are meant by a partner or a country."""
    if reading.meaning is Meaning.PARTNER:
        return CasesWanted(partner=reading.value)
    return CasesWanted(country=reading.value)


@cache
def _countries() -> Mapping[str, str]:
    """Return country codes by what people call them, and by the codes themselves (ISO 3166-1 alpha-2)."""
    from babel import Locale  # it takes a moment, and few commands look for anything

    found = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found[name.casefold()] = code
                found[code.casefold()] = code
    return found
