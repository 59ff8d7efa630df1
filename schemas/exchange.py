"""What crosses the border between two routers: the referral message, its answer, its status (docs/protocol.md).

`ReferralMessage` is all that can ever leave; what leaves to one partner is its declared part of it. There is no field
for the reporter's identity or for `memo`.
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, ConfigDict, Field

from schemas.locator import LocationKind
from schemas.report import LATER, Account, Location, Numbers, Reference, WaysIn
from schemas.superset import WORD
from schemas.vocabulary import (
    ActionType,
    AgeCategory,
    Assessment,
    Commerciality,
    GenderCategory,
    PaymentMethod,
    SiteType,
    Urgency,
)
from schemas.word import Country, Given, GivenInstant, Line, Name, Note

#: The version of the protocol that this program speaks, as the header `Protocol-Version` of requests and answers says.
#: Its first number is that of the signature's tag, which alone decides whether two routers understand each other.
PROTOCOL: Final = "1.4"

#: The reason of whoever says that a referral is not theirs: somebody else is to deal with it.
NOT_OURS: Final = "not_ours"


#: Where a test is about: RFC 6761 has `.test` be nobody's.
NOWHERE: Final = "https://no-real-place.test/this-is-a-test"


class HostingStatement(Given):
    """Where we believe it is hosted, and on what that rests. To the receiver this is evidence, not truth."""

    country: Country | None = None
    verdict: Line
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    ips: Annotated[tuple[Line, ...], Field(max_length=64)] = ()
    asn: int | None = None
    as_name: Line | None = None
    registration_country: Country | None = None
    edge: bool = False
    traced_at: GivenInstant


class AssessmentStatement(Given):
    """The origin's finding; the receiver assesses anew."""

    value: Assessment
    assessed_by_role: Line | None = None  #: a role, never a person's name
    assessed_at: GivenInstant | None = None
    #: nobody at the sender has looked: an alarm of a child at risk went unanswered, so the police are told all the same
    not_assessed_by_us: Annotated[bool, Field(exclude_if=lambda given: not given)] = False


class LabelStatement(Given):
    """A label as its sender carries it; nothing follows from it here."""

    scheme: Name
    version: Line | None = None
    value: Line
    at: GivenInstant


class SeverityStatement(Given):
    """How grave the sender found it, by a scheme of its own; without a date where its table says `not_stated`."""

    scheme: Name
    value: Line
    at: GivenInstant | None = None


#: The value of a scheme that a partner asks for, where the hotline's table has no word for what was said.
NOT_STATED: Final = "not_stated"

#: The idempotency key of a referral, as its sender made it.
ReferralId = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
#: What may name a referral in a question: ours are ids, another implementation's may look otherwise.
Asked = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")]


class ReferralMessage(Given):
    """One case for one partner. `referral_id` is the idempotency key."""

    referral_id: ReferralId
    origin: Name  #: the hotline where the report first came in
    origin_reference: Line  #: the origin's case id; unique there
    #: What hotlines on its path call its reports.
    numbers: Annotated[tuple[Numbers, ...], Field(max_length=20), LATER] = ()
    #: Of a file: each page's `origin_reference`.
    pages: Annotated[tuple[Reference, ...], Field(max_length=20), LATER] = ()
    received_at: GivenInstant  #: when the public reported it
    #: False: nobody knows when, and `received_at` only says about when.
    received_at_known: Annotated[bool, Field(exclude_if=bool)] = True
    kind: LocationKind
    location: Location
    ways_in: Annotated[tuple[WaysIn, ...], Field(max_length=20)] = ()
    assessment: AssessmentStatement
    labels: Annotated[tuple[LabelStatement, ...], Field(max_length=100), LATER] = ()
    #: The gravest by each scheme.
    severity: Annotated[tuple[SeverityStatement, ...], Field(max_length=10), LATER] = ()
    last_seen: Annotated[GivenInstant | None, LATER] = None
    urgency: Urgency = Urgency.NONE
    hosting: HostingStatement
    assigned_country: Country | None = None
    site_type: SiteType | None = None
    commerciality: Commerciality | None = None
    payment_methods: Annotated[tuple[PaymentMethod, ...], Field(max_length=13)] = ()
    age: AgeCategory | None = None
    gender: GenderCategory | None = None
    account: Account | None = None
    note: Note | None = None
    path: Annotated[tuple[Name, ...], Field(min_length=1, max_length=4)]  #: hotlines passed, sender last
    supersedes: Line | None = None  #: the referral this one replaces
    moved_from: Country | None = None


#: The `batch` of what a crawler reported: it goes to police in one list a day.
DAILY_LIST: Final = "daily"


class OwnMessage(ReferralMessage):
    """A message with what only its sender knows of it, for dialects to work by. None of that is ever a field of it."""

    #: What goes to a police unit together: a report of ours, or `DAILY_LIST`.
    batch: Annotated[Line | None, Field(exclude=True)] = None
    #: The report of ours that first told of it: what a hub is to get together.
    report: Annotated[Line | None, Field(exclude=True)] = None
    taken_at: Annotated[GivenInstant | None, Field(exclude=True)] = (
        None  #: when we took it; the same for a whole report
    )
    #: Whether its recipient is informed only, and somebody else is to deal with it.
    is_copy: Annotated[bool, Field(exclude=True)] = False
    #: On which law the hand-over rests, as the policy says for its day.
    law: Annotated[Line | None, Field(exclude=True)] = None


class ReferralBundle(Given):
    """Body of `POST /v1/inbox/referrals`, and since 1.4 of `/v1/inbox/test`: up to 100 messages in one request."""

    sender: Name
    recipient: Name
    referrals: Annotated[tuple[ReferralMessage, ...], Field(min_length=1, max_length=100)]


class InboxResult(StrEnum):
    """What the receiver did with one message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"


class InboxAnswer(Given):
    """The receiver's answer for one message, in the order they were sent."""

    referral_id: str
    result: InboxResult
    receipt: Line | None = None
    reason: Line | None = None  #: a stable code
    text: Line | None = None  #: one sentence for the sender's staff; says nothing of what the receiver already knew
    #: with the reason `not_ours`: whose country the receiver believes it to be
    believed: Annotated[Country | None, Field(exclude_if=lambda given: given is None)] = None


class InboxAnswers(Given):
    """Answer of `POST /v1/inbox/referrals`."""

    answers: tuple[InboxAnswer, ...]


class StatusQuery(Given):
    """Body of `POST /v1/inbox/status`: what became of these? `withdraw` names those the sender takes back.

    What a later version asks beside is passed over: an answer is about ids.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    sender: Name
    recipient: Name
    referrals: Annotated[tuple[Asked, ...], Field(max_length=500)] = ()
    withdraw: Annotated[tuple[Asked, ...], Field(max_length=500)] = ()
    #: since 1.3: still there by the sender's own look
    remind: Annotated[tuple[Asked, ...], Field(max_length=500, exclude_if=lambda given: not given)] = ()


#: What a partner did: a word of ours, or one of a later version, which is kept and shown and ends nothing.
ActionWord = Annotated[
    ActionType | Annotated[str, Field(pattern=f"^{WORD.pattern}$")], Field(union_mode="left_to_right")
]


class ActionStatement(Given):
    """What the partner did, and when."""

    action: ActionWord
    at: GivenInstant
    #: of Unavailable and NotIllegal: a word of schemas.vocabulary.ActionReason, or one of their own
    reason: Line | None = None
    moved_to: Country | None = None  #: of Moved: where it is now
    #: the partner's own number of the part that the act is about, such as one file of a page: it ends nothing of the
    #: whole. Left out where it is about all that the partner was given; peers say nothing of parts.
    part: Annotated[Line | None, Field(exclude_if=lambda given: given is None)] = None


class ReferralStatus(Given):
    """What the receiver says of one referral."""

    referral_id: str
    known: bool
    withdrawn: bool = False
    #: the partner took it, and says since that it is not theirs: a bounce; left out where it is not so
    returned: Annotated[bool, Field(exclude_if=lambda given: not given)] = False
    #: with `returned`: why (`not_ours`), whose country the receiver believes it to be, and a sentence of its staff
    reason: Annotated[Line | None, Field(exclude_if=lambda given: given is None)] = None
    believed: Annotated[Country | None, Field(exclude_if=lambda given: given is None)] = None
    text: Annotated[Line | None, Field(exclude_if=lambda given: given is None)] = None
    #: with `returned`: who has it instead, where the partner gave it on itself; left out where nobody has
    holder: Annotated[Country | None, Field(exclude_if=lambda given: given is None)] = None
    actions: tuple[ActionStatement, ...] = ()


class StatusAnswers(Given):
    """Answer of `POST /v1/inbox/status`."""

    statuses: tuple[ReferralStatus, ...]
    #: since 1.3: of these under `remind` the receiver's staff were told; who does not know the word says nothing
    reminded: Annotated[tuple[str, ...], Field(exclude_if=lambda given: not given)] = ()
    #: since 1.3: the receiver was put back from a backup; what was sent to it since then is sent again
    send_again_since: Annotated[AwareDatetime | None, Field(exclude_if=lambda given: given is None)] = None
