import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data.directory import shipped_directory
from router.data.policies import BELGIAN_PROTOCOL, PLAIN
from router.errors import PolicyInvalid
from router.policy import load as reading
from router.policy.load import MOST_PROBLEMS, completed, load
from schemas.decision import Mode
from schemas.facts import Facts
from schemas.governed import MAX_CHARACTERS
from schemas.partner import Directory
from schemas.policy import When
from schemas.trace import OnlineMode, VerdictKind

BAD = sorted((Path(__file__).parent / "bad").glob("*.toml"))
#: How each bad policy ends: the problems that it must be refused for, word for word.
WRONG = "# wrong: "
DIRECTORY = shipped_directory()

SMALL = """
version = 1
home = "BE"

[[route]]
name = "rest"
to = ["federal-police"]

[[tests]]
given = { assessment = "baseline" }
expect = ["federal-police"]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyInvalid) as caught:
        load(text, DIRECTORY)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_policy_is_refused_with_every_problem_and_its_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wrong = [line.removeprefix(WRONG) for line in text.splitlines() if line.startswith(WRONG)]
    assert wrong
    assert problems(text) == wrong


def test_there_are_bad_policies() -> None:
    assert len(BAD) >= 45


def test_every_problem_is_in_the_one_message_too() -> None:
    with pytest.raises(PolicyInvalid) as caught:
        load("version = 1", DIRECTORY)
    assert caught.value.message.startswith("The policy has 3 errors:\n  home: is missing")
    assert caught.value.field == "home"
    with pytest.raises(PolicyInvalid) as caught:
        load("[[", DIRECTORY)
    assert caught.value.message.startswith("The policy has an error:\n  the policy: is not valid TOML")


def test_names_of_partners_are_judged_when_the_directory_is_given() -> None:
    text = SMALL.replace("federal-police", "nobody")
    assert load(text).routes[0].to == ("nobody",)
    assert problems(text) == [
        "line 7, route rest: to: the directory has no partner named nobody",
        "line 11, test no. 1: expect: the directory has no partner named nobody",
    ]


def test_what_is_not_written_has_the_protocol_s_values() -> None:
    policy = load(SMALL)
    assert (policy.retrace_before_send, policy.follow_up) == (timedelta(hours=1), timedelta(days=5))
    assert (policy.origin_wait, policy.online) == (timedelta(hours=24), OnlineMode.WHEN_DOUBTFUL)
    assert (policy.hosting_basis, policy.barred) == ("location", {})
    (route,) = policy.routes
    assert (route.copy_, route.mode, route.alarm, route.hold, route.proposal) == (
        False,
        Mode.AUTOMATIC,
        None,
        None,
        True,
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("45s", timedelta(seconds=45)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(hours=24)),
        ("5d", timedelta(days=5)),
        ("99999d", timedelta(days=99999)),
    ],
)
def test_times_are_written_as_people_say_them(written: str, meant: timedelta) -> None:
    assert load(f'follow_up = "{written}"\n{SMALL}').follow_up == meant


@pytest.mark.parametrize("written", ["", "5", "d", "0d", "-5d", "5 d", "1.5h", "5D", "P5D", "5d ", "100000d", "५d"])
def test_any_other_time_is_refused(written: str) -> None:
    (problem,) = problems(f'follow_up = "{written}"\n{SMALL}')
    assert problem.startswith("line 1, follow_up: write a time")


def test_the_shipped_policies_load() -> None:
    for path in (BELGIAN_PROTOCOL, PLAIN):
        assert load(path.read_text(encoding="utf-8"), DIRECTORY).routes


def test_conditions_mirror_the_facts_one_by_one() -> None:
    renamed = {"confidence": "confidence_below", "bounced": "bounced_at_least", "seen_hours_ago": "seen_older_than"}
    renamed["still_there"] = "still_there_at_least"
    assert [renamed.get(name, name) for name in Facts.model_fields] == list(When.model_fields)


def test_a_test_s_hosting_country_implies_the_verdict() -> None:
    assert completed({"hosting_country": "NL"}, "BE") == {"hosting_country": "NL", "verdict": VerdictKind.COUNTRY}
    assert completed({"hosting_country": "NL", "verdict": "split"}, "BE")["verdict"] == "split"
    assert "verdict" not in completed({"account_country": "NL"}, "BE")


def test_home_in_a_test_is_our_country() -> None:
    given = completed({"hosting_country": "home", "account_country": "home", "source": "home"}, "CA")
    assert (given["hosting_country"], given["account_country"], given["source"]) == ("CA", "CA", "home")


def test_the_same_text_is_read_once_and_held_against_each_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    text, read, times = f"{SMALL}# that nobody read before", reading.read_toml, list[int]()

    def counted(text: str, most: int) -> dict[str, Any]:
        times.append(most)
        return read(text, most)

    monkeypatch.setattr(reading, "read_toml", counted)
    assert load(text) == load(text, DIRECTORY)
    assert len(times) == 1
    with pytest.raises(PolicyInvalid):
        load(text, Directory())
    assert load(text) == load(text, DIRECTORY)


def test_a_book_is_no_policy() -> None:
    (problem,) = problems("#" * (MAX_CHARACTERS + 1))
    assert "too long" in problem
    assert "too long" not in problems("#" * MAX_CHARACTERS)[0]


def test_what_is_wrong_everywhere_is_told_in_a_page() -> None:
    for wrong in ("k{} = 1", '[[route]]\nname = "{} "', '[[tests]]\n"{}" = 1', '[barred]\n"{}" = 2'):
        text = "\n".join(wrong.format(f"{number}{'x' * 50}") for number in range(3000))
        started = time.process_time()
        found = problems(text if wrong.count("[") != 1 else text.replace("[barred]\n", "").join(["[barred]\n", ""]))
        assert time.process_time() - started < 2
        assert len(found) <= MOST_PROBLEMS
        assert len("".join(found)) < 50_000


def test_what_is_said_is_not_as_long_as_what_was_written() -> None:
    huge = "x" * 200_000
    for text in (f"{huge} = 1", f'[[route]]\nname = "{huge}"', f'[[route]]\nto = ["{huge} "]', f'home = "{huge}"'):
        assert len("".join(problems(text))) < 5_000


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = 1" + "0" * 5000, "\x00", 'home = "\ud800"'])
def test_text_that_breaks_a_reader_is_an_error_like_any_other(text: str) -> None:
    assert problems(text)


def loaded_or_refused(text: str) -> object:
    """The policy, or the problems it is refused for; anything else that is raised fails the test."""
    try:
        return load(text)
    except PolicyInvalid as error:
        return error.problems


@given(st.text(max_size=200))
def test_no_text_does_more_than_load_or_be_refused(text: str) -> None:
    assert loaded_or_refused(text)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["home", "version", "barred", "follow_up", "online", "tests", "route"]), _values)
def test_no_value_in_the_wrong_place_breaks_the_reader(key: str, value: object) -> None:
    written = _toml(value)
    lines = [line for line in SMALL.splitlines() if not line.startswith(f"{key} =")]
    assert loaded_or_refused(f"{key} = {written}\n" + "\n".join(lines))


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, str) or value is None:
        return _text(value or "")
    return str(value).lower()  # true, 1, inf, nan


def _text(value: str) -> str:
    return '"' + "".join(f"\\U{ord(c):08X}" for c in value) + '"'


def row(scheme: str, value: str, to: str, as_: str) -> str:
    """One row of the table."""
    said = f'from = {{ scheme = "{scheme}", value = "{value}" }}', f'to = {{ scheme = "{to}", value = "{as_}" }}'
    return "\n".join(("[[severity.map]]", *said))


SCHEMES = '[severity.schemes]\nbe = ["low", "high"]\ncopine = ["1"]\n'


def test_the_hotline_s_own_table_alone_says_what_a_value_is_in_another_scheme() -> None:
    rules = load(f"{SMALL}\n{SCHEMES}{row('copine', '1', 'be', 'low')}").severity
    assert [rules.mapped("copine", "1", to) for to in ("be", "copine", "uk")] == ["low", "1", None]
    assert rules.mapped("copine", "2", "be") is None
    assert (rules.gravest("be", ["low", "high", "low"]), rules.gravest("uk", ["A"])) == ("high", None)


@pytest.mark.parametrize(
    ("severity", "wrong"),
    [
        ('[severity.schemes]\nbe = ["low", "low"]', "twice"),
        ("[severity.schemes]\nbe = []", "be"),
        (SCHEMES + row("uk", "1", "be", "low"), "do not list"),
        (SCHEMES + row("copine", "1", "be", "worst"), "do not list"),
        (SCHEMES + row("copine", "1", "be", "low") + "\n" + row("copine", "1", "be", "high"), "two things"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(severity: str, wrong: str) -> None:
    assert any(wrong in problem for problem in problems(f"{SMALL}\n{severity}"))


def test_labels_that_figures_name_are_listed_by_their_scheme() -> None:
    assert load(f'{SMALL}\n[labels]\nucs = ["A1", "AI generated"]').labels == {"ucs": ("A1", "AI generated")}
    assert load(SMALL).labels == {}
    assert problems(f"{SMALL}\n[labels]\nucs = []")
