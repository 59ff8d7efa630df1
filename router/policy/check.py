"""A policy's own tests, run through the same judge and the same resolving as real cases.

The rules are tested, not today's state of the directory: partners that a rule can mean count as enabled, with an
agreement that has not ended. What the policy bars stays barred.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from router.errors import PolicyInvalid
from router.policy.closing import ClosingFailure, run_closing_tests
from router.policy.decision import Rules, decide
from router.policy.recipients import Served, partner_for
from schemas.decision import Decision, Mode, Step
from schemas.partner import Agreement, Directory, Partner, PartnerKind
from schemas.playground import FailedTest
from schemas.policy import DESK, Policy, PolicyProblem, PolicyTest

#: Nothing in a test depends on the day: agreements do not end there, and holds are not compared.
_ANY_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: Nobody may keep such data for ever, and what nobody wrote down is kept for ever.
_NO_PERIODS: Final = "is missing; say how long things are kept: handles, urls, cases, audit"


@dataclass(frozen=True, slots=True)
class Failure:
    """One test that the policy fails: what it wants, what it got, and the path that led there."""

    number: int  #: 1-based, in the order of the file
    name: str
    wanted: str
    got: str
    path: tuple[Step, ...]

    def __str__(self) -> str:
        """Return it as one line for people."""
        return f"test {self.number} ({self.name}): wants {self.wanted}, got {self.got}"


def run_tests(policy: Policy, directory: Directory) -> tuple[Failure, ...]:
    """Return the tests that fail, in the order of the file."""
    ready = as_ready(directory)
    failures = [_run(policy, ready, number, test) for number, test in enumerate(policy.tests, start=1)]
    return tuple(failure for failure in failures if failure)


def prove(policy: Policy, directory: Directory) -> None:
    """Raise PolicyInvalid that names every test the policy fails; return when it passes them all."""
    failures: list[tuple[str, Failure | ClosingFailure]] = [("test", one) for one in run_tests(policy, directory)]
    failures += [("closing test", one) for one in run_closing_tests(policy)]
    if failures:
        problems = [PolicyProblem(place=f"{of} {f.name}", text=f"wants {f.wanted}, got {f.got}") for of, f in failures]
        count = "one of its tests" if len(failures) == 1 else f"{len(failures)} of its tests"
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise PolicyInvalid(f"The policy fails {count}:{listed}", reason="tests_fail", problems=problems)


def failed_tests(policy: Policy, directory: Directory) -> Iterator[FailedTest]:
    """Yield each of its own tests that the policy fails, as it is told beside its text."""
    for place, found in (("test", run_tests(policy, directory)), ("closing test", run_closing_tests(policy))):
        for one in found:
            path = one.path if isinstance(one, Failure) else ()
            yield FailedTest(place=place, number=one.number, name=one.name, wanted=one.wanted, got=one.got, path=path)


def counted_tests(policy: Policy) -> int:
    """Return how many tests a policy carries."""
    return len(policy.tests) + len(policy.closing_tests)


def check_periods(policy: Policy) -> Iterator[PolicyProblem]:
    """Yield what is wrong with a policy that does not say how long things are kept."""
    if policy.retention is None:
        yield PolicyProblem(place="retention", text=_NO_PERIODS)


def as_ready(directory: Directory) -> Directory:
    """Return the directory with every partner that a rule can mean enabled and its agreement without an end."""
    return directory.model_copy(update={"partners": tuple(_as_enabled(partner) for partner in directory.partners)})


def _as_enabled(partner: Partner) -> Partner:
    if partner.kind is PartnerKind.HOTLINE and not partner.default:
        return partner
    return partner.model_copy(update={"enabled": True, "agreement": Agreement()})


def _run(policy: Policy, directory: Directory, number: int, test: PolicyTest) -> Failure | None:
    decision = decide(Rules(0, policy, directory, _ANY_DAY), test.given)
    for wanted, got in _compared(policy, directory, test, decision):
        if wanted != got:
            name = test.name or f"expects {', '.join(test.expect)}"
            return Failure(number, name, _listed(wanted), _listed(got), decision.path)
    return None


def _compared(
    policy: Policy, directory: Directory, test: PolicyTest, decision: Decision
) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return the pairs of what is wanted and what came, as partners' names, each only if the test asks for it."""

    def names(words: tuple[str, ...]) -> frozenset[str]:
        return frozenset(_name(word, policy, directory, test) for word in words)

    def chosen(mode: Mode) -> frozenset[str]:
        return frozenset(recipient.partner for recipient in decision.recipients if recipient.mode is mode)

    compared = [(names(test.expect), chosen(Mode.AUTOMATIC) | ({DESK} if decision.desk else frozenset()))]
    if test.propose is not None:
        compared.append((names(test.propose), chosen(Mode.PROPOSE)))
    if test.route is not None:
        decided = next((step.route for step in decision.path if step.matched and not _copies(policy, step.route)), "")
        compared.append((frozenset({f"route {test.route}"}), frozenset({f"route {decided}"})))
    return compared


def _copies(policy: Policy, name: str) -> bool:
    return any(route.copy_ for route in policy.routes if route.name == name)


def _name(word: str, policy: Policy, directory: Directory, test: PolicyTest) -> str:
    if word == DESK:
        return word
    found = partner_for(word, test.given, directory, policy)
    return found.partner.name if isinstance(found, Served) else word


def _listed(words: frozenset[str]) -> str:
    return " and ".join(sorted(words)) or "nobody"
