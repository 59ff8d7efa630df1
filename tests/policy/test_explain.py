from datetime import timedelta

import pytest
from hypothesis import given

from router.policy.explain import as_data, explain
from router.policy.judge import judge
from router.policy.recipients import resolve
from schemas.decision import Decision, DeskCall, IfUnseen, Mode, Recipient, Step
from schemas.facts import Facts
from schemas.partner import Directory
from schemas.policy import Policy
from schemas.trace import Reason
from tests.policy.samples import NOW, any_directory, any_facts, any_policy

DECISION = Decision(
    policy_version=3,
    recipients=(
        Recipient(partner="hotline-ca", route="suspect", copy_=True),
        Recipient(partner="hotline-nl", route="abroad", mode=Mode.PROPOSE, hold_until=NOW, hold_reason="clearance"),
    ),
    desk=(DeskCall(code="proposed", text="confirm sending", alarm=timedelta(minutes=90)),),
    path=(
        Step(route="suspect", matched=True, because="account_abroad is yes"),
        Step(route="home", matched=False, because="hosting_country is NL, not home"),
        Step(route="abroad", matched=True, because="has_hotline is yes"),
    ),
    assigned_country="NL",
    refused=(Reason(code="disabled", text="X is disabled: closed"),),
    reason="as agreed",
)


def test_a_decision_is_told_from_its_path_to_its_end() -> None:
    assert explain(DECISION) == [
        "yes suspect  account_abroad is yes",
        "no  home     hosting_country is NL, not home",
        "yes abroad   has_hotline is yes",
        "to hotline-ca, by route suspect, as a copy",
        "to hotline-nl, by route abroad, once somebody confirms, held until 2026-11-22 12:00 UTC: clearance",
        "not: X is disabled: closed [disabled]",
        "desk: confirm sending (within 90 min) [proposed]",
        "assigned to NL",
        "because: as agreed",
    ]


def test_who_is_told_when_nobody_answers_is_said() -> None:
    decision = Decision(policy_version=1, if_unseen=IfUnseen(partner="police", after=timedelta(hours=2)))
    assert explain(decision) == ["if nobody answers the alarm within 2 h: to police, assessed or not, and it rings on"]


def test_what_a_person_decided_names_the_person() -> None:
    decision = Decision(policy_version=3, recipients=(Recipient(partner="police", route="staff"),), by="person:anna")
    assert explain(decision) == ["decided by person:anna", "to police, by route staff"]


@pytest.mark.parametrize(
    ("alarm", "words"), [(15, "15 min"), (60, "1 h"), (90, "90 min"), (24 * 60, "1 d"), (36 * 60, "36 h"), (1, "1 min")]
)
def test_a_clock_is_said_in_its_largest_whole_unit(alarm: int, words: str) -> None:
    call = DeskCall(code="policy", text="look", alarm=timedelta(minutes=alarm))
    assert explain(Decision(policy_version=1, desk=(call,))) == [f"desk: look (within {words}) [policy]"]


def test_without_a_clock_none_is_said() -> None:
    assert explain(Decision(policy_version=1, desk=(DeskCall(code="policy", text="look"),))) == ["desk: look [policy]"]


@given(any_policy(), any_facts, any_directory())
def test_the_path_that_is_told_is_the_path_that_decided(policy: Policy, facts: Facts, directory: Directory) -> None:
    judgement = judge(policy, facts)
    told = explain(resolve(judgement, facts, directory, policy, NOW, version=1))[: len(judgement.path)]
    assert [tuple(line.split()[:2]) for line in told] == [
        ("yes" if step.matched else "no", step.route) for step in judgement.path
    ]
    assert all(line.endswith(step.because) for line, step in zip(told, judgement.path, strict=True))


def test_programs_get_the_same_as_data() -> None:
    data = as_data(DECISION)
    assert data["recipients"][0]["copy"] is True
    assert "copy_" not in data["recipients"][0]
    assert data["recipients"][1]["hold_until"] == "2026-11-22T12:00:00Z"
    assert [step["route"] for step in data["path"]] == ["suspect", "home", "abroad"]
    assert data["desk"][0]["alarm"] == "PT1H30M"
