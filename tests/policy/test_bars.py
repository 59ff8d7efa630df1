from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.policy.bars import barred, ended, may_be_called, may_receive
from schemas.facts import Facts
from schemas.partner import Agreement, Directory, Partner, PartnerKind
from schemas.policy import Policy, Unseen
from schemas.vocabulary import Assessment
from tests.policy.samples import (
    NL,
    POLICE,
    TODAY,
    any_directory,
    any_facts,
    any_policy,
    baseline,
    partner,
    policy_of,
)

POLICY = policy_of({"name": "rest", "to": ["police"]}, barred={"RU": "no transfer basis"})


def code(who: Partner, facts: Facts | None = None) -> str | None:
    reason = may_receive(who, facts or baseline(), POLICY, TODAY)
    return reason.code if reason else None


def test_a_partner_in_good_standing_may_receive() -> None:
    assert code(NL) is None
    assert code(POLICE) is None


def test_a_barred_country_receives_nothing_and_the_law_says_why() -> None:
    reason = may_receive(partner("hotline-ru", "RU"), baseline(), POLICY, TODAY)
    assert reason is not None
    assert (reason.code, reason.text) == ("barred", "nothing may be sent to RU: no transfer basis")


def test_a_hub_that_also_serves_a_barred_country_is_barred_whole() -> None:
    assert code(partner("hub", "NL", "RU", kind=PartnerKind.HUB)) == "barred"


@pytest.mark.parametrize("kind", list(PartnerKind))
def test_the_bar_holds_for_every_kind_of_partner(kind: PartnerKind) -> None:
    assert code(partner("anyone", "RU", kind=kind)) == "barred"


def test_a_partner_without_a_country_is_barred_while_any_country_is() -> None:
    nowhere = partner("nowhere", kind=PartnerKind.PROVIDER)
    assert code(nowhere) == "barred"
    free = policy_of({"name": "rest", "to": ["police"]})
    assert may_receive(nowhere, baseline(), free, TODAY) is None


def test_one_that_is_barred_or_disabled_is_not_called_for_anything() -> None:
    for who, why in ((partner("hotline-ru", "RU"), "barred"), (NL.model_copy(update={"enabled": False}), "disabled")):
        reason = may_be_called(who, POLICY)
        assert reason is not None
        assert reason.code == why


def test_one_whose_agreement_ended_may_still_be_asked_about_what_it_got() -> None:
    over = NL.model_copy(update={"agreement": Agreement(until=TODAY - timedelta(days=1))})
    assert may_be_called(over, POLICY) is None
    assert may_receive(over, baseline(), POLICY, TODAY) is not None


def test_the_hotline_of_our_own_country_is_ourselves() -> None:
    assert code(partner("hotline-be", "BE")) == "ourselves"
    assert code(partner("both", "NL", "BE")) == "ourselves"


@pytest.mark.parametrize("kind", [PartnerKind.POLICE, PartnerKind.PROVIDER, PartnerKind.HUB])
def test_other_bodies_of_our_own_country_are_not_ourselves(kind: PartnerKind) -> None:
    assert code(partner("somebody", "BE", kind=kind)) is None


def test_nobody_receives_twice_what_it_sent_on() -> None:
    assert code(NL, baseline(path=("hotline-ca", "hotline-nl"))) == "on_path"
    assert code(NL, baseline(path=("hotline-ca",))) is None


def test_a_disabled_partner_says_why() -> None:
    reason = may_receive(partner("x", "NL", enabled=False, disabled_reason="closed"), baseline(), POLICY, TODAY)
    assert reason is not None
    assert (reason.code, reason.text) == ("disabled", "X is disabled: closed")
    assert code(partner("x", "NL", enabled=False)) == "disabled"


@pytest.mark.parametrize(
    ("days", "expected"), [(-1, "agreement_ended"), (0, None), (1, None)], ids=["yesterday", "today", "tomorrow"]
)
def test_an_agreement_counts_through_its_last_day(days: int, expected: str | None) -> None:
    until = TODAY + timedelta(days=days)
    assert code(partner("x", "NL", agreement=Agreement(until=until))) == expected


def test_the_legal_basis_of_the_transfer_has_an_end_of_its_own() -> None:
    agreement = Agreement(
        until=TODAY + timedelta(days=99), transfer_basis="adequacy", transfer_until=date(2026, 11, 21)
    )
    assert code(partner("x", "CA", agreement=agreement)) == "transfer_ended"
    assert ended(agreement.model_copy(update={"transfer_until": TODAY}), TODAY) is None
    assert ended(Agreement(), TODAY) is None


@pytest.mark.parametrize("assessment", list(Assessment))
def test_a_partner_receives_only_what_it_takes(assessment: Assessment) -> None:
    who = partner("x", "NL", accepts=(Assessment.BASELINE,))
    expected = None if assessment is Assessment.BASELINE else "not_accepted"
    assert code(who, Facts(assessment=assessment)) == expected


def test_what_a_partner_takes_is_said() -> None:
    reason = may_receive(NL, Facts(assessment=Assessment.UNASSESSED), POLICY, TODAY)
    assert reason is not None
    assert reason.text == "Hotline-Nl takes baseline, national; this is unassessed"
    reason = may_receive(partner("x", "NL", accepts=()), baseline(), POLICY, TODAY)
    assert reason is not None
    assert "takes nothing" in reason.text


def test_the_law_is_named_before_anything_else() -> None:
    assert code(partner("x", "RU", enabled=False, accepts=()), baseline(path=("x",))) == "barred"


def test_only_a_barred_country_is_barred() -> None:
    assert barred("RU", POLICY) is not None
    assert barred("NL", POLICY) is None


@given(any_policy(), any_facts, any_directory(), st.sampled_from(["police", "hotline-nl", None]))
def test_what_nobody_answered_opens_one_way_only(
    policy: Policy, facts: Facts, directory: Directory, named: str | None
) -> None:
    then = Unseen.RING_ON if named is None else Unseen.HAND_TO_POLICE
    policy = policy.model_copy(update={"unseen_to": named, "unseen_then": then})
    for one in directory.partners:
        usually = may_receive(one, facts, policy, TODAY)
        handed = may_receive(one, facts, policy, TODAY, unseen=True)
        if handed == usually:
            continue
        assert usually is not None
        assert (usually.code, handed) == ("not_accepted", None)
        assert (one.name, one.kind, facts.assessment) == (named, PartnerKind.POLICE, Assessment.UNASSESSED)
