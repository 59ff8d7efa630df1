"""What another policy would have decided: stored facts judged again, and only the changed decisions shown.

Both sides are told by what happens to a case (who receives, whether people are asked), not by the path. The directory
is today's, so a decision can also differ because a partner was enabled or disabled since.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from router.policy.decision import Rules, decide
from schemas.decision import Decision, Mode, Recipient
from schemas.facts import Facts
from schemas.governed import ChangeKind
from schemas.partner import Directory
from schemas.policy import DESK, Policy


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision as it was made, with the facts it rested on."""

    case: str
    facts: Facts
    decision: Decision


@dataclass(frozen=True, slots=True)
class Changed:
    """One case that the other policy would have treated differently."""

    case: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    route_before: str
    route_after: str
    kind: ChangeKind = ChangeKind.OTHERWISE

    def __str__(self) -> str:
        """Return it as one line for people."""
        before, after = ", ".join(self.before), ", ".join(self.after)
        return f"{self.case} [{self.kind}]: {before} ({self.route_before}) -> {after} ({self.route_after})"


def diff(stored: Iterable[Stored], policy: Policy, directory: Directory, now: datetime) -> Iterator[Changed]:
    """Yield the decisions that the policy would change. What people decided is theirs and is left out."""
    for old in stored:
        if old.decision.by != "policy":
            continue
        new = decide(Rules(0, policy, directory, now), old.facts)
        before, after = _effect(old.decision), _effect(new)
        if before != after:
            yield Changed(old.case, before, after, _decided(old.decision), _decided(new), _kind(old.decision, new))


def _kind(before: Decision, after: Decision) -> ChangeKind:
    """Return what the change comes to for whoever reads a list: who has it by itself, and whether people are asked."""
    sent, sends = (
        {one.partner for one in decision.recipients if one.mode is Mode.AUTOMATIC} for decision in (before, after)
    )
    if sends - sent:
        return ChangeKind.ELSEWHERE if sent else ChangeKind.BY_ITSELF
    if sent - sends:
        return ChangeKind.FEWER if sends else ChangeKind.TO_PEOPLE
    if bool(before.desk) != bool(after.desk):
        return ChangeKind.TO_PEOPLE if after.desk else ChangeKind.NOT_ASKED
    return ChangeKind.OTHERWISE


def _effect(decision: Decision) -> tuple[str, ...]:
    people = [f"{DESK}:{code}" for code in sorted({call.code for call in decision.desk})]
    return (*people, *sorted(_words(recipient) for recipient in decision.recipients))


def _words(recipient: Recipient) -> str:
    said = [
        *(["copy"] if recipient.copy_ else []),
        *(["proposed"] if recipient.mode is Mode.PROPOSE else []),
        *(["held"] if recipient.hold_until else []),
    ]
    return f"{recipient.partner} ({', '.join(said)})" if said else recipient.partner


def _decided(decision: Decision) -> str:
    return next((step.route for step in decision.path if step.matched), "-")
