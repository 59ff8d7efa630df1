"""A policy's reasons in further languages: what `policy check` refuses and notes, and what is read back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import PolicyInvalid
from router.policy.compare import compared
from router.policy.faults import faults
from router.policy.load import load
from router.policy.translations import mistranslated, said, untranslated
from router.policy.widening import widened
from schemas.policy import Policy
from tests.policy.samples import any_policy

LANGUAGES = ("nl", "fr", "de", "en")
TEXT = """
version = 1
home = "BE"
language = "nl"

[barred]
KP = "geen rechtsgrond"

[[route]]
name = "first"
when = { urgency = ["live"] }
to = ["desk"]
reason = "een kind kan nu in gevaar zijn"

[[route]]
name = "rest"
to = ["desk"]
reason = "kijk zelf"

[translations.fr]
"geen rechtsgrond" = "aucune base légale"
"kijk zelf" = "voyez vous-mêmes"
%s
[[tests]]
given = { assessment = "baseline" }
expect = ["desk"]
"""


def problems(more: str) -> list[str]:
    with pytest.raises(PolicyInvalid) as caught:
        load(TEXT % more)
    return [str(one) for one in caught.value.problems]


def reasons(policy: Policy) -> list[str]:
    return sorted({*(one.reason for one in policy.routes if one.reason), *policy.barred.values()})


@st.composite
def translated(draw: st.DrawFn) -> Policy:
    """Any policy whose reasons stand in some languages, each with some of its reasons."""
    policy = draw(any_policy())
    written = draw(st.sampled_from(LANGUAGES))
    further = draw(st.lists(st.sampled_from([one for one in LANGUAGES if one != written]), unique=True))
    texts = {one: {text: f"{one}: {text}" for text in reasons(policy) if draw(st.booleans())} for one in further}
    return policy.model_copy(update={"language": written, "translations": texts})


@given(translated())
def test_every_reason_is_read_in_the_languages_that_it_has_and_in_no_other(policy: Policy) -> None:
    assert list(mistranslated(policy)) == []
    found = said(policy)
    assert sorted(found) == reasons(policy)
    for text, languages in found.items():
        assert next(iter(languages.items())) == (policy.language, text)
        has = {one: texts[text] for one, texts in policy.translations.items() if text in texts}
        assert languages == {policy.language: text} | has


@given(translated())
def test_a_note_names_each_language_that_lacks_a_reason_and_no_other(policy: Policy) -> None:
    lacks = {one for one, texts in policy.translations.items() if set(texts) != set(reasons(policy))}
    notes = list(untranslated(policy))
    assert {note.split()[1] for note in notes} == lacks
    assert len(notes) == len(lacks)


@given(translated(), st.data())
def test_what_no_rule_says_what_is_empty_and_its_own_language_are_refused(policy: Policy, data: Any) -> None:
    language = data.draw(st.sampled_from(LANGUAGES))
    known = data.draw(st.sampled_from([*reasons(policy), None]))
    text, words = (known, data.draw(st.sampled_from([" ", "\u00a0", "   "]))) if known else ("not said by any", "x")
    if language == policy.language:
        text, words = (known or "not said by any"), "x"
    texts = {**policy.translations.get(language, {}), text: words}
    wrong = policy.model_copy(update={"translations": {**policy.translations, language: texts}})
    found = list(faults(wrong))
    assert {loc[:2] for loc, _ in found if loc[0] == "translations"} == {("translations", language)}


def test_each_fault_has_its_line_and_says_nothing_of_the_text() -> None:
    assert problems('"kijk zelfs" = "voir"') == [
        "line 23, translations fr: no rule has this reason; write it as its rule does"
    ]
    (near,) = problems('"een kind kan nu in gevaar" = "un enfant"')
    assert near.endswith("no rule has this reason; write it as its rule does; did you mean that of route first?")
    assert problems('[translations.de]\n"kijk zelf" = ""') == ["line 24, translations de: must not be empty"]
    assert problems('[translations.de]\n"kijk zelf" = " "') == ["line 24, translations de: must not be empty"]
    assert problems('[translations.de]\n"kijk zelf" = 1') == ["line 24, translations de: write text in quotes"]
    (long,) = problems(f'[translations.de]\n"kijk zelf" = "{"x" * 301}"')
    assert long.startswith("line 24, translations de: ")
    assert "300" in long
    (own,) = problems('[translations.nl]\n"kijk zelf" = "kijk"')
    assert own.startswith("line 23, translations nl: the rules are written in nl already")


@pytest.mark.parametrize("language", ["es", "nl-BE", "NL", "nederlands", "x", "zz"])
def test_another_language_is_refused(language: str) -> None:
    assert problems(f"[translations.{language}]") == [
        f"line 23, translations {language}: must be 'nl', 'fr', 'de' or 'en'"
    ]


def test_what_is_missing_is_noted_by_rule() -> None:
    policy = load(TEXT % '[translations.de]\n"kijk zelf" = "sehen Sie selbst"')
    assert list(untranslated(policy)) == [
        "in fr no reason is given for route first: it is shown as written there",
        "in de no reason is given for route first, barred.KP: it is shown as written there",
    ]


def test_many_that_are_missing_are_counted() -> None:
    routes = [
        {
            "name": f"r-{number}",
            "when": {"confidence_below": (1 + number) / 100},
            "to": ["desk"],
            "reason": f"r{number}",
        }
        for number in range(15)
    ]
    data = {"version": 1, "home": "BE", "route": routes, "translations": {"nl": {"r0": "x"}}}
    tests = [{"given": {"assessment": "baseline"}, "expect": ["desk"]}]
    (note,) = untranslated(Policy.model_validate_json(json.dumps(data | {"tests": tests})))
    assert "route r-10 and 4 more:" in note


def test_two_versions_are_compared_text_by_text_and_words_widen_nothing() -> None:
    before, after = load(TEXT % ""), load(TEXT.replace("voyez vous-mêmes", "à vous") % "")
    (part,) = compared(1, 2, before, after).settings
    assert (part.part, part.was, part.becomes) == ("translations.fr.kijk zelf", '"voyez vous-mêmes"', '"à vous"')
    assert widened(before, after) == ()
