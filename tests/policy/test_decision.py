"""What is remembered of a judgement is what would be judged now: of other rules, another day or a hold nothing is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from router.policy.decision import Rules, decide
from router.policy.judge import judge
from router.policy.recipients import resolve
from schemas.decision import Decision
from schemas.facts import Facts
from schemas.partner import Agreement, Directory
from schemas.policy import Policy
from tests.policy.samples import (
    HOSTS,
    NL,
    NOW,
    TODAY,
    any_directory,
    any_facts,
    any_policy,
    baseline,
    directory_of,
    policy_of,
)

ABROAD = {"name": "abroad", "when": {"has_hotline": True}, "to": ["hotline:hosting_country"]}
IN_NL = baseline(hosting_country="NL", has_hotline=True)


def afresh(rules: Rules, facts: Facts) -> Decision:
    return resolve(judge(rules.policy, facts), facts, rules.directory, rules.policy, rules.now, rules.version)


some_rules = st.lists(st.tuples(any_policy(), any_directory()), min_size=1, max_size=3)
moments = st.integers(0, 4 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(some_rules, st.lists(any_facts, min_size=1, max_size=3), st.data())
def test_a_decision_met_again_is_the_one_that_would_be_made_now(
    governed: list[tuple[Policy, Directory]], facts: list[Facts], data: st.DataObject
) -> None:
    asked = st.tuples(st.sampled_from(range(len(governed))), st.sampled_from(facts), moments, st.integers(1, 3))
    for which, known, now, version in data.draw(st.lists(asked, min_size=1, max_size=12)):
        rules = Rules(version, *governed[which], now)
        assert decide(rules, known) == afresh(rules, known)


@given(any_policy(), any_directory(), any_facts, any_facts, st.lists(st.sampled_from(sorted(Facts.model_fields))))
def test_facts_that_differ_in_what_is_looked_at_are_not_taken_for_each_other(
    policy: Policy, directory: Directory, facts: Facts, others: Facts, differing: list[str]
) -> None:
    """One fact after the other becomes another: each time the answer is that of the facts as they are."""
    rules = Rules(1, policy, directory, NOW)
    for name in ("", *differing):
        facts = facts.model_copy(update={name: getattr(others, name)} if name else {})
        assert decide(rules, facts) == afresh(rules, facts)


def test_a_hold_counts_from_the_moment_of_the_decision() -> None:
    policy = policy_of(ABROAD | {"hold": "1h", "reason": "police asked"})
    for hour in range(3):
        now = NOW + timedelta(hours=hour)
        (recipient,) = decide(Rules(1, policy, directory_of(), now), IN_NL).recipients
        assert recipient.hold_until == now + timedelta(hours=1)


def test_an_agreement_ends_on_its_day_although_the_facts_were_met_before() -> None:
    ending = NL.model_copy(update={"agreement": Agreement(until=TODAY)})
    directory = directory_of(ending)
    policy = policy_of(ABROAD)
    today, tomorrow = (decide(Rules(1, policy, directory, NOW + timedelta(days=d)), IN_NL) for d in (0, 1))
    assert [one.partner for one in today.recipients] == ["hotline-nl"]
    assert not tomorrow.recipients
    assert [one.code for one in tomorrow.refused] == ["agreement_ended"]


def test_hosts_that_no_rule_names_are_judged_once() -> None:
    policy = policy_of({"name": "host", "when": {"host_index": [HOSTS[0]]}, "to": ["police"]}, ABROAD)
    rules = Rules(1, policy, directory_of(), NOW)
    named, other, another = (
        decide(rules, IN_NL.model_copy(update={"host_index": host})) for host in (*HOSTS[:2], HOSTS[2])
    )
    assert [one.partner for one in named.recipients] == ["police"]
    assert other is another
    assert not any(host in named.model_dump_json() + other.model_dump_json() for host in HOSTS)
