"""What an entry of the timeline or of the audit says beside its act, in the language of the page."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from router.console.history_words import DETAIL
from router.console.language import N_, Tongue
from router.console.people.called import about, called, stopped
from router.console.words import TABLES

#: Said better elsewhere on the page, or of use to programs only.
_LEFT_OUT: Final = frozenset({"reason", "reasons", "refused", "report"})
#: The tables that have words for the codes of a detail; the first that knows a code says it.
_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "answer": ("unit_answer",),
    "asked": ("desk",),
    "assessment": ("assessment",),
    "because": ("because",),
    "desk": ("desk",),
    "dns": ("dns",),
    "finding": ("finding",),
    "outcome": ("outcome", "attempt"),
    "probe": ("probe",),
    "referrer": ("referrer",),
    "rests_on": ("rests_on",),
    "role": ("role",),
    "state": ("case_state", "referral_state"),
    "step": ("step",),
    "verdict": ("verdict",),
    "way": ("way",),
    "was": ("referral_state",),
}
#: Where partners stand by their names: people read their titles.
_PARTNERS: Final = frozenset({"partner", "partners", "recipients", "to"})
#: Who acted, what a change is about, and what a stop stops.
_SAID: Final[Mapping[str, Callable[[Tongue, str], str]]] = {"by": called, "scope": stopped, "subject": about}
_COUNTRIES: Final = frozenset({"country", "now", "was"})
#: Of a location without a host nothing is certain, and nobody needs to read so.
_NO_CERTAINTY: Final = ("confidence", 0.0)
_ORDER: Final = {name: position for position, name in enumerate(DETAIL)}
_YES, _NO = N_("yes"), N_("no")


def told(
    tongue: Tongue, detail: Mapping[str, Any], titles: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[str, str]]:
    """Return what an entry says as (what, value), both in a language. A name that has no word stays as it is.

    `titles` gives a partner's by its name.
    """
    return [
        (tongue.gettext(DETAIL.get(name, name)), _value(tongue, name, detail[name], titles))
        for name in sorted(detail, key=lambda name: _ORDER.get(name, len(_ORDER)))
        if name not in _LEFT_OUT and (name, detail[name]) != _NO_CERTAINTY
    ]


def _value(tongue: Tongue, name: str, value: Any, titles: Mapping[str, str]) -> str:
    match value:
        case bool():
            return tongue.gettext(_YES if value else _NO)
        case list():
            return ", ".join(_value(tongue, name, one, titles) for one in value)
        case dict():
            return ", ".join(f"{one} {number}" for one, number in value.items())
        case float() if name == "confidence":
            return tongue.share(value)
    return _text(tongue, name, str(value), titles)


def _text(tongue: Tongue, name: str, value: str, titles: Mapping[str, str]) -> str:
    if name in _SAID:
        return _SAID[name](tongue, value)
    if name in _PARTNERS:
        return titles.get(value, value)
    return _word(tongue, name, value)


def _word(tongue: Tongue, name: str, code: str) -> str:
    for table in _TABLES.get(name, ()):
        if code in TABLES[table]:
            return tongue.gettext(TABLES[table][code])
    return tongue.country(code) if name in _COUNTRIES else code
