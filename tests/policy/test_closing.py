"""On what a case closes: whatever is known, on no less than the rule that is named, and every rule holds by itself."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data.policies import BELGIAN_PROTOCOL, PLAIN
from router.errors import PolicyInvalid
from router.policy.check import prove
from router.policy.closing import counted, ended, rule, run_closing_tests
from router.policy.load import load
from schemas.acts import Finding
from schemas.closing import Closing, PartnerWord, Proof, RestsOn
from schemas.vocabulary import SEEN_GONE, ActionReason, ActionType, Assessment, Outcome
from tests.policy.samples import directory_of, policy_of

RULES = Closing()
ROUTE = {"name": "rest", "to": ["desk"]}
#: What somebody says who looked and saw it gone.
SEEN = PartnerWord(action=ActionType.UNAVAILABLE, reason="ContentNotFound")
REMOVED = PartnerWord(action=ActionType.REMOVED)
NOT_ILLEGAL = PartnerWord(action=ActionType.NOT_ILLEGAL)

WORDS = st.builds(
    PartnerWord,
    action=st.none() | st.sampled_from(ActionType),
    reason=st.none() | st.sampled_from([one.value for one in ActionReason]) | st.just("our own words"),
    referrer_missing=st.booleans(),
    overruled=st.booleans(),
)
PROOFS = st.builds(
    Proof,
    assessment=st.sampled_from(Assessment),
    partners=st.lists(WORDS, max_size=3).map(tuple),
    unheard=st.booleans(),
    gone_hours=st.lists(st.integers(0, 200).map(float), max_size=8).map(sorted).map(tuple),
    refused_hours=st.lists(st.integers(0, 200).map(float), max_size=8).map(sorted).map(tuple),
    asked=st.booleans(),
    seen=st.none() | st.sampled_from(Finding),
)
ANY_RULES = st.builds(
    Closing,
    partners=st.booleans(),
    host_gone=st.booleans(),
    gone_checks=st.integers(2, 5),
    gone_apart=st.sampled_from([timedelta(hours=1), timedelta(hours=24), timedelta(hours=72)]),
    refused=st.booleans(),
)


@given(ANY_RULES, PROOFS)
def test_nothing_closes_on_less_than_the_rule_that_is_named(rules: Closing, proof: Proof) -> None:
    ruling, words = rule(rules, proof), proof.partners
    assert (ruling.outcome is None) == (ruling.rests_on is None)
    acts = {word.action for word in words}
    match ruling.rests_on:
        case RestsOn.STAFF:
            assert proof.seen in (Finding.GONE, Finding.CONTENT_GONE)
        case RestsOn.PARTNERS:
            assert rules.partners
            assert words
            assert not proof.unheard
            assert acts <= {ActionType.REMOVED, ActionType.UNAVAILABLE, ActionType.NOT_ILLEGAL}
            if ActionType.NOT_ILLEGAL in acts:
                assert acts == {ActionType.NOT_ILLEGAL}
                assert proof.assessment not in (Assessment.BASELINE, Assessment.UNASSESSED)
            if ruling.outcome is Outcome.UNAVAILABLE:
                assert ActionType.REMOVED not in acts, "somebody said removed"
        case RestsOn.HOST_GONE:
            assert rules.host_gone
            apart = rules.gone_apart / timedelta(hours=1)
            rows = [proof.gone_hours, *([proof.refused_hours] if rules.refused else [])]
            assert any(
                len(row) >= rules.gone_checks and row[-1] - row[0] >= apart * (rules.gone_checks - 1) for row in rows
            ), "one row that is long enough by itself"
    if ruling.disagreement:
        assert proof.assessment is Assessment.BASELINE
        assert ActionType.NOT_ILLEGAL in acts


@given(st.lists(st.integers(0, 500).map(float), max_size=12).map(sorted), ANY_RULES)
def test_checks_that_count_are_far_enough_apart_and_none_could_be_added(hours: list[float], rules: Closing) -> None:
    kept, apart = counted(hours, rules), rules.gone_apart / timedelta(hours=1)
    assert all(later - one >= apart for one, later in pairwise(kept))
    assert all(at in kept or any(0 <= at - one < apart for one in kept) for at in hours)


@pytest.mark.parametrize("reason", sorted(SEEN_GONE))
def test_who_was_not_given_the_referrer_has_not_proved_a_404(reason: ActionReason) -> None:
    word = SEEN.model_copy(update={"reason": reason, "referrer_missing": True})
    assert ended(word) is (None if reason is ActionReason.NOT_FOUND_OR_DOWN else Outcome.UNAVAILABLE)
    assert ended(word.model_copy(update={"referrer_missing": False})) is Outcome.UNAVAILABLE


@pytest.mark.parametrize(
    ("assessment", "outcome", "disagreement"),
    [
        (Assessment.BASELINE, None, True),
        (Assessment.NATIONAL, Outcome.NOT_ILLEGAL, False),
        (Assessment.UNASSESSED, None, False),
    ],
)
def test_not_illegal_holds_there_only(assessment: Assessment, outcome: Outcome | None, disagreement: bool) -> None:
    ruling = rule(RULES, Proof(assessment=assessment, partners=(NOT_ILLEGAL,)))
    assert (ruling.outcome, ruling.disagreement) == (outcome, disagreement)
    mixed = rule(RULES, Proof(assessment=assessment, partners=(NOT_ILLEGAL, REMOVED)))
    assert mixed.outcome is None, "one took it away and the other sees nothing wrong: people look"


def test_removed_by_one_and_seen_gone_by_another_is_removed_by_the_first() -> None:
    ruling = rule(RULES, Proof(partners=(SEEN, REMOVED)))
    assert (ruling.outcome, ruling.word) == (Outcome.REMOVED, 1)


def test_refusals_count_only_where_the_policy_says_so_and_in_a_row_of_their_own() -> None:
    proof = Proof(partners=(REMOVED,), gone_hours=(0, 24), refused_hours=(0, 24, 48))
    assert rule(Closing(partners=False), proof).outcome is None
    assert rule(Closing(partners=False, refused=True), proof).rests_on is RestsOn.HOST_GONE
    assert rule(Closing(partners=False, refused=True, host_gone=False), proof).outcome is None
    mixed = Proof(gone_hours=(0, 24), refused_hours=(48, 72))
    assert rule(Closing(refused=True), mixed).outcome is None, "two kinds of one thing prove neither"


def test_a_rule_that_is_off_closes_nothing() -> None:
    proof = Proof(partners=(REMOVED,), gone_hours=(0, 24, 48))
    assert rule(Closing(partners=False), proof).rests_on is RestsOn.HOST_GONE
    assert rule(Closing(host_gone=False, partners=False), proof).outcome is None
    assert rule(Closing(gone_checks=4, partners=False), proof).outcome is None


@pytest.mark.parametrize("path", [BELGIAN_PROTOCOL, PLAIN], ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "other",
    [
        {"partners": False},
        {"host_gone": False},
        {"gone_checks": 2, "gone_apart": "1h"},
        {"gone_checks": 4},
        {"refused": True},
    ],
)
def test_the_tests_of_the_shipped_policies_notice_any_other_rule(path: Any, other: dict[str, Any]) -> None:
    policy = load(path.read_text(encoding="utf-8"))
    assert run_closing_tests(policy) == ()
    changed = Closing.model_validate(policy.closing.model_dump() | other)
    assert run_closing_tests(policy.model_copy(update={"closing": changed}))


def test_a_policy_that_ends_cases_otherwise_than_it_says_is_not_published() -> None:
    wrong = {"name": "gone once", "given": {"gone_hours": [0]}, "expect": "unavailable"}
    right = {"given": {"partners": [{"action": "Removed"}]}, "expect": "removed", "rests_on": "host_gone"}
    policy = policy_of(ROUTE, closing_tests=[wrong, right])
    with pytest.raises(PolicyInvalid) as refused:
        prove(policy, directory_of())
    assert [str(problem) for problem in refused.value.problems] == [
        "closing test gone once: wants unavailable, got open",
        "closing test expects removed: wants by host_gone, got by partners",
    ]
