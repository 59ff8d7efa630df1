"""What is wrong with a policy's text, and how its own tests and the last decisions end, in the reader's language.

`policy check` says all of it in English, with the place; here the template that made a sentence is found again. What is
written in the text itself (keys, names, values) stays as it is written, so that it is found there.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from router.console.language import N_, Tongue
from router.console.report_words import DESK
from router.console.said.filled import filled
from router.console.said.policy_text import ENTRY, HEADS, PLACES, TESTS, TOML, WRONG
from router.console.words import OUTCOME, RESTS_ON
from schemas.policy import DESK as PEOPLE

#: Two names where one is filled in.
_MORE: Final = N_("{places} and {number} more")
#: How a recipient of a decision is told (`policy/diff`): "name", "name (copy, held)".
_RECIPIENT: Final = re.compile(r"(?P<name>.+?)(?: \((?P<how>[a-z, ]+)\))?")
_HOW: Final = {"copy": N_("copy"), "proposed": N_("proposed"), "held": N_("held back")}
#: What a test wants or got that is no name of a partner.
_ENDS: Final = {
    PEOPLE: N_("people"),
    "nobody": N_("nobody"),
    "nothing": N_("nothing"),
    "open": N_("open"),
    "disagreement": N_("disagreement"),
    **OUTCOME,
}


def fault(tongue: Tongue, text: str) -> str | None:
    """Return what is wrong at a place in a language; None when it is no such sentence, or the catalogue lacks it."""
    return _said(tongue, text, (*TESTS[:2], *WRONG))


def of_entry(tongue: Tongue, text: str) -> str | None:
    """Return likewise what is wrong in a field of a partner's entry."""
    return _said(tongue, text.removeprefix("this "), WRONG) or _said(tongue, text, (*WRONG, *ENTRY))


def head(tongue: Tongue, message: str) -> str | None:
    """Return how a list of what is wrong begins; None for what is no such list."""
    return _said(tongue, message.partition("\n")[0], HEADS)


def place(tongue: Tongue, text: str) -> str:
    """Return where in a policy something is wrong: what a row is called in a language, then its name and key."""
    for called, words in sorted(PLACES.items(), key=lambda one: -len(one[0])):
        if text == called or text.startswith(f"{called} "):
            name = text.removeprefix(called)
            unnamed = _said(tongue, name.strip(), TESTS[:1])
            return tongue.gettext(words) + (name if unnamed is None else f" {unnamed}")
    return text


def test_name(tongue: Tongue, name: str) -> str:
    """Return what a policy's own test is called: by its name, or by what it expects."""
    return _said(tongue, name, TESTS[:1]) or name


def ending(tongue: Tongue, text: str) -> str:
    """Return what a test wants, or what it got: names of partners, a route, how a case ends or by which rule."""
    return _said(tongue, text, TESTS[2:]) or tongue.listed(
        tongue.gettext(_ENDS.get(one, one)) for one in re.split(" and |, ", text)
    )


def effect(tongue: Tongue, words: str, titles: Mapping[str, str]) -> str:
    """Return one of those whom a decision reached: people, with what they were asked, or a partner and how.

    `titles` gives a partner's by its name.
    """
    asked = words.removeprefix(f"{PEOPLE}:")
    if asked != words:
        return f"{tongue.gettext(_ENDS[PEOPLE])}: {tongue.gettext(DESK.get(asked, asked))}"
    found = _RECIPIENT.fullmatch(words)
    if found is None or found["how"] is None:
        return titles.get(words, words)
    how = [tongue.gettext(_HOW.get(one, one)) for one in found["how"].split(", ")]
    return f"{titles.get(found['name'], found['name'])} ({', '.join(how)})"


def _said(tongue: Tongue, text: str, templates: Iterable[str]) -> str | None:
    found = filled(text, templates)
    if found is None or not tongue.speaks(found[0]):
        return None
    words = {name: _filled_in(tongue, name, value) for name, value in found[1].items()}
    return tongue.gettext(found[0]).format(**words)


def _filled_in(tongue: Tongue, name: str, value: str) -> str:
    """Return what is filled in: a sentence, a choice, places and ends in the language, all else as it is written."""
    said = _FILLED.get(name)
    return value if said is None else said(tongue, value)


def _choice(tongue: Tongue, value: str) -> str:
    return tongue.listed(re.split(", | or ", value), style="or")


def _places(tongue: Tongue, value: str) -> str:
    named, _, number = value.partition(" and ")
    places = ", ".join(place(tongue, one) for one in named.split(", "))
    return tongue.gettext(_MORE).format(places=places, number=number.removesuffix(" more")) if number else places


_FILLED: Final[Mapping[str, Callable[[Tongue, str], str]]] = {
    "choice": _choice,
    "error": lambda tongue, value: _said(tongue, value, TOML) or value,
    "got": ending,
    "language": lambda tongue, value: str(tongue.locale.languages.get(value, value)),
    "place": place,
    "places": _places,
    "rule": lambda tongue, value: tongue.gettext(RESTS_ON.get(value) or _ENDS.get(value, value)),
    "said": lambda tongue, value: _said(tongue, value, (*TOML, *WRONG)) or value,
    "wanted": ending,
}
