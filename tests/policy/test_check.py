from typing import Any

import pytest

from router.data.directory import shipped_directory
from router.data.policies import BELGIAN_PROTOCOL, PLAIN
from router.errors import PolicyInvalid
from router.policy.check import as_ready, prove, run_tests
from router.policy.load import load
from schemas.partner import Agreement
from tests.policy.samples import NL, POLICE, TODAY, directory_of, partner, policy_of

ABROAD = {"name": "abroad", "when": {"has_hotline": True}, "to": ["hotline:hosting_country"]}
REST = {"name": "rest", "to": ["police"]}
IN_NL = {"verdict": "country", "hosting_country": "NL", "has_hotline": True, "assessment": "baseline"}
READY = directory_of(NL.model_copy(update={"default": True}), POLICE)


def failed(expect: list[str], *routes: dict[str, Any], **test: Any) -> list[str]:
    policy = policy_of(*(routes or (ABROAD, REST)), tests=[{"given": IN_NL, "expect": expect, **test}])
    return [f"{failure.wanted} / {failure.got}" for failure in run_tests(policy, READY)]


@pytest.mark.parametrize("word", ["hotline:NL", "hotline:hosting_country", "hotline-nl"])
def test_a_recipient_may_be_expected_as_a_word_or_by_name(word: str) -> None:
    assert failed([word]) == []


def test_a_wrong_expectation_says_what_came() -> None:
    assert failed(["police"]) == ["police / hotline-nl"]
    assert failed(["hotline:NL", "desk"]) == ["desk and hotline-nl / hotline-nl"]
    assert failed(["hotline:FR"]) == ["hotline:FR / hotline-nl"]


def test_a_proposal_is_looked_at_only_when_asked_for() -> None:
    ask = {"name": "ask", "to": ["desk"]}
    assert failed(["desk"], ask, ABROAD) == []
    assert failed(["desk"], ask, ABROAD, propose=["hotline-nl"]) == []
    assert failed(["desk"], ask, ABROAD, propose=[]) == ["nobody / hotline-nl"]
    assert failed(["desk", "hotline-nl"], ask, ABROAD) == ["desk and hotline-nl / desk"]


def test_the_deciding_route_is_looked_at_when_asked_for() -> None:
    assert failed(["hotline-nl"], route="abroad") == []
    assert failed(["hotline-nl"], route="rest") == ["route rest / route abroad"]


def test_a_copy_does_not_decide() -> None:
    also = {"name": "also", "to": ["police"], "copy": True}
    assert failed(["hotline-nl", "police"], also, ABROAD, route="abroad") == []
    assert failed(["hotline-nl", "police"], also, ABROAD, route="also") == ["route also / route abroad"]


def test_the_root_can_be_the_expected_route() -> None:
    assert failed(["desk"], {"name": "moved", "when": {"moved": True}, "to": ["police"]}, route="root") == []


def test_what_the_policy_bars_is_barred_in_its_tests() -> None:
    policy = policy_of(ABROAD, REST, barred={"NL": "an embargo"}, tests=[{"given": IN_NL, "expect": ["hotline-nl"]}])
    (failure,) = run_tests(policy, READY)
    assert (failure.number, failure.got) == (1, "desk")


def test_tests_are_about_rules_and_not_about_today_s_directory() -> None:
    asleep = {"enabled": False, "checked_on": None, "agreement": Agreement(until=TODAY.replace(year=2000))}
    policy = policy_of(ABROAD, REST, tests=[{"given": IN_NL, "expect": ["hotline-nl"]}])
    directory = directory_of(NL.model_copy(update={**asleep, "default": True}), POLICE)
    assert run_tests(policy, directory) == ()


def test_a_doubtful_row_does_not_count_as_ready() -> None:
    ready = as_ready(directory_of(partner("a", "NL", default=True, enabled=False), partner("b", "NL", enabled=False)))
    assert [one.enabled for one in ready.partners] == [True, False]


def test_each_failure_is_told_by_number_name_and_path() -> None:
    good, bad = {"given": IN_NL, "expect": ["hotline-nl"]}, {"given": IN_NL, "expect": ["desk"]}
    failures = run_tests(policy_of(ABROAD, REST, tests=[good, bad, {**bad, "name": "third"}]), READY)
    assert [str(failure) for failure in failures] == [
        "test 2 (expects desk): wants desk, got hotline-nl",
        "test 3 (third): wants desk, got hotline-nl",
    ]
    assert [(step.route, step.matched) for step in failures[0].path] == [("abroad", True)]


def test_a_policy_is_proved_or_refused_with_every_failing_test() -> None:
    bad = {"given": IN_NL, "expect": ["desk"]}
    prove(policy_of(ABROAD, REST, tests=[{"given": IN_NL, "expect": ["hotline-nl"]}]), READY)
    with pytest.raises(PolicyInvalid) as caught:
        prove(policy_of(ABROAD, REST, tests=[bad, bad]), READY)
    assert caught.value.reason == "tests_fail"
    assert caught.value.message.startswith("The policy fails 2 of its tests:\n  test expects desk: wants desk")
    assert len(caught.value.problems) == 2


SHIPPED = {path.stem: load(path.read_text(encoding="utf-8"), shipped_directory()) for path in (BELGIAN_PROTOCOL, PLAIN)}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_policy_passes_its_own_tests(name: str) -> None:
    assert run_tests(SHIPPED[name], shipped_directory()) == ()
    assert len(SHIPPED[name].tests) >= 15


@pytest.mark.parametrize(
    ("name", "route"), [(name, route.name) for name, policy in SHIPPED.items() for route in policy.routes]
)
def test_no_route_of_a_shipped_policy_can_be_left_out_unnoticed(name: str, route: str) -> None:
    policy = SHIPPED[name]
    rest = tuple(one for one in policy.routes if one.name != route)
    assert run_tests(policy.model_copy(update={"routes": rest}), shipped_directory())
