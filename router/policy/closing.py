"""Does a case close, and on what? The policy's closing rules, asked of what is known. Pure.

A partner's word is its last final act. Removed ends it there. Unavailable ends it when the partner saw that it is gone,
and never when it could not look: ICCAM has reasons for both under the same act. "404" from somebody who was not given
the referrer by which the page opens is no proof, and no answer of a host to our own request is: it says at most that
somebody is there. That its every address refused it is one only where the policy says so.

NotIllegal holds for that partner's country only: of what is illegal by our own law alone it ends it there; of baseline
material it is a disagreement, and a person says what it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from schemas.acts import Finding
from schemas.closing import Closing, ClosingTest, PartnerWord, Proof, RestsOn
from schemas.policy import Policy
from schemas.vocabulary import SEEN_GONE, ActionReason, ActionType, Assessment, Outcome, action_reason

#: Whose NotIllegal ends it in the partner's country: nobody calls it illegal everywhere.
_BY_LAW_OF_A_COUNTRY: Final = frozenset({Assessment.NATIONAL, Assessment.NOT_ILLEGAL})


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules make of a case: it closes (`outcome` and what that rests on), people disagree, or it stays open.

    `word` is the position of the partner's word that decided it, among those of the proof. `waits` is whether it closes
    only once people have answered what they are asked.
    """

    outcome: Outcome | None = None
    rests_on: RestsOn | None = None
    word: int | None = None
    disagreement: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class ClosingFailure:
    """One closing test that the policy fails."""

    number: int  #: 1-based, in the order of the file
    name: str
    wanted: str
    got: str

    def __str__(self) -> str:
        """Return it as one line for people."""
        return f"closing test {self.number} ({self.name}): wants {self.wanted}, got {self.got}"


def rule(rules: Closing, proof: Proof) -> Ruling:
    """Return what follows for a case of which this is known."""
    if proof.seen in (Finding.GONE, Finding.CONTENT_GONE):
        return Ruling(Outcome.REMOVED, RestsOn.STAFF)
    disagrees = next((at for at, word in enumerate(proof.partners) if _disagrees(proof, word)), None)
    if disagrees is not None:
        return Ruling(word=disagrees, disagreement=True)
    return replace(_by_itself(rules, proof), waits=proof.asked)


def _by_itself(rules: Closing, proof: Proof) -> Ruling:
    if rules.partners and not proof.unheard and (by_partners := _by_partners(proof)) is not None:
        return by_partners
    rows = (proof.gone_hours, proof.refused_hours if rules.refused else ())
    if rules.host_gone and any(len(counted(row, rules)) >= rules.gone_checks for row in rows):
        return Ruling(Outcome.UNAVAILABLE, RestsOn.HOST_GONE)
    return Ruling()


def ended(word: PartnerWord) -> Outcome | None:
    """Return how a partner ended what it was given, whatever the material is; None when it did not.

    Unavailable for any other reason than that of somebody who saw it gone, for none, or for one in the partner's own
    words, is for people.
    """
    if word.action is ActionType.REMOVED:
        return Outcome.REMOVED
    reason = action_reason(word.reason)
    blind = word.referrer_missing and reason is ActionReason.NOT_FOUND_OR_DOWN
    if word.action is ActionType.UNAVAILABLE and reason in SEEN_GONE and not blind:
        return Outcome.UNAVAILABLE
    return None


def counted(hours: Sequence[float], rules: Closing) -> tuple[float, ...]:
    """Return those of the checks in a row that count: each far enough from the last one that did."""
    apart, kept = rules.gone_apart / timedelta(hours=1), list[float]()
    for at in hours:
        if not kept or at - kept[-1] >= apart:
            kept.append(at)
    return tuple(kept)


def _disagrees(proof: Proof, word: PartnerWord) -> bool:
    baseline = proof.assessment is Assessment.BASELINE
    return word.action is ActionType.NOT_ILLEGAL and baseline and not word.overruled


def _by_partners(proof: Proof) -> Ruling | None:
    """Return the closing by every partner's final act; None while one has not ended it, or they contradict."""
    words = proof.partners
    if words and all(word.action is ActionType.NOT_ILLEGAL for word in words):
        return Ruling(Outcome.NOT_ILLEGAL, RestsOn.PARTNERS, 0) if proof.assessment in _BY_LAW_OF_A_COUNTRY else None
    outcomes = [ended(word) for word in words]
    if not outcomes or None in outcomes:
        return None
    said = Outcome.REMOVED if Outcome.REMOVED in outcomes else Outcome.UNAVAILABLE
    return Ruling(said, RestsOn.PARTNERS, outcomes.index(said))


def run_closing_tests(policy: Policy) -> tuple[ClosingFailure, ...]:
    """Return the closing tests that fail, in the order of the file."""
    failures = (_failure(policy, number, test) for number, test in enumerate(policy.closing_tests, start=1))
    return tuple(failure for failure in failures if failure is not None)


def _failure(policy: Policy, number: int, test: ClosingTest) -> ClosingFailure | None:
    ruling = rule(policy.closing, test.given)
    outcome = None if ruling.waits else ruling.outcome
    got = "disagreement" if ruling.disagreement else outcome or "open"
    name = test.name or f"expects {test.expect}"
    if got != test.expect:
        return ClosingFailure(number, name, test.expect, str(got))
    if test.rests_on is not None and ruling.rests_on is not test.rests_on:
        return ClosingFailure(number, name, f"by {test.rests_on}", f"by {ruling.rests_on or 'nothing'}")
    return None
