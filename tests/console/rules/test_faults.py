"""What is wrong with a policy's text, and how its tests end, is said in the page's language, whatever was typed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.govern.rules.literal_hosts import check_no_location
from router.console.language import load as languages
from router.console.rules import faults
from router.data.directory import shipped_directory
from router.errors import PolicyInvalid
from router.policy import check, hub, translations
from router.policy.load import load
from schemas.closing import ClosingTest, RestsOn
from schemas.playground import FailedTest
from schemas.policy import Policy
from tests.policy import test_load
from tests.policy.samples import directory_of, policy_of

TONGUES = {code: tongue for code, tongue in languages().items() if code != "en"}
BAD = sorted((Path(test_load.__file__).parent / "bad").glob("*.toml"))
#: Words of English sentences that no other language has, outside of what is quoted from the text itself.
ENGLISH = re.compile(r"\b(?:the|must|write|with|known|missing|wants|expects|nobody|which|its)\b")
QUOTED = re.compile(r"`[^`]*`|'[^']*'|\[\[?.*?\]?\]|{.*?}|\"[^\"]*\"")


def problems(text: str) -> list[Any]:
    try:
        check_no_location(text)
        load(text, shipped_directory())
    except PolicyInvalid as error:
        return [error, *error.problems]
    return []


def said_whole(text: str) -> None:
    found = problems(text)
    for tongue in TONGUES.values():
        for error in found[:1]:
            assert faults.head(tongue, error.message) is not None, error.message
        for one in found[1:]:
            assert faults.fault(tongue, one.text) is not None, one.text
            assert not faults.place(tongue, one.place).startswith("the ")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_bad_policy_is_refused_in_each_language(path: Path) -> None:
    said_whole(path.read_text(encoding="utf-8"))
    for one in problems(path.read_text(encoding="utf-8"))[1:]:
        told = faults.fault(TONGUES["nl"], one.text)
        assert not ENGLISH.search(QUOTED.sub("", told or "").partition(": ")[0]), told


@given(st.text(max_size=200))
def test_so_is_any_text(text: str) -> None:
    said_whole(text)


KEYS = st.sampled_from(
    ["home", "version", "barred", "follow_up", "online", "tests", "route", "law", "closing", "retention", "labels",
     "silent_days", "second_look", "severity", "translations", "unseen_to", "most_looks", "follow_up_rule"]
)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(["true", "0", "-1", "99999", "1.5", "nan", '""', '"x"', '"5d"', '"X Y"', "2026-11-22", "08:00:00",
                     '"2026"', "[]", "{}", '"' + "x" * 400 + '"', "2026-11-22T08:00:00Z"]),
    lambda inside: st.lists(inside, max_size=3).map(lambda all_: f"[{', '.join(all_)}]")
    | st.dictionaries(st.sampled_from(["NL", "x", "when", "to", "name", "since", "until", "given", "urls"]), inside,
                      max_size=3).map(lambda of: "{" + ", ".join(f"{key} = {one}" for key, one in of.items()) + "}"),
    max_leaves=6,
)  # fmt: skip


@given(KEYS, VALUES)
def test_so_is_any_value_at_a_wrong_place(key: str, value: str) -> None:
    lines = [line for line in test_load.SMALL.splitlines() if not line.startswith(f"{key} =")]
    said_whole("\n".join([f"{key} = {value}", *lines]))


@given(st.sampled_from([*"=[]{}\"'\\\n#x", '"""', "\x00", "\t"]), st.integers(0, 200))
def test_so_is_a_slip_of_the_keyboard(slip: str, at: int) -> None:
    said_whole(test_load.SMALL[:at] + slip + test_load.SMALL[at:])


SLIPS = [
    "a = '", "a", "a = ", "= 1", "a = [1", "a = {b = 1", 'a = "\\q"', 'a = "\\ud800"', 'a = "\\uzzzz"', "a = 1 b = 2",
    "[a",    "[[a", "[a]\n[a]", "a = 1\na = 2", "a = {b = 1, b = 2}", "a = {}\na.b = 1", "a = []\n[[a]]",
    "a = 2026-99-99",    'a = "\x01"', "a = 1\n[a.b]", "[a.b]\n[a]\nb.c = 1", "a = '''", "a.b = 1\n[a]\nc = 1", "\x01",
]  # fmt: skip


@pytest.mark.parametrize("text", SLIPS)
def test_what_the_reader_of_toml_says_is_said_whole(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    english = str(caught.value)
    for tongue in TONGUES.values():
        told = faults.fault(tongue, f"is not valid TOML: {english}")
        assert told is not None
        assert english.partition(" (")[0] not in told
        assert "(at " not in told


def test_a_location_is_refused_in_each_language() -> None:
    said_whole(f"# see www.example.com/a\n{test_load.SMALL}")


NL = {"verdict": "country", "hosting_country": "NL", "has_hotline": True, "assessment": "baseline"}


def failed(policy: Policy) -> list[FailedTest]:
    return list(check.failed_tests(policy, directory_of()))


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_how_its_own_tests_end_is_said_too(language: str) -> None:
    tongue = TONGUES[language]
    tests = [{"given": NL, "expect": ["desk", "police"]}, {"given": NL, "expect": ["police"], "route": "other"}]
    closing = [
        ClosingTest.model_validate_json(f'{{"given": {{"seen": "gone"}}, "expect": "{end}"{rests}}}')
        for end, rests in [
            ("open", ""),
            ("disagreement", ""),
            *(("removed", f', "rests_on": "{one}"') for one in RestsOn),
        ]
    ]
    policy = policy_of({"name": "rest", "to": ["police"]}, tests=tests).model_copy(
        update={"closing_tests": tuple(closing)}
    )
    found = failed(policy)
    assert len(found) == 6
    for one in found:
        told = " | ".join(
            [faults.test_name(tongue, one.name), faults.ending(tongue, one.wanted), faults.ending(tongue, one.got)]
        )
        assert not ENGLISH.search(told), told
    with pytest.raises(PolicyInvalid) as caught:
        check.prove(policy, directory_of())
    head = faults.head(tongue, caught.value.message)
    assert head is not None
    assert "6" in head
    for problem in caught.value.problems:
        told = f"{faults.place(tongue, problem.place)}: {faults.fault(tongue, problem.text)}"
        assert not ENGLISH.search(told), told


def test_what_is_worth_a_look_is_said_too() -> None:
    notes = [
        hub._NOTE.format(route="abroad", country="NL", partner="hotline-nl"),
        *translations.untranslated(load(_translated(12))),
        *translations.untranslated(load(_translated(2))),
        check._NO_PERIODS,
    ]
    assert len(notes) == 4
    for tongue in TONGUES.values():
        for one in notes:
            told = faults.fault(tongue, one)
            assert told is not None
            assert not ENGLISH.search(QUOTED.sub("", told)), told


def _translated(routes: int) -> str:
    """A policy with so many reasons, of which it has none in Dutch but one."""
    said = "\n".join(
        f'[[route]]\nname = "r{number}"\nwhen = {{ bounced_at_least = {number} }}\nto = ["police"]\n'
        f'reason = "why {number}"'
        for number in range(routes, 0, -1)
    )
    small = test_load.SMALL.replace("[[route]]", f"{said}\n[[route]]", 1)
    return f'{small}\n[translations.nl]\n"why {routes}" = "omdat"\n'


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        ("nl", "desk:edge_only", "mensen: Verborgen achter een CDN"),
        ("en", "desk:edge_only", "people: Hidden behind a CDN"),
        ("nl", "hotline-nl", "hotline-nl"),
        ("en", "hotline-nl (copy, proposed, held)", "hotline-nl (copy, proposed, held back)"),
        ("de", "fpb (copy)", "Federal Police (Kopie)"),
        ("de", "fpb", "Federal Police"),
    ],
)
def test_whom_a_decision_reached(code: str, words: str, said: str) -> None:
    assert faults.effect(languages()[code], words, {"fpb": "Federal Police"}) == said


def test_english_says_it_as_it_is() -> None:
    tongue = languages()["en"]
    assert faults.fault(tongue, "must be 'a', 'b' or 'c'") == "must be 'a', 'b', or 'c'"
    assert faults.place(tongue, "route a: when.urgency") == "route a: when.urgency"
    assert faults.fault(tongue, "the moon is full") is None
