from datetime import timedelta
from typing import Any

from hypothesis import given

from router.policy.judge import judge
from router.policy.recipients import may_receive, resolve
from schemas.casefile import DeskCode
from schemas.decision import Decision, Mode
from schemas.facts import Facts
from schemas.partner import Directory, PartnerKind
from schemas.policy import Policy
from schemas.vocabulary import Assessment, Urgency
from tests.policy.samples import (
    CA,
    NL,
    NOW,
    POLICE,
    TODAY,
    any_directory,
    any_facts,
    any_policy,
    baseline,
    directory_of,
    partner,
    policy_of,
)

ABROAD = {"name": "abroad", "when": {"has_hotline": True}, "to": ["hotline:hosting_country"]}
SUSPECT = {"name": "suspect", "when": {"account_abroad": True}, "to": ["hotline:account_country"], "copy": True}
IN_NL = baseline(hosting_country="NL", has_hotline=True)


def decide(policy: Policy, facts: Facts, directory: Directory | None = None) -> Decision:
    return resolve(judge(policy, facts), facts, directory or directory_of(), policy, NOW, version=3)


def to(decision: Decision) -> list[tuple[str, str]]:
    return [(recipient.partner, recipient.mode.value) for recipient in decision.recipients]


def desk(decision: Decision) -> list[str]:
    return [call.code for call in decision.desk]


@given(any_policy(), any_facts, any_directory())
def test_nobody_receives_who_must_not(policy: Policy, facts: Facts, directory: Directory) -> None:
    for recipient in decide(policy, facts, directory).recipients:
        who = directory.named(recipient.partner)
        assert who is not None
        assert not set(who.countries) & set(policy.barred)
        assert not (who.kind is PartnerKind.HOTLINE and policy.home in who.countries)
        assert who.name not in facts.path
        assert who.enabled
        assert who.agreement.until is None or who.agreement.until >= TODAY
        assert who.agreement.transfer_until is None or who.agreement.transfer_until >= TODAY
        if recipient.mode is Mode.AUTOMATIC:
            assert facts.assessment in who.accepts
            assert may_receive(who, facts, policy, TODAY) is None


@given(any_policy(), any_facts, any_directory())
def test_no_case_is_left_with_nobody(policy: Policy, facts: Facts, directory: Directory) -> None:
    decision = decide(policy, facts, directory)
    leaves_by_itself = [r for r in decision.recipients if r.mode is Mode.AUTOMATIC and not r.copy_]
    assert leaves_by_itself or decision.desk


@given(any_policy(), any_facts, any_directory())
def test_nobody_receives_twice(policy: Policy, facts: Facts, directory: Directory) -> None:
    partners = [recipient.partner for recipient in decide(policy, facts, directory).recipients]
    assert len(partners) == len(set(partners))


@given(any_policy(), any_facts, any_directory())
def test_what_nobody_assessed_never_leaves_by_itself(policy: Policy, facts: Facts, directory: Directory) -> None:
    facts = facts.model_copy(update={"assessment": Assessment.UNASSESSED})
    decision = decide(policy, facts, directory)
    assert all(recipient.mode is Mode.PROPOSE for recipient in decision.recipients)
    assert decision.desk


@given(any_policy(), any_facts, any_directory())
def test_who_is_told_when_nobody_answers_is_named_where_an_alarm_rings_and_they_are_not_told_by_then(
    policy: Policy, facts: Facts, directory: Directory
) -> None:
    assert decide(policy, facts, directory).if_unseen is None
    switched_on = policy.model_copy(update={"unseen_to": "police"})
    decision = decide(switched_on, facts, directory)
    told = "police" in {one.partner for one in decision.recipients if one.mode is Mode.AUTOMATIC}
    rings = facts.urgency is not Urgency.NONE and bool(decision.desk)
    assert (decision.if_unseen is not None) == (rings and not told)


@given(any_policy(), any_facts, any_directory())
def test_the_decision_keeps_the_judge_s_path(policy: Policy, facts: Facts, directory: Directory) -> None:
    assert decide(policy, facts, directory).path == judge(policy, facts).path


@given(any_policy(), any_facts, any_directory())
def test_everyone_chosen_receives_or_is_accounted_for(policy: Policy, facts: Facts, directory: Directory) -> None:
    decision = decide(policy, facts, directory)
    if any(choice.word != "desk" for choice in judge(policy, facts).choices):
        assert decision.recipients or decision.refused


def test_a_hotline_abroad_receives_by_itself() -> None:
    decision = decide(policy_of(ABROAD), IN_NL)
    assert (to(decision), desk(decision)) == ([("hotline-nl", "automatic")], [])
    assert (decision.assigned_country, decision.policy_version, decision.by) == ("NL", 3, "policy")


def test_without_anyone_who_may_receive_people_are_told_why() -> None:
    decision = decide(policy_of(ABROAD), IN_NL, directory_of(NL.model_copy(update={"enabled": False})))
    assert (to(decision), desk(decision)) == ([], [DeskCode.NO_RECIPIENT])
    assert [reason.code for reason in decision.refused] == ["disabled"]
    assert "Hotline-Nl is disabled" in decision.desk[0].text
    assert decision.assigned_country is None


def test_a_copy_alone_does_not_settle_a_case() -> None:
    facts = IN_NL.model_copy(update={"account_abroad": True, "account_country": "CA"})
    directory = directory_of(CA, NL.model_copy(update={"enabled": False}))
    decision = decide(policy_of(SUSPECT, ABROAD), facts, directory)
    assert (to(decision), desk(decision)) == ([("hotline-ca", "automatic")], [DeskCode.NO_RECIPIENT])
    assert decision.assigned_country is None


def test_a_ruled_out_copy_does_not_keep_the_rest_from_leaving() -> None:
    facts = IN_NL.model_copy(update={"account_abroad": True, "account_country": "FR"})
    decision = decide(policy_of(SUSPECT, ABROAD), facts)
    assert (to(decision), desk(decision)) == ([("hotline-nl", "automatic")], [])
    assert [reason.code for reason in decision.refused] == ["no_partner"]


def test_a_copy_to_whom_also_decides_is_one_referral_of_the_deciding_route() -> None:
    facts = IN_NL.model_copy(update={"account_abroad": True, "account_country": "NL"})
    (recipient,) = decide(policy_of(SUSPECT, ABROAD), facts).recipients
    assert (recipient.partner, recipient.route, recipient.copy_) == ("hotline-nl", "abroad", False)


def test_of_two_choices_of_a_partner_the_one_that_waits_counts() -> None:
    facts = IN_NL.model_copy(update={"account_abroad": True, "account_country": "NL"})
    held = {**SUSPECT, "hold": "48h", "reason": "police clearance", "mode": "propose"}
    (recipient,) = decide(policy_of(held, ABROAD), facts).recipients
    assert (recipient.route, recipient.copy_, recipient.mode) == ("abroad", False, Mode.PROPOSE)
    assert (recipient.hold_until, recipient.hold_reason) == (NOW + timedelta(hours=48), "police clearance")


def test_a_hold_of_either_choice_holds_the_one_referral() -> None:
    facts = IN_NL.model_copy(update={"account_abroad": True, "account_country": "NL"})
    short, long = {"hold": "24h", "reason": "short"}, {"hold": "48h", "reason": "long"}
    for first, second, reason in (({}, short, "short"), (long, short, "long"), (short, long, "long")):
        (recipient,) = decide(policy_of({**SUSPECT, **first}, {**ABROAD, **second}), facts).recipients
        assert recipient.hold_reason == reason
        assert recipient.hold_until == NOW + timedelta(hours=24 if reason == "short" else 48)


def test_a_hold_counts_from_now() -> None:
    decision = decide(policy_of({**ABROAD, "hold": "48h", "reason": "police clearance"}), IN_NL)
    assert decision.recipients[0].hold_until == NOW + timedelta(days=2)
    assert decision.recipients[0].hold_reason == "police clearance"
    assert desk(decision) == []


def test_a_reason_without_a_hold_holds_nothing() -> None:
    decision = decide(policy_of({**ABROAD, "reason": "as agreed"}), IN_NL)
    assert (decision.recipients[0].hold_until, decision.recipients[0].hold_reason) == (None, None)
    assert decision.reason == "as agreed"


def test_a_route_that_proposes_asks_people() -> None:
    decision = decide(policy_of({**ABROAD, "mode": "propose", "alarm": "4h"}), IN_NL)
    assert (to(decision), desk(decision)) == ([("hotline-nl", "propose")], [DeskCode.PROPOSED])
    assert decision.desk[0].alarm == timedelta(hours=4)
    assert decision.assigned_country == "NL"


def test_what_is_not_assessed_is_proposed_to_a_partner_that_takes_assessed_material_only() -> None:
    decision = decide(policy_of(ABROAD), IN_NL.model_copy(update={"assessment": Assessment.UNASSESSED}))
    assert (to(decision), desk(decision)) == ([("hotline-nl", "propose")], [DeskCode.NOT_ASSESSED])


def test_the_proposal_of_unassessed_material_still_passes_every_other_bar() -> None:
    facts = IN_NL.model_copy(update={"assessment": Assessment.UNASSESSED, "path": ("hotline-nl",)})
    decision = decide(policy_of(ABROAD), facts)
    assert (to(decision), [reason.code for reason in decision.refused]) == ([], ["on_path"])


def test_national_law_material_needs_the_partner_s_yes() -> None:
    facts = IN_NL.model_copy(update={"assessment": Assessment.NATIONAL})
    assert to(decide(policy_of(ABROAD), facts)) == [("hotline-nl", "automatic")]
    reluctant = directory_of(NL.model_copy(update={"accepts": (Assessment.BASELINE,)}))
    decision = decide(policy_of(ABROAD), facts, reluctant)
    assert (to(decision), [reason.code for reason in decision.refused]) == ([], ["not_accepted"])


def test_people_first_and_police_at_once() -> None:
    risk = {"name": "risk", "when": {"urgency": ["live"]}, "to": ["desk", "police"], "alarm": "15m"}
    decision = decide(policy_of(risk), baseline(urgency="live"))
    assert (to(decision), desk(decision)) == ([("police", "automatic")], [DeskCode.CHILD_AT_RISK])
    assert decision.desk[0].alarm == timedelta(minutes=15)
    assert decision.assigned_country == "BE"


def test_a_proposal_below_a_question_keeps_the_question_first() -> None:
    ask = {"name": "ask", "when": {"confidence_below": 0.9}, "to": ["desk"], "reason": "unsure"}
    decision = decide(policy_of(ask, ABROAD), IN_NL)
    assert (to(decision), desk(decision)) == ([("hotline-nl", "propose")], [DeskCode.DOUBTFUL])
    assert decision.reason == "unsure"


def test_a_territory_served_by_assumption_is_confirmed_by_people() -> None:
    directory = directory_of(NL, territories={"CW": "NL"}, assumed={"CW": "a separate country"})
    decision = decide(policy_of(ABROAD), baseline(hosting_country="CW", has_hotline=True), directory)
    assert (to(decision), desk(decision)) == ([("hotline-nl", "propose")], [DeskCode.PROPOSED])
    assert "only assumed: a separate country" in decision.desk[0].text
    assert decision.assigned_country == "NL"


def test_a_territory_that_is_certain_needs_nobody() -> None:
    directory = directory_of(NL, territories={"BQ": "NL"})
    decision = decide(policy_of(ABROAD), baseline(hosting_country="BQ", has_hotline=True), directory)
    assert (to(decision), desk(decision), decision.assigned_country) == ([("hotline-nl", "automatic")], [], "NL")


def test_the_same_question_is_asked_once_and_the_same_refusal_said_once() -> None:
    twice: list[dict[str, Any]] = [
        {"name": "a", "to": ["hotline:FR", "desk"], "copy": True, "reason": "look"},
        {"name": "b", "to": ["hotline:FR", "desk"], "reason": "look"},
    ]
    decision = decide(policy_of(*twice), baseline())
    assert (len(decision.desk), len(decision.refused)) == (1, 1)


def test_a_partner_that_serves_several_is_assigned_for_the_country_asked() -> None:
    hub = partner("hub", "FR", "NL", kind=PartnerKind.HUB)
    assert decide(policy_of(ABROAD), IN_NL, directory_of(hub, POLICE)).assigned_country == "NL"


AT_RISK = {"name": "at-risk", "to": ["desk", "police"]}


def test_a_route_that_adds_lets_the_rules_below_propose_beside_what_it_sent() -> None:
    decision = decide(policy_of(AT_RISK, ABROAD, {"name": "rest", "to": ["police"]}), IN_NL)
    assert to(decision) == [("police", "automatic"), ("hotline-nl", "propose")]


def test_what_a_route_above_sends_by_itself_is_not_held_by_one_below_that_chooses_the_same() -> None:
    decision = decide(policy_of(AT_RISK, {"name": "rest", "to": ["police"]}), baseline(hosting_country="BE"))
    assert to(decision) == [("police", "automatic")]
