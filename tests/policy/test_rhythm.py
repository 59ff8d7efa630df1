"""When a referred case is looked at: the first rule that names a time, else the policy's own."""

from datetime import timedelta
from typing import Any

import pytest

from router.errors import PolicyInvalid
from router.policy.load import load
from router.policy.rhythm import rhythm, soonest
from schemas.follow_up import Followed, Rhythm
from schemas.vocabulary import ActionReason, Assessment, SiteType
from tests.policy.samples import directory_of, policy_of

ROUTE = {"name": "rest", "to": ["desk"]}
NL = Followed("hotline-nl", Assessment.BASELINE)
DAY = timedelta(days=1)


def days(*rules: dict[str, Any], of: Followed = NL) -> tuple[float, float, float]:
    found = rhythm(policy_of(ROUTE, follow_up_rule=list(rules)), of)
    return found.after / DAY, found.every / DAY, found.until / DAY


def test_five_days_and_no_rule() -> None:
    assert days() == (5, 5, 180)


def test_the_first_rule_that_names_a_time_gives_it() -> None:
    rules = ({"partner": ["hotline-nl"], "after": "3d"}, {"assessment": ["baseline"], "after": "4d", "every": "7d"})
    assert days(*rules) == (3, 7, 180)


@pytest.mark.parametrize(
    ("rule", "of", "matches"),
    [
        ({"partner": ["hotline-ca"]}, NL, False),
        ({"assessment": ["national"]}, NL, False),
        ({"site_type": ["forum"]}, NL, False),
        ({"site_type": ["forum"]}, Followed("hotline-nl", Assessment.BASELINE, SiteType.FORUM), True),
        ({"reason": ["Error503OrContentTemporarilyUnavailable"]}, NL, False),
        (
            {"reason": ["Error503OrContentTemporarilyUnavailable"]},
            Followed("hotline-nl", Assessment.BASELINE, None, ActionReason.TEMPORARILY_UNAVAILABLE),
            True,
        ),
    ],
)
def test_every_condition_is_asked(rule: dict[str, Any], of: Followed, matches: bool) -> None:
    assert days(rule | {"every": "1d"}, of=of)[1] == (1 if matches else 5)


def test_police_do_not_come_back_every_five_days_but_put_nobody_off() -> None:
    police, policy = Followed("police", Assessment.BASELINE, police=True), policy_of(ROUTE)
    assert soonest(policy, [police]) == Rhythm(30 * DAY, 30 * DAY, 180 * DAY)
    assert soonest(policy, [police, NL]) == soonest(policy, [NL]) == soonest(policy, [])


def test_of_several_the_soonest_counts_and_the_longest_lasts() -> None:
    rules = [{"partner": ["hotline-nl"], "after": "2d", "until": "30d"}, {"partner": ["hotline-ca"], "every": "1d"}]
    both = soonest(policy_of(ROUTE, follow_up_rule=rules), [NL, Followed("hotline-ca", Assessment.BASELINE)])
    assert both == Rhythm(2 * DAY, DAY, 180 * DAY)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ('partner = ["nobody"]\nevery = "3d"', "the directory has no partner named nobody"),
        ('partner = ["police"]', "say what is otherwise: `after`, `every` or `until`"),
        ('every = "90d"', "write 80 days or fewer"),
        ('evry = "9d"', "unknown key; did you mean every?"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule: str, says: str) -> None:
    text = 'version = 1\nhome = "BE"\n[[follow_up_rule]]\n' + rule
    text += (
        '\n[[route]]\nname = "rest"\nto = ["desk"]\n[[tests]]\ngiven = { assessment = "baseline" }\nexpect = ["desk"]'
    )
    with pytest.raises(PolicyInvalid) as refused:
        load(text, directory_of())
    assert says in refused.value.message
