"""The catalogues hold every message of the console, in every language, with the same placeholders, and no old term."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from router.console import words

ROOM = Path(str(words.__file__)).parent
TRANSLATED = ("nl", "fr", "de")


@cache
def messages() -> dict[str, tuple[str, ...]]:
    """Every message id of the pages and of the code: the id, and its plural if it has one."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    keywords: dict[str, Any] = {"N_": None, "_": None, "gettext": None, "ngettext": (1, 2)}
    found: dict[str, tuple[str, ...]] = {}
    for _, _, message, *_ in extract_from_dir(str(ROOM), methods, keywords=keywords):
        forms = (message,) if isinstance(message, str) else tuple(message)
        found[forms[0]] = forms
    return found


@cache
def catalogue(code: str) -> dict[str, tuple[str, ...]]:
    with (ROOM / "locale" / f"{code}.po").open("rb") as file:
        found = read_po(file, locale=code, abort_invalid=True)
    forms = {
        (one.id if isinstance(one.id, str) else one.id[0]): one.string for one in found if one.id and not one.fuzzy
    }
    return {key: (text,) if isinstance(text, str) else tuple(text or ()) for key, text in forms.items()}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s", text))


def test_there_is_something_to_translate() -> None:
    assert len(messages()) > 350


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(code: str) -> None:
    have = {key for key, texts in catalogue(code).items() if all(texts)}
    assert sorted(set(messages()) - have) == []
    assert sorted(have - set(messages())) == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_keep_the_placeholders(code: str) -> None:
    found = catalogue(code)
    wrong = [key for key, forms in messages().items() if placeholders(forms[-1]) != placeholders(found[key][-1])]
    assert wrong == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_end_as_the_message_does(code: str) -> None:
    found = catalogue(code)
    wrong = [key for key in messages() if key.endswith((".", "…")) and not found[key][0].rstrip().endswith((".", "…"))]
    assert wrong == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_plural_rule_is_the_languages_own(code: str) -> None:
    text = (ROOM / "locale" / f"{code}.po").read_text(encoding="utf-8")
    assert ("plural=(n > 1)" in text) == (code == "fr")


#: What a careful reader found written in two ways: the word that was given up, for the one that the glossary has.
GIVEN_UP = {
    "nl": {
        r"\b(?:je|jij|jou|jouw)\b": "u",
        r"(?<!not_)illegal|illegaal": "strafbaar",
        r"doorverwijzing": "verwijzing",
        r"hotline(?!:)": "meldpunt",
        r"\bdossiers?\b": "zaak",
        r"teruggeroepen|de verwijzing is teruggenomen": "teruggehaald",
        r"\b(?:de|deze) account\b": "het account",
        r"\bnota\b": "notitie",
        r"bundel": "pakket",
    },
    "fr": {
        r"\b(?:tu|ton|tes)\b": "vous",
        r"\b(?:un|son|notre|d.un|mêmes|autres) cas\b": "dossier",
        r"emplacement": "adresse",
        r"\balertes?\b": "alarme",
        r"[a-z]'[a-zé]": "the apostrophe that French prints",
    },
    "de": {
        r"\b(?:du|dein|deine|dich)\b": "Sie",
        r"(?<!not_)illegal": "strafbar",
        r"weiterleitung": "Verweisung",
        r"zurückgerufen|zurückrufen": "zurückgenommen",
        r"meldestelle": "Hotline",
        r"drehscheibe": "Hub",
        r"namensserver": "Nameserver",
        r"zeitleiste": "Verlauf",
        r"polizeieinheit": "Polizeidienststelle",
    },
}


@pytest.mark.parametrize("code", TRANSLATED)
def test_one_word_stands_for_one_thing(code: str) -> None:
    wrong = [
        (word, text)
        for forms in catalogue(code).values()
        for text in forms
        for pattern, word in GIVEN_UP[code].items()
        if re.search(pattern, text.casefold())
    ]
    assert wrong == []
