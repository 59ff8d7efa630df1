from datetime import timedelta
from typing import Any

import pytest

from router.policy.calls import call_of, call_to_choose, call_to_confirm
from router.policy.judge import ROOT
from schemas.casefile import DeskCode
from schemas.decision import Mode, Recipient
from schemas.facts import Facts
from schemas.policy import Policy
from schemas.trace import Reason
from tests.policy.samples import baseline, policy_of

PROPOSED = [Recipient(partner="hotline-nl", route="a", mode=Mode.PROPOSE), Recipient(partner="police", route="b")]


def asking(**more: Any) -> Policy:
    return policy_of({"name": "ask", "to": ["desk"], **more})


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({"urgency": ["live"]}, DeskCode.CHILD_AT_RISK),
        ({"urgency": ["imminent_risk"], "assessment": ["unassessed"]}, DeskCode.CHILD_AT_RISK),
        ({"urgency": ["none"]}, DeskCode.POLICY),
        ({"bounced_at_least": 2}, DeskCode.BOUNCED),
        ({"assessment": ["unassessed"]}, DeskCode.NOT_ASSESSED),
        ({"assessment": ["not_illegal"]}, DeskCode.POLICY),
        ({"verdict": ["edge_only"]}, DeskCode.EDGE_ONLY),
        ({"reasons": ["shortener"]}, DeskCode.SHORTENED),
        ({"seen_older_than": "48h"}, DeskCode.SEEN_LONG_AGO),
        ({"still_there_at_least": 3}, DeskCode.POLICY),
        ({"reasons": ["platform"]}, DeskCode.POLICY),
        ({"verdict": ["split"]}, DeskCode.POLICY),
        ({"confidence_below": 0.9}, DeskCode.DOUBTFUL),
        ({}, DeskCode.POLICY),
    ],
)
def test_the_condition_says_what_people_are_asked(when: dict[str, Any], code: DeskCode) -> None:
    policy = asking(when=when)
    call = call_of(policy.routes[0], policy)
    assert call.code == code
    assert call.text


def test_the_route_s_own_reason_and_alarm_are_used() -> None:
    policy = asking(reason="look here", alarm="15m")
    call = call_of(policy.routes[0], policy)
    assert (call.text, call.alarm) == ("look here", timedelta(minutes=15))


def test_without_a_reason_the_route_is_named() -> None:
    policy = asking()
    assert call_of(policy.routes[0], policy).text == "the policy's route ask asks people"


def test_an_edge_has_the_policy_s_clock_unless_the_route_has_its_own() -> None:
    policy = asking(when={"verdict": ["edge_only"]})
    assert call_of(policy.routes[0], policy).alarm == policy.origin_wait == timedelta(hours=24)
    policy = asking(when={"verdict": ["edge_only"]}, alarm="2h")
    assert call_of(policy.routes[0], policy).alarm == timedelta(hours=2)
    policy = asking(when={"verdict": ["split"]})
    assert call_of(policy.routes[0], policy).alarm is None


def test_the_root_says_that_no_rule_decides() -> None:
    call = call_of(ROOT, asking())
    assert (call.code, call.text) == (DeskCode.NO_ROUTE, "No rule of the policy decides this case.")


def test_a_proposal_names_whom_one_key_would_reach() -> None:
    call = call_to_confirm(PROPOSED, baseline(), [])
    assert (call.code, call.text) == (DeskCode.PROPOSED, "confirm sending to hotline-nl, police")
    assert call.alarm is None


def test_a_proposal_of_unassessed_material_asks_for_the_assessment() -> None:
    call = call_to_confirm(PROPOSED, Facts(), [])
    assert call.code == DeskCode.NOT_ASSESSED
    assert call.text.startswith("assess it")


def test_the_soonest_alarm_of_the_routes_counts() -> None:
    policy = policy_of(
        {"name": "a", "to": ["police"], "mode": "propose", "alarm": "24h", "copy": True},
        {"name": "b", "to": ["police"], "mode": "propose", "alarm": "15m", "copy": True},
        {"name": "c", "to": ["police"]},
    )
    assert call_to_confirm(PROPOSED, baseline(), policy.routes).alarm == timedelta(minutes=15)


def test_nobody_left_says_why_each_was_ruled_out() -> None:
    refused = [Reason(code="barred", text="nothing may be sent to RU"), Reason(code="disabled", text="X is disabled")]
    call = call_to_choose(refused)
    assert call.code == DeskCode.NO_RECIPIENT
    assert call.text == "nobody chosen may receive it: nothing may be sent to RU; X is disabled"
    assert "copies" in call_to_choose([]).text
