from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.policy.judge import COUNTRY_FACTS, REPORTED, ROOT, UNSAID, first_failure, judge, unsaid
from schemas.facts import Facts
from schemas.locator import LocationKind
from schemas.policy import HOME, Policy, When
from schemas.trace import VerdictKind
from schemas.vocabulary import Assessment, Urgency
from tests.policy.samples import any_facts, any_policy, any_when, baseline, policy_of

DESK_ONLY = {"name": "ask", "to": ["desk"]}
POLICE_LAST = {"name": "rest", "to": ["police"]}


def words(policy: Policy, facts: Facts) -> list[tuple[str, str, bool]]:
    return [(choice.word, choice.route.name, choice.proposed) for choice in judge(policy, facts).choices]


def walked(policy: Policy, facts: Facts) -> list[tuple[str, bool]]:
    return [(step.route, step.matched) for step in judge(policy, facts).path]


def holds(when: When, facts: Facts, home: str) -> bool:
    """A second reading of every condition, written the long way, for the tests alone."""

    def one(key: str, wanted: Any) -> bool:
        if key == "confidence_below":
            return facts.confidence < wanted
        if key == "bounced_at_least":
            return facts.bounced >= wanted
        if key == "still_there_at_least":
            return facts.still_there >= wanted
        value = getattr(facts, key)
        values = list(value) if isinstance(value, tuple) else [value]
        if wanted is True or wanted is False:
            present = value if isinstance(value, bool) else value not in (None, (), "")
            return bool(present) == wanted
        if key in COUNTRY_FACTS:
            wanted = [home if word == "home" else word for word in wanted]
        return any(v == w for v in values for w in wanted)

    return all(one(key, wanted) for key, wanted in when.model_dump().items() if wanted is not None)


@given(any_when(), any_facts)
def test_a_condition_holds_when_a_second_reading_says_so(when: When, facts: Facts) -> None:
    assert (first_failure(when, facts, "BE") is None) == holds(when, facts, "BE")


@given(any_policy(), any_facts)
def test_every_case_ends_with_a_partner_or_with_people(policy: Policy, facts: Facts) -> None:
    judgement = judge(policy, facts)
    assert judgement.choices
    assert any(not choice.route.copy_ for choice in judgement.choices)


@given(any_policy(), any_facts)
def test_the_path_is_the_routes_from_the_top_and_says_of_each_whether_it_matched(policy: Policy, facts: Facts) -> None:
    path = judge(policy, facts).path
    written = [step for step in path if step.route != ROOT.name]
    assert [step.route for step in written] == [route.name for route in policy.routes][: len(written)]
    for step, route in zip(written, policy.routes, strict=False):
        assert step.matched == holds(route.when, facts, policy.home)
        assert step.because


@given(any_policy(), any_facts)
def test_only_matched_routes_choose_and_the_walk_ends_at_the_first_that_ends_it(policy: Policy, facts: Facts) -> None:
    judgement = judge(policy, facts)
    matched = [step.route for step in judgement.path if step.matched]
    assert list(dict.fromkeys(choice.route.name for choice in judgement.choices)) == matched
    routes = {route.name: route for route in (*policy.routes, ROOT)}
    assert not any(routes[name].ends_the_walk for name in matched[:-1])


@given(any_policy(), any_facts)
def test_the_root_speaks_only_when_no_route_above_did_more_than_copy(policy: Policy, facts: Facts) -> None:
    judgement = judge(policy, facts)
    others = [choice for choice in judgement.choices if choice.route is not ROOT]
    assert any(choice.route is ROOT for choice in judgement.choices) == all(choice.route.copy_ for choice in others)


def test_the_first_match_wins() -> None:
    policy = policy_of(
        {"name": "first", "when": {"has_hotline": True}, "to": ["hotline:hosting_country"]},
        {"name": "second", "when": {"has_hotline": True, "moved": False}, "to": ["police"]},
        POLICE_LAST,
    )
    assert words(policy, baseline(has_hotline=True)) == [("hotline:hosting_country", "first", False)]
    assert walked(policy, baseline(has_hotline=True)) == [("first", True)]
    assert walked(policy, baseline()) == [("first", False), ("second", False), ("rest", True)]


def test_a_copy_adds_and_keeps_looking() -> None:
    policy = policy_of({"name": "also", "to": ["hotline:NL"], "copy": True}, POLICE_LAST)
    assert words(policy, baseline()) == [("hotline:NL", "also", False), ("police", "rest", False)]


def test_what_no_route_decides_goes_to_people() -> None:
    policy = policy_of({"name": "moved", "when": {"moved": True}, "to": ["police"]})
    assert words(policy, baseline()) == [("desk", "root", False)]
    assert walked(policy, baseline()) == [("moved", False), ("root", True)]


def test_copies_alone_leave_the_decision_to_people() -> None:
    policy = policy_of({"name": "also", "to": ["hotline:NL"], "copy": True})
    assert words(policy, baseline()) == [("hotline:NL", "also", False), ("desk", "root", False)]


def test_a_route_to_people_lets_the_rules_below_propose() -> None:
    policy = policy_of(DESK_ONLY, {"name": "also", "to": ["hotline:NL"], "copy": True}, POLICE_LAST)
    expected = [("desk", "ask", False), ("hotline:NL", "also", True), ("police", "rest", True)]
    assert words(policy, baseline()) == expected


def test_a_route_to_people_without_proposal_ends_the_walk() -> None:
    policy = policy_of({**DESK_ONLY, "proposal": False}, POLICE_LAST)
    assert words(policy, baseline()) == [("desk", "ask", False)]


def test_a_route_to_people_and_a_partner_lets_the_rules_below_propose() -> None:
    policy = policy_of({"name": "both", "to": ["desk", "police"]}, POLICE_LAST)
    expected = [("desk", "both", False), ("police", "both", False), ("police", "rest", True)]
    assert words(policy, baseline()) == expected


def test_a_route_to_people_and_a_partner_without_proposal_ends_the_walk() -> None:
    policy = policy_of({"name": "both", "to": ["desk", "police"], "proposal": False}, POLICE_LAST)
    assert words(policy, baseline()) == [("desk", "both", False), ("police", "both", False)]


def test_telling_people_by_copy_proposes_nothing() -> None:
    policy = policy_of({**DESK_ONLY, "copy": True}, POLICE_LAST)
    assert words(policy, baseline()) == [("desk", "ask", False), ("police", "rest", False)]


def test_a_second_route_to_people_adds_its_question_and_the_rules_below_still_propose() -> None:
    policy = policy_of(DESK_ONLY, {**DESK_ONLY, "name": "ask-more"}, POLICE_LAST)
    expected = [("desk", "ask", False), ("desk", "ask-more", True), ("police", "rest", True)]
    assert words(policy, baseline()) == expected


def test_home_is_our_country_in_facts_that_are_countries_only() -> None:
    when = When(hosting_country=(HOME,))
    assert first_failure(when, baseline(hosting_country="BE"), "BE") is None
    assert first_failure(when, baseline(hosting_country="BE"), "NL") is not None
    assert first_failure(When(source=(HOME,)), baseline(source="BE"), "BE") is not None


def test_confidence_below_is_below_and_not_at() -> None:
    when = When(confidence_below=0.9)
    assert first_failure(when, baseline(confidence=0.8999), "BE") is None
    assert first_failure(when, baseline(confidence=0.9), "BE") == "confidence is 0.9, not below 0.9"


def test_bounced_at_least_counts_the_number_itself() -> None:
    when = When(bounced_at_least=2)
    assert first_failure(when, baseline(bounced=2), "BE") is None
    assert first_failure(when, baseline(bounced=1), "BE") == "bounced is 1, not at least 2"


@pytest.mark.parametrize(
    ("when", "facts", "because"),
    [
        (When(hosting_country=("home", "FR")), {"hosting_country": "NL"}, "hosting_country is NL, not home or FR"),
        (When(hosting_country=True), {}, "hosting_country is not known"),
        (When(platform=False), {"platform": "Example"}, "platform is Example, so it is known"),
        (When(has_hotline=True), {}, "has_hotline is no, not yes"),
        (When(moved=False), {"moved": True}, "moved is yes, not no"),
        (When(countries=("FR",)), {"countries": ("NL", "CA")}, "countries is NL and CA, not FR"),
        (When(kind=(LocationKind.ONION,)), {}, "kind is url, not onion"),
        (
            When(verdict=(VerdictKind.SPLIT,), urgency=(Urgency.LIVE,)),
            {"verdict": VerdictKind.SPLIT},
            "urgency is none, not live",
        ),
    ],
)
def test_a_step_says_on_which_condition_it_failed(when: When, facts: dict[str, Any], because: str) -> None:
    assert first_failure(when, baseline(**facts), "BE") == because


def test_a_match_says_what_held() -> None:
    policy = policy_of({"name": "sure", "when": {"assessment": ["baseline"], "has_hotline": True}, "to": ["police"]})
    (step,) = judge(policy, baseline(has_hotline=True)).path
    assert step.because == "has_hotline is yes, assessment is baseline"
    (step,) = judge(policy_of(POLICE_LAST), baseline(assessment=Assessment.NATIONAL)).path
    assert step.because == "it has no conditions"


def test_seen_there_so_often_or_more_a_rule_decides() -> None:
    when = When(still_there_at_least=3)
    assert first_failure(when, baseline(still_there=4), "BE") is None
    assert first_failure(when, baseline(still_there=2), "BE") == "still_there is 2, not at least 3"


def test_it_is_asked_for_at_each_number_that_a_rule_names_and_after_as_many_more() -> None:
    rules = [{"name": f"there-{n}", "when": {"still_there_at_least": n}, "to": ["desk"]} for n in (5, 3)]
    policy = policy_of(*rules, POLICE_LAST)
    assert [n for n in range(1, 11) if policy.escalates(n)] == [3, 5, 6, 9, 10]
    assert not any(policy_of(POLICE_LAST).escalates(n) for n in range(1, 11))


@given(st.lists(st.sampled_from(sorted(Facts.model_fields)), min_size=1, unique=True), st.data())
def test_what_a_report_says_is_taken_out_of_a_path_and_nothing_else(names: list[str], data: st.DataObject) -> None:
    """As `judge` writes it: facts by commas, the last one with what was wanted instead where it failed."""
    value = st.sampled_from(("yes", "marked and forum", "DE", "0.98", "12.5", "not known"))
    said = [(name, data.draw(value)) for name in names]
    end = data.draw(st.sampled_from(("", ", not blog or forum", ", so it is known", ", not below 0.9", ", not yes")))
    because = ", ".join(f"{name} is {one}" for name, one in said) + end
    expected = ", ".join(f"{name} is {UNSAID if name in REPORTED else one}" for name, one in said) + end
    assert unsaid(because) == expected
    assert unsaid(unsaid(because)) == expected


@given(any_policy(), any_facts)
def test_no_step_of_a_path_says_what_a_report_says(policy: Policy, facts: Facts) -> None:
    for step in judge(policy, facts).path:
        for name in REPORTED:
            assert f"{name} is " not in unsaid(step.because).replace(f"{name} is {UNSAID}", "")
