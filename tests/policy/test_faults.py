from typing import Any

import pytest
from hypothesis import assume, given
from pydantic import ValidationError

from router.policy.faults import faults
from router.policy.judge import first_failure, judge
from schemas.facts import Facts
from schemas.policy import Policy, Unseen, When
from tests.policy.samples import TEST, any_facts, any_policy, any_when, directory_of, policy_of

REST = {"name": "rest", "to": ["police"]}


def said(policy: Policy) -> list[str]:
    return [f"{loc[0]} {loc[1]}: {text}" for loc, text in faults(policy, directory_of())]


def test_a_good_policy_has_none() -> None:
    assert (
        said(policy_of({"name": "abroad", "when": {"has_hotline": True}, "to": ["hotline:hosting_country"]}, REST))
        == []
    )


def shadowed(above: dict[str, Any], below: dict[str, Any], **more: Any) -> bool:
    first = {"name": "above", "when": above, "to": ["police"], **more}
    policy = policy_of(first, {"name": "below", "when": below, "to": ["police"]}, REST)
    return any("never reached: route above" in text for _, text in faults(policy))


@pytest.mark.parametrize(
    ("above", "below", "never"),
    [
        ({}, {"moved": True}, True),
        ({"moved": True}, {"moved": True}, True),
        ({"moved": True}, {"moved": False}, False),
        ({"moved": True}, {}, False),
        ({"moved": True}, {"moved": True, "has_hotline": True}, True),
        ({"moved": True, "has_hotline": True}, {"moved": True}, False),
        ({"urgency": ["live", "imminent_risk"]}, {"urgency": ["live"]}, True),
        ({"urgency": ["live"]}, {"urgency": ["live", "imminent_risk"]}, False),
        ({"platform": True}, {"platform": ["Example"]}, True),
        ({"platform": False}, {"platform": ["Example"]}, False),
        ({"platform": ["Example"]}, {"platform": True}, False),
        ({"confidence_below": 0.9}, {"confidence_below": 0.8}, True),
        ({"confidence_below": 0.9}, {"confidence_below": 0.9}, True),
        ({"confidence_below": 0.8}, {"confidence_below": 0.9}, False),
        ({"bounced_at_least": 1}, {"bounced_at_least": 2}, True),
        ({"bounced_at_least": 2}, {"bounced_at_least": 2}, True),
        ({"bounced_at_least": 2}, {"bounced_at_least": 1}, False),
        ({"still_there_at_least": 3}, {"still_there_at_least": 6}, True),
        ({"still_there_at_least": 6}, {"still_there_at_least": 3}, False),
    ],
)
def test_a_route_behind_a_wider_one_is_never_reached(above: dict[str, Any], below: dict[str, Any], never: bool) -> None:
    assert shadowed(above, below) is never


def test_copies_and_questions_hide_nothing() -> None:
    assert not shadowed({}, {"moved": True}, copy=True)
    assert not shadowed({}, {"moved": True}, to=["desk"])
    assert shadowed({}, {"moved": True}, to=["desk"], proposal=False)


@given(any_policy(), any_facts)
def test_a_route_that_is_said_to_be_never_reached_is_not(policy: Policy, facts: Facts) -> None:
    never = {policy.routes[int(loc[1])].name for loc, text in faults(policy) if "never reached" in text}
    assume(never)
    assert not {choice.route.name for choice in judge(policy, facts).choices} & never


@given(any_when(), any_when(), any_facts)
def test_the_wider_of_two_matches_all_that_the_narrower_does(above: When, below: When, facts: Facts) -> None:
    first = {"name": "above", "when": above.model_dump(mode="json", exclude_none=True), "to": ["police"]}
    second = {"name": "below", "when": below.model_dump(mode="json", exclude_none=True), "to": ["police"]}
    hidden = any("route above" in text for _, text in faults(policy_of(first, second)))
    if hidden and first_failure(below, facts, "BE") is None:
        assert first_failure(above, facts, "BE") is None


def test_names_are_given_once() -> None:
    policy = policy_of({**REST, "when": {"moved": True}}, {**REST, "when": {"moved": False}}, REST)
    assert said(policy) == [
        "route 1: 3 routes have this name; give each its own",
        "route 2: 3 routes have this name; give each its own",
    ]


def test_recipients_must_be_able_to_receive() -> None:
    policy = policy_of({"name": "x", "to": ["hotline:BE", "hotline:CA", "hotline-ca"]}, barred={"CA": "an embargo"})
    assert said(policy) == [
        "route 0: hotline:BE is ourselves; write 'desk'",
        "route 0: CA is barred: an embargo",
        "route 0: hotline-ca is in CA, which is barred: an embargo",
    ]


def test_home_cannot_be_barred() -> None:
    assert any("our own country" in text for text in said(policy_of(REST, barred={"BE": "an error"})))


def test_tests_name_what_there_is() -> None:
    test = {**TEST, "route": "nowhere", "expect": ["meldpunt"], "propose": ["police", "nobody"]}
    assert said(policy_of(REST, tests=[TEST, test])) == [
        "tests 1: no route is named nowhere",
        "tests 1: the directory has no partner named meldpunt",
        "tests 1: the directory has no partner named nobody",
    ]


def test_a_test_may_name_the_root_and_expect_a_barred_partner_not_to_receive() -> None:
    test = {**TEST, "route": "root", "expect": ["hotline-ca", "hotline:RU", "desk"]}
    assert said(policy_of({**REST, "when": {"moved": True}}, tests=[test], barred={"CA": "an embargo"})) == []


@pytest.mark.parametrize(
    ("to", "wrong"),
    [
        ("police", None),
        ("nobody", "the directory has no partner named nobody"),
        ("hotline-nl", "hotline-nl is no police"),
    ],
)
def test_only_police_of_the_directory_are_handed_what_nobody_answered(to: str, wrong: str | None) -> None:
    given = policy_of(REST).model_copy(update={"unseen_then": Unseen.HAND_TO_POLICE, "unseen_to": to})
    found = [text for loc, text in faults(given, directory_of()) if loc == ("unseen_to",)]
    assert [wrong is not None and one.startswith(wrong) for one in found] == ([] if wrong is None else [True])


def test_police_in_a_barred_country_are_none() -> None:
    more = {"unseen_then": Unseen.HAND_TO_POLICE, "unseen_to": "police", "barred": {"BE": "a court's order"}}
    given = policy_of(REST).model_copy(update=more)
    assert any(loc == ("unseen_to",) and "barred" in text for loc, text in faults(given, directory_of()))


@pytest.mark.parametrize(
    "more",
    [{"unseen_then": "hand-to-police"}, {"unseen_to": "police"}, {"unseen_then": "go-home"}, {"unseen_after": 3}],
)
def test_half_of_what_follows_an_unanswered_alarm_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate({**policy_of(REST).model_dump(by_alias=True), **more})


def test_no_route_takes_the_name_of_what_nobody_answered() -> None:
    with pytest.raises(ValidationError, match="choose another name"):
        policy_of({"name": "unseen", "to": ["police"]}, REST)
