"""A policy's text of somebody's own, tried: its faults, how its tests end, and what it would have changed."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from schemas.decision import Step
from schemas.governed import ChangedView
from schemas.policy import PolicyProblem
from schemas.word import Given, Word

#: Characters of a text that is tried: five times the longest policy that ships.
MOST_TRIED: Final = 256 * 1024
#: Decisions that a try judges again, so that a person who waits for the page gets it.
MOST_JUDGED: Final = 5_000
#: Tests that fail are told of so many times.
MOST_FAILED: Final = 50


class TryGiven(Given):
    """Body of `POST /v1/policy/try`."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MOST_TRIED)]
    limit: Annotated[int, Field(ge=1, le=MOST_JUDGED)] = 1000  #: of how many of the last decisions the effect is told


class FailedTest(Word):
    """One test that the policy fails, with the path that led there."""

    place: str  #: "test" or "closing test"
    number: int  #: 1-based, in the order of the text
    name: str
    wanted: str
    got: str
    path: tuple[Step, ...] = ()


class Tested(Word):
    """How a policy fares by itself."""

    tests: int = 0
    failed: tuple[FailedTest, ...] = ()
    problems: tuple[PolicyProblem, ...] = ()  #: what is wrong with it although it can be read
    notes: tuple[str, ...] = ()


class TriedView(Tested):
    """The answer. Nothing is in force, proposed or kept by it."""

    ok: bool  #: it can be published as it is: nothing is wrong, and it passes its tests
    over: int  #: the version in force that it was tried beside
    widens: tuple[str, ...] = ()  #: why another person would confirm it
    limit: int
    kinds: dict[str, int] = Field(default_factory=dict)  #: how many decisions it would have changed, by kind
    more: dict[str, int] = Field(default_factory=dict)  #: how many of them would have reached whom they did not
    less: dict[str, int] = Field(default_factory=dict)  #: and whom they would not have reached
    changed: tuple[ChangedView, ...] = ()
