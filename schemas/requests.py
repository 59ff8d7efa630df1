"""What a person asks of us about themselves (GDPR 15 to 18, 21): the register, its clock, and what a search found.

The terms that are searched by, who asked, and every reason are as sealed as a case's location. What a search found is
for the data protection officer alone; nothing here answers anybody by itself.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from schemas.retention import Kept
from schemas.states import CaseState
from schemas.word import Given, Line, Note, Word

#: The time to answer, in months from the day of receipt, and what it may be extended by (GDPR 12(3)).
MONTHS: Final = 1
EXTENDED_BY: Final = 2
#: Days before the last one from which on a request is due: people are to answer, and to decide whether to extend.
DUE_WITHIN: Final = 7
#: Terms of one request, and cases that a search names.
MOST_TERMS: Final = 20
MOST_HITS: Final = 500


class RequestKind(StrEnum):
    """What is asked for."""

    ACCESS = "access"  #: GDPR 15
    RECTIFICATION = "rectification"  #: GDPR 16
    ERASURE = "erasure"  #: GDPR 17
    RESTRICTION = "restriction"  #: GDPR 18
    OBJECTION = "objection"  #: GDPR 21


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"  #: nobody has agreed to a search yet
    AGREED = "agreed"  #: a second person has: the officer may search
    CLOSED = "closed"


class RequestOutcome(StrEnum):
    """How a request ended."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    NOT_CONCERNED = "not_concerned"  #: nothing is kept of whoever asked
    WITHDRAWN = "withdrawn"


class TermKind(StrEnum):
    """What a term is, and so which index it is looked up in."""

    URL = "url"  #: one location, in every spelling of it
    HOST = "host"  #: this host; of a registrable domain every host under it
    ACCOUNT = "account"  #: a handle on a platform
    REFERENCE = "reference"  #: a report's number: ours, or its source's. No contact of a reporter is ever kept


class Mark(StrEnum):
    """What whoever answers must know of a hit before anything of it is said."""

    POLICE = "police"  #: police have it, or asked that nobody be told
    EMBARGO = "embargo"
    LEGAL_HOLD = "legal_hold"
    VICTIM = "victim"  #: an account in it is thought to be the victim's
    SUSPECT = "suspect"  #: or the suspect's


class Term(Given):
    """One thing that is searched by."""

    kind: TermKind
    what: Annotated[str, StringConstraints(min_length=1, max_length=8192)]
    platform: Line | None = None

    @model_validator(mode="after")
    def _an_account_has_a_platform(self) -> Self:
        if (self.kind is TermKind.ACCOUNT) is (self.platform is None):
            raise ValueError("an account is named by its handle and its platform; nothing else has one")
        return self


class RequestGiven(Given):
    """Body of `POST /v1/requests`."""

    kind: RequestKind
    received_on: Annotated[date, Field(strict=False)]  #: the day on which it reached the house, by any way
    asked_by: Line  #: how the house finds the letter again; sealed
    terms: Annotated[tuple[Term, ...], Field(min_length=1, max_length=MOST_TERMS)]


class RequestExtends(Given):
    """Body of `POST /v1/requests/{id}/extend`: why two months more are needed, which whoever asked is told."""

    reason: Line


class RequestCloses(Given):
    """Body of `POST /v1/requests/{id}/close`: how it ended, and why."""

    outcome: RequestOutcome
    reason: Note


class RequestSecrets(Word):
    """What a request keeps sealed."""

    asked_by: str
    terms: tuple[Term, ...]
    extended_because: str | None = None
    closed_because: str | None = None


class RequestView(Word):
    """A request as the register lists it: not who asked, and not about what."""

    id: str
    kind: RequestKind
    state: RequestState
    received_on: date
    due_on: date  #: the last day to answer
    extended: bool
    due: bool = False  #: open, and its last day is near or past
    overdue: bool = False
    by: str
    since: AwareDatetime
    agreed_by: str | None = None
    agreed_at: AwareDatetime | None = None
    closed_by: str | None = None
    closed_at: AwareDatetime | None = None
    outcome: RequestOutcome | None = None


class RequestRead(RequestView):
    """The same in full, for whoever agrees to a search or answers; to read it is logged."""

    asked_by: str
    terms: tuple[Term, ...]  #: locations are defanged
    extended_because: str | None = None
    closed_because: str | None = None


class Hit(Word):
    """A case that a term found."""

    case: str
    terms: tuple[int, ...]  #: which terms found it, counted from 1
    state: CaseState
    received_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    erased: Kept | None = None
    marks: tuple[Mark, ...] = ()  #: in the order of `Mark`
    unread: bool = False  #: what is sealed of it cannot be opened: who is in it nobody can say


class Found(Word):
    """What a search found, for the data protection officer alone. Nobody is answered by it."""

    request: str
    hits: tuple[Hit, ...]
    more: bool = False  #: there are more hits than are named
    unindexed: int = 0  #: cases of an earlier version whose domain and accounts have no index yet: search again later
