"""What governs the router, as it is read and replaced over the API: the policy and the partner directory."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from schemas.decision import Mode
from schemas.word import Given, Name

#: A policy is a few pages; more is a mistake (a wrong file), not a policy.
MAX_CHARACTERS: Final = 1_000_000


class PolicyGiven(Given):
    """Body of `POST /v1/policy`: the TOML as it was written."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARACTERS)]


#: Decisions judged again at most: what a person can read the outcome of.
MOST_REPLAYED: Final = 10_000


class ReplayGiven(PolicyGiven):
    """Body of `POST /v1/policy/replay`: what would this policy have decided?"""

    limit: Annotated[int, Field(ge=1, le=MOST_REPLAYED)] = 1000


class PolicyView(Given):
    """The policy in force."""

    version: int
    text: str


class UnknownHosts(Given):
    """The answer of `GET /v1/policy/unknown-hosts`: which rules in force name a host that nobody here knows."""

    version: int
    routes: tuple[str, ...] = ()


class Published(Given):
    """What was put in force, and what waits for a second person."""

    version: int  #: the one in force now
    proposed: tuple[str, ...] = ()  #: subjects of what is not: another account has to confirm it


class ChangeKind(StrEnum):
    """What it comes to that a policy would have decided otherwise, the furthest first."""

    ELSEWHERE = "elsewhere"  #: somebody else would have had it by itself
    BY_ITSELF = "by_itself"  #: it would have left without anybody's key
    FEWER = "fewer"  #: somebody would not have had it
    TO_PEOPLE = "to_people"  #: it would have waited for people
    NOT_ASKED = "not_asked"  #: people would not have been asked beside it
    OTHERWISE = "otherwise"  #: another proposal, hold or question


class ChangedView(Given):
    """One decision that another policy would have made differently."""

    case: str
    kind: ChangeKind
    before: tuple[str, ...]
    after: tuple[str, ...]
    route_before: str
    route_after: str


class WaitingGroup(Given):
    """Cases that wait on the desk for one reason, and would go to the same partners by today's rules."""

    code: str  #: what the desk asks of them: a word of schemas.casefile.DeskCode
    partners: tuple[str, ...]  #: whom the policy chooses now
    mode: Mode  #: how the partner in question would get them: by itself, or as a proposal
    count: int


class WaitingCases(Given):
    """The answer of `GET /v1/partners/{name}/waiting-cases`: what a partner could have by now."""

    partner: str
    total: int
    more: bool = (
        False  #: the desk has cases that were not looked at: `total` is of the oldest alone, and at least so many
    )
    items: tuple[WaitingGroup, ...]


class DecidedAnew(Given):
    """The answer of `POST /v1/partners/{name}/decide-waiting`."""

    decided: int


class CheckGiven(Given):
    """Body of `POST /v1/partners/check`: one partner, or all that are enabled."""

    partner: Name | None = None
    rehearse: bool = False  #: send it a test bundle instead, about no case


class CheckedView(Given):
    """Whether a partner was reached, in words."""

    partner: str
    ok: bool
    text: str
