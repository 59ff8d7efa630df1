"""A rule drafted into a shipped policy: all that stood stands, its tests pass, others are decided as before."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.data.directory import shipped_directory
from router.data.policies import BELGIAN_PROTOCOL, PLAIN
from router.errors import BadInput
from router.policy.check import as_ready, prove
from router.policy.decision import Rules, decide
from router.policy.drafting import Wish, drafted
from router.policy.load import load
from schemas.decision import Mode
from schemas.draft import Scope
from schemas.facts import Facts
from schemas.trace import VerdictKind
from schemas.vocabulary import Assessment
from tests.policy.samples import HOSTS, NOW, any_facts

DIRECTORY = shipped_directory()
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in (BELGIAN_PROTOCOL, PLAIN)}
#: The same with a reason in another language, below all routes, where a draft that stands last would be put.
TEXTS["translated"] = f'{TEXTS["plain"]}\n[translations.nl]\n"nobody has assessed it yet" = "nog niet beoordeeld"\n'
CASE = "01999999-0000-7000-8000-000000000000"
KNOWN = Facts(
    verdict=VerdictKind.COUNTRY, hosting_country="NL", confidence=0.98, has_hotline=True, inhope=True,
    assessment=Assessment.BASELINE, source="form", host_index=HOSTS[0], networks=(64500,), operators=('A "Cloud"',),
)  # fmt: skip


def wish(scope: Scope = Scope.HOST, mode: Mode = Mode.AUTOMATIC) -> Wish:
    return Wish(scope, "iwf-gb", mode, CASE)


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("text", sorted(TEXTS))
def test_the_text_keeps_all_that_stood_and_passes_its_tests(text: str, scope: Scope, mode: Mode) -> None:
    before = TEXTS[text]
    found = drafted(before, KNOWN, wish(scope, mode), DIRECTORY)
    policy = load(found.text, DIRECTORY)
    prove(policy, DIRECTORY)
    assert policy.tests[:-1] == load(before).tests
    assert policy.translations == load(before).translations
    assert [one for one in policy.routes if one.name != found.name] == list(load(before).routes)
    new = [line for line in found.text.splitlines() if line.strip()]
    for line in filter(str.strip, before.splitlines()):  # every line still stands, in its order
        while new[0] != line:
            new.pop(0)


@settings(max_examples=15)
@given(any_facts, st.sampled_from(sorted(TEXTS)))
def test_others_are_decided_as_before(facts: Facts, text: str) -> None:
    after = load(drafted(TEXTS[text], KNOWN, wish(), DIRECTORY).text)
    facts, ready = facts.model_copy(update={"host_index": HOSTS[1]}), as_ready(DIRECTORY)
    old, new = (decide(Rules(1, policy, ready, NOW), facts) for policy in (load(TEXTS[text]), after))
    assert (new.recipients, new.desk, new.refused) == (old.recipients, old.desk, old.refused)


@settings(max_examples=15)
@given(any_facts, st.sampled_from(sorted(TEXTS)), st.sampled_from(Scope))
def test_a_draft_of_any_case_passes_its_own_test_or_is_refused(facts: Facts, text: str, scope: Scope) -> None:
    with suppress(BadInput):
        prove(load(drafted(TEXTS[text], facts, wish(scope), DIRECTORY).text, DIRECTORY), DIRECTORY)


def test_a_second_draft_has_a_name_of_its_own_and_an_edge_has_no_network() -> None:
    once = drafted(TEXTS["plain"], KNOWN, wish(), DIRECTORY).text
    assert drafted(once, KNOWN.model_copy(update={"host_index": HOSTS[1]}), wish(), DIRECTORY).name == "always-host-2"
    edge = KNOWN.model_copy(update={"verdict": VerdictKind.EDGE_ONLY, "hosting_country": None})
    for scope in (Scope.NETWORK, Scope.OPERATOR):
        with pytest.raises(BadInput, match="edge"):
            drafted(TEXTS["plain"], edge, wish(scope), DIRECTORY)
