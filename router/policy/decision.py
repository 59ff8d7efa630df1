"""The rules in force, and what they decide of facts: judged once, and remembered for facts that are met again.

A judgement is a pure function of policy, directory, day and of those facts that the policy's conditions look at, so
where they are the same, the one made before is the one that would be made now, word for word. Reports of one host or
network meet the same facts; how much that saves, benchmarks/decision.py prints.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from router.policy.judge import fact_of, judge
from router.policy.recipients import resolve
from router.policy.same import Same
from schemas.decision import Decision
from schemas.facts import Facts
from schemas.partner import Directory
from schemas.policy import Policy

#: Decisions kept, a few kilobytes each: a bound for the memory, some ten megabytes.
_REMEMBERED: Final = 4096
#: What is looked at whatever the routes ask: by whom a recipient's word means, and by the rules on every way out.
_ALWAYS: Final = frozenset({"hosting_country", "account_country", "assessment", "urgency", "iccam", "path"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force: the policy with its version, the directory, and the time."""

    version: int
    policy: Policy
    directory: Directory
    now: datetime


def decide(rules: Rules, facts: Facts) -> Decision:
    """Return who receives by these rules, who was ruled out and why, and what people are asked."""
    policy, day = Same(rules.policy), rules.now.date()
    known = _known(rules.version, policy, Same(rules.directory), day)
    seen = _looked_at(policy)(facts.__dict__)
    found = known.get(seen)
    if found is None:
        if len(known) >= _REMEMBERED:
            known.clear()
        midnight = datetime.combine(day, time.min, UTC)
        found = known[seen] = _decided(Rules(rules.version, rules.policy, rules.directory, midnight), facts)
    if all(one.hold_until is None for one in found.recipients):
        return found
    return _decided(rules, facts)  # a hold counts from this very moment


@lru_cache(2)  # what is in force, and what was a moment ago
def _known(version: int, policy: Same[Policy], directory: Same[Directory], day: date) -> dict[Any, Decision]:  # noqa: ARG001 - its key
    return {}


@lru_cache(8)
def _looked_at(policy: Same[Policy]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Return what takes from a case's facts those that a judgement by this policy looks at."""
    asked = {fact_of(key) for route in policy.it.routes for key, _ in route.when.conditions}
    return itemgetter(*sorted(asked | _ALWAYS))


def _decided(rules: Rules, facts: Facts) -> Decision:
    judgement = judge(rules.policy, facts)
    return resolve(judgement, facts, rules.directory, rules.policy, rules.now, rules.version)
