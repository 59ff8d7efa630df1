"""What sends further is told, and what is not told sends nobody anything by itself that it did not send before."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.policy.decision import Rules, decide
from router.policy.widening import widened
from schemas.decision import Mode
from schemas.facts import Facts
from schemas.partner import Directory
from schemas.policy import Policy, Route
from tests.policy.samples import NOW, any_directory, any_facts, any_policy, policy_of

A: dict[str, Any] = {"name": "a", "when": {"has_hotline": True}, "to": ["hotline:NL"], "mode": "propose"}
B: dict[str, Any] = {"name": "b", "to": ["police"], "hold": "2h", "reason": "as agreed"}


@pytest.mark.parametrize(
    ("routes", "more", "words"),
    [
        ((A | {"mode": "automatic"}, B), {}, "sends by itself"),
        ((A | {"to": ["hotline:NL", "police"]}, B), {}, "police as well"),
        ((A, B | {"hold": "1h"}), {}, "waits less"),
        ((A | {"when": {}}, B), {}, "other cases"),
        ((B,), {}, "is gone"),
        ((B, A), {}, "another order"),
        ((A, A | {"name": "c"}, B), {}, "is new and sends to hotline:NL"),
        ((A, B), {"unseen_then": "hand-to-police", "unseen_to": "police"}, "nobody assessed"),
        ((A, B), {"hosting_basis": "registration"}, "another country"),
    ],
)
def test_what_sends_further_is_told(routes: tuple[Any, ...], more: dict[str, Any], words: str) -> None:
    found = widened(policy_of(A, B), policy_of(*routes, **more))
    assert any(words in one for one in found), found


@pytest.mark.parametrize(
    "routes",
    [
        (A, B),
        (A | {"to": ["desk"], "mode": "automatic"}, B),
        (A, B | {"hold": "3h", "reason": "other words"}),
        ({"name": "ask", "to": ["desk"]}, A, B),
        (A, B | {"mode": "propose"}),
    ],
)
def test_what_sends_less_is_not(routes: tuple[Any, ...]) -> None:
    """The first of these asks people in the place of a proposal."""
    assert widened(policy_of(A, B), policy_of(*routes)) in ((), ("route a no longer asks people",))


@st.composite
def changed(draw: st.DrawFn) -> tuple[Policy, Policy]:
    """A policy, and the same with some of its routes changed, gone, moved, or questions put between them."""
    before = draw(any_policy())
    routes: list[Route] = []
    for route in before.routes:
        if draw(st.booleans()) and draw(st.booleans()):
            routes.append(Route(name=f"ask-{len(routes)}", to=("desk",), proposal=draw(st.booleans())))
        kept = tuple(draw(st.sets(st.sampled_from(route.to), min_size=1)))
        fewer = {"to": tuple(one for one in route.to if one in kept), "mode": draw(st.sampled_from(Mode))}
        routes += [] if draw(st.integers(0, 9)) == 0 else [route.model_copy(update=fewer)]
    return before, before.model_copy(update={"routes": tuple(routes) or before.routes})


def sent_by_itself(policy: Policy, directory: Directory, facts: Facts) -> set[str]:
    found = decide(Rules(1, policy, directory, NOW), facts)
    return {one.partner for one in found.recipients if one.mode is Mode.AUTOMATIC}


@given(changed(), any_directory(), any_facts)
def test_what_is_not_told_lets_nothing_more_leave_by_itself(
    both: tuple[Policy, Policy], directory: Directory, facts: Facts
) -> None:
    before, after = both
    if widened(before, after):
        return
    assert sent_by_itself(after, directory, facts) <= sent_by_itself(before, directory, facts)
