"""The rules in force, and what they decide of facts: judged once, and remembered for facts that are met again.

A judgement is a pure function of policy, directory, day and of those facts that the policy's conditions look at, so
where they are the same, the one made before is the one that would be made now, word for word. Reports of one host or
network meet the same facts; how much that saves, benchmarks/decision.py prints.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from operator import itemgetter
from typing import Any, Final

from router.policy.judge import HOST, fact_of, judge
from router.policy.recipients import resolve
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
    memory = _memory(rules)
    seen = memory.looked_at(facts.__dict__)
    found = memory.known.get(seen)
    if found is None:
        if len(memory.known) >= _REMEMBERED:
            memory.known.clear()
        midnight = datetime.combine(memory.day, time.min, UTC)
        found = _decided(Rules(rules.version, rules.policy, rules.directory, midnight), facts)
        memory.known[seen] = found
    if all(one.hold_until is None for one in found.recipients):
        return found
    return _decided(rules, facts)  # a hold counts from this very moment


@dataclass(frozen=True, slots=True, eq=False)
class _Memory:
    """What was decided by the rules of one day; they are told by which objects they are, comparing them costs much."""

    version: int
    policy: Policy
    directory: Directory
    day: date
    looked_at: Callable[[dict[str, Any]], tuple[Any, ...]]  #: takes from facts those that a judgement looks at
    known: dict[Any, Decision] = field(default_factory=dict)

    def is_of(self, rules: Rules, day: date) -> bool:
        """Tell whether it is of these rules on this day."""
        same = self.policy is rules.policy and self.directory is rules.directory and self.version == rules.version
        return same and self.day == day


#: Of what is in force, and of what was a moment ago.
_memories: list[_Memory] = []
_KEPT: Final = 2


def _memory(rules: Rules) -> _Memory:
    day = rules.now.date()
    for one in _memories:
        if one.is_of(rules, day):
            return one
    new = _Memory(rules.version, rules.policy, rules.directory, day, _looked_at(rules.policy))
    _memories[:] = [new, *_memories[: _KEPT - 1]]
    return new


def _looked_at(policy: Policy) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Return what takes from facts those that a judgement looks at; hosts that no rule names are all alike to it."""
    asked = {fact_of(key) for route in policy.routes for key, _ in route.when.conditions}
    taken = itemgetter(*sorted((asked | _ALWAYS) - {HOST}))
    if HOST not in asked:
        return taken
    named = frozenset(one for route in policy.routes for one in route.when.host_index or ())

    def with_host(facts: dict[str, Any]) -> tuple[Any, ...]:
        host = facts[HOST]
        return (*taken(facts), host if host in named else None)

    return with_host


def _decided(rules: Rules, facts: Facts) -> Decision:
    judgement = judge(rules.policy, facts)
    return resolve(judgement, facts, rules.directory, rules.policy, rules.now, rules.version)
