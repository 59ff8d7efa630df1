"""Who may not receive, and why, in the reader's language: what the policy's room says of partners and countries.

A test makes every one of these by deciding, and asks for it in each language.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from router.console.language import N_, Tongue
from router.console.words import TABLES

#: What is filled in: a country by its name, an assessment by its word, a reason of the house as the policy says it.
_TEMPLATES: Final = (
    N_("nobody chosen may receive it: {reasons}"),
    N_("A rule would not send this case to {partner}: {reasons}."),
    N_("a rule above decides it"),
    N_("nothing may be sent to {country}: {why}"),
    N_("that {partner} serves {country} is only assumed: {why}"),
    N_("{partner} is disabled: {why}"),
    N_("{partner} has no country in the directory, so a bar cannot be checked"),
    N_("{partner} is the hotline of our own country"),
    N_("{partner} has already had this case"),
    N_("{partner} is reached through the hub, and gets a copy at most"),
    N_("{partner} takes {takes}; this is {assessment}"),
    N_("the directory has no partner named {partner}"),
    N_("no hotline in the directory serves {country}, or none is its default"),
    N_("{country} is our own country: we are its hotline"),
    N_("the hosting country is not known"),
    N_("the account country is not known"),
    N_("the agreement ended on {day}"),
    N_("the legal basis of the transfer ended on {day}"),
    N_("the policy only chose copies"),
    N_("enable it in the directory"),
    N_("nothing"),
)
#: An agreement that ended, after whose it is.
_WHOSE: Final = re.compile(r"(?P<who>.+?): (?P<over>the (?:agreement|legal basis of the transfer) ended on \S+)")


def ruled_out(tongue: Tongue, text: str, reason: Callable[[str], str | None]) -> str | None:
    """Return why somebody may not receive in a language; None when it is no such sentence, or the catalogue lacks it.

    `reason` returns a reason of the house as the page says it, or None where it is none.
    """
    for template in _TEMPLATES:
        found = _shape(template.removesuffix(".")).fullmatch(text.removesuffix("."))
        if found is not None and tongue.speaks(template):
            words = {name: _said(tongue, name, value, reason) for name, value in found.groupdict().items()}
            return escape(tongue.gettext(template)).format(**words)
    whose = _WHOSE.fullmatch(text.removesuffix("."))
    over = None if whose is None else ruled_out(tongue, whose["over"], reason)
    return None if whose is None or over is None else Markup("{}: {}").format(whose["who"], over)


@cache
def _shape(template: str) -> re.Pattern[str]:
    """Return what every sentence made from a template looks like, also with a capital at its beginning."""
    shape = re.sub(r"\\\{(\w+)\\\}", lambda name: f"(?P<{name[1]}>{_filled(name[1])})", re.escape(template))
    return re.compile(shape if template[0] == "{" else f"(?i:{shape[0]}){shape[1:]}", re.DOTALL)


def _filled(name: str) -> str:
    return {"country": "[A-Z]{2}", "day": r"\S+", "assessment": r"\w+", "takes": r"[\w, ]+"}.get(name, ".+?")


def _said(tongue: Tongue, name: str, value: str, reason: Callable[[str], str | None]) -> str:
    match name:
        case "country":
            return tongue.country(value)
        case "assessment" | "takes":
            return ", ".join(_assessment(tongue, one) for one in value.split(", "))
        case "reasons":
            return Markup("; ").join(_each(tongue, value.split("; "), reason))
        case "why":
            return _why(tongue, value, reason)
    return value


def _each(tongue: Tongue, parts: list[str], reason: Callable[[str], str | None]) -> Iterator[str]:
    """Yield each of several sentences; a semicolon stands within one of them, too."""
    while parts:
        for length in range(1, len(parts) + 1):
            text = "; ".join(parts[:length])
            said = reason(text) or ruled_out(tongue, text, reason)
            if said is not None:
                break
        else:
            length, said = 1, parts[0]
        yield said
        parts = parts[length:]


def _why(tongue: Tongue, text: str, reason: Callable[[str], str | None]) -> str:
    return reason(text) or ruled_out(tongue, text, reason) or text


def _assessment(tongue: Tongue, code: str) -> str:
    return tongue.gettext(TABLES["assessment"].get(code, code))
