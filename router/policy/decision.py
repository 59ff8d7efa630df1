"""The rules in force, and what they decide of facts: judged once, and remembered for facts that are met again.

A judgement is a pure function of facts, policy, directory and day, so the one made before is the one that would be made
now. Reports of one host or network meet the same facts; how much that saves, benchmarks/decision.py prints.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from router.policy.judge import judge
from router.policy.recipients import resolve
from router.policy.same import Same
from schemas.decision import Decision
from schemas.facts import Facts
from schemas.partner import Directory
from schemas.policy import Policy

#: Decisions kept, a few kilobytes each: a bound for the memory, some ten megabytes.
_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force: the policy with its version, the directory, and the time."""

    version: int
    policy: Policy
    directory: Directory
    now: datetime


def decide(rules: Rules, facts: Facts) -> Decision:
    """Return who receives by these rules, who was ruled out and why, and what people are asked."""
    known = _on_day(rules.version, Same(rules.policy), Same(rules.directory), rules.now.date(), facts)
    if all(one.hold_until is None for one in known.recipients):
        return known
    return _decided(rules, facts)  # a hold counts from this very moment


@lru_cache(_REMEMBERED)
def _on_day(version: int, policy: Same[Policy], directory: Same[Directory], day: date, facts: Facts) -> Decision:
    return _decided(Rules(version, policy.it, directory.it, datetime.combine(day, time.min, UTC)), facts)


def _decided(rules: Rules, facts: Facts) -> Decision:
    judgement = judge(rules.policy, facts)
    return resolve(judgement, facts, rules.directory, rules.policy, rules.now, rules.version)
