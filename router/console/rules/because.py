"""Why a route of the policy matched or not, in the language of the page: `policy.judge` names facts and values.

A step reads `fact is value`, several joined by commas; one that failed ends with what was wanted instead.
"""

import re
from typing import Final

from router.console.history_words import FACT
from router.console.language import N_, Tongue
from router.console.rules.words import TRACED
from router.console.words import TABLES

#: The tables that have words for the values of a fact.
_TABLES: Final = {
    "account_role": "account_role",
    "assessment": "assessment",
    "commerciality": "commerciality",
    "flags": "flag",
    "kind": "kind",
    "site_type": "site_type",
    "urgency": "urgency",
    "verdict": "verdict",
}
_COUNTRIES: Final = frozenset({"hosting_country", "registration_country", "countries", "account_country"})
_PLAIN: Final = {
    "yes": N_("yes"),
    "no": N_("no"),
    "not known": N_("not known"),
    "home": N_("our own country"),
    "shown with the location": N_("shown with the location"),
    "one that the rule names": N_("one that the rule names"),
    "none that the rule names": N_("none that the rule names"),
}
#: Steps that name no fact.
_WHOLE: Final = frozenset({N_("it has no conditions"), N_("no route above ended the walk")})
_WANTED, _KNOWN = N_("wanted: {wanted}"), N_("wanted: not known")
_BELOW, _LEAST = N_("wanted: below {wanted}"), N_("wanted: at least {wanted}")
_MORE = N_("wanted: more than {wanted}")
_PAIR = N_("{what}: {value}")  # in French with a space before the colon
_FACT: Final = re.compile(r"(\w+) is (.+)")
#: A comma that begins the next fact, or what was wanted.
_NEXT: Final = re.compile(r", (?=\w+ is |not |so it is known)")


def why(tongue: Tongue, because: str) -> str | None:
    """Return a step's reason in a language, or None when it has another form than the policy's."""
    if because in _WHOLE:
        return tongue.gettext(because)
    said: list[str] = []
    name = ""
    for part in _NEXT.split(because):
        fact = _FACT.fullmatch(part)
        if fact is not None and fact[1] in FACT:
            name = fact[1]
            values = _values(tongue, name, fact[2].split(" and "))
            said.append(tongue.gettext(_PAIR).format(what=tongue.gettext(FACT[name]), value=values))
        elif name and part == "so it is known":
            said[-1] += f" ({tongue.gettext(_KNOWN)})"
        elif name and part.startswith("not "):
            said[-1] += f" ({_wanted(tongue, name, part.removeprefix('not '))})"
        else:
            return None
    return " · ".join(said)


def _wanted(tongue: Tongue, name: str, wanted: str) -> str:
    for words, template in (("below ", _BELOW), ("at least ", _LEAST), ("more than ", _MORE)):
        if wanted.startswith(words):
            return tongue.gettext(template).format(wanted=wanted.removeprefix(words))
    return tongue.gettext(_WANTED).format(wanted=_values(tongue, name, wanted.split(" or ")))


def _values(tongue: Tongue, name: str, values: list[str]) -> str:
    return ", ".join(_value(tongue, name, one) for one in values)


def _value(tongue: Tongue, name: str, value: str) -> str:
    if value in _PLAIN:
        return tongue.gettext(_PLAIN[value])
    if name in _COUNTRIES:
        return tongue.country(value)
    known = TRACED if name == "reasons" else TABLES[_TABLES[name]] if name in _TABLES else {}
    return tongue.gettext(known[value]) if value in known else value
