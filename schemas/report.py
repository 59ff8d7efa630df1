"""What comes in: a report with its items, as a source sends it."""

from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.dossier import Dossier
from schemas.locator import LocationKind
from schemas.vocabulary import (
    AccountRole,
    AgeCategory,
    Assessment,
    Commerciality,
    GenderCategory,
    PaymentMethod,
    SiteType,
    Urgency,
)
from schemas.word import Country, Given, GivenInstant, Line, Name, Note, is_unsaid

#: A location as it was written down; read and canonicalised later, so only its length is judged here.
Location = Annotated[str, StringConstraints(min_length=1, max_length=8192)]
REFERENCE_FORM: Final = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+$"
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=REFERENCE_FORM)]


#: What marks a field that came after the first version.
LATER: Final[Any] = Field(exclude_if=is_unsaid)


class Login(Given):
    """How to get past a gate; leaves only to partners whose field list names it."""

    username: Line
    password: Line | None = None


class WaysIn(Given):
    """What it takes to see what the reporter saw; a page may answer 404 to everybody else."""

    referrer: Location | None = None
    steps: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    login: Login | None = None
    required_country: Country | None = None


class Account(Given):
    """The account that shared the material."""

    platform: Line
    handle: Line
    country: Country | None = None
    ip: Annotated[str, StringConstraints(max_length=45)] | None = None
    role: AccountRole = AccountRole.UNKNOWN


class AssessmentGiven(Given):
    """An analyst's finding; it may come with the report or later."""

    value: Assessment
    assessed_by: Line | None = None
    assessed_at: GivenInstant | None = None

    @model_validator(mode="after")
    def _names_its_author(self) -> Self:
        if self.value is not Assessment.UNASSESSED and not (self.assessed_by and self.assessed_at):
            raise ValueError("an assessment needs assessed_by and assessed_at")
        return self


class Label(Given):
    """What an analyst said of a file in the words of some scheme (UCS, AI-generated …); carried, never derived from."""

    scheme: Name
    version: Line | None = None
    value: Line
    by: Line
    at: GivenInstant


class Severity(Given):
    """How grave an analyst found it, by a scheme that the hotline's policy names."""

    scheme: Name
    value: Line
    by: Line
    at: GivenInstant


class Seen(Given):
    """When somebody last saw it there, and who."""

    by: Line
    at: GivenInstant


class ItemGiven(Given):
    """One reported location with its metadata."""

    location: Location
    kind: LocationKind = LocationKind.URL
    #: What its source calls it; the first of a report goes by the report's too.
    reference: Annotated[Reference | None, LATER] = None
    #: Of a file: what its source calls its page, known here already or not yet.
    parent: Annotated[Reference | None, LATER] = None
    assessment: Annotated[AssessmentGiven | None, LATER] = None  #: its own; without one the report's holds for it
    labels: Annotated[tuple[Label, ...], Field(max_length=50), LATER] = ()
    severity: Annotated[Severity | None, LATER] = None
    last_seen: Annotated[Seen | None, LATER] = None
    ways_in: WaysIn | None = None
    site_type: SiteType | None = None
    commerciality: Commerciality | None = None
    payment_methods: Annotated[tuple[PaymentMethod, ...], Field(max_length=13)] = ()
    age: AgeCategory | None = None
    gender: GenderCategory | None = None
    account: Account | None = None


class ReportGiven(Given):
    """A report as a source sends it; (source, reference) is its identity."""

    source: Name
    reference: Reference
    received_at: GivenInstant
    #: False: nobody knows when, and `received_at` only says about when.
    received_at_known: Annotated[bool, Field(exclude_if=bool)] = True
    items: Annotated[tuple[ItemGiven, ...], Field(min_length=1, max_length=1000)]
    assessment: AssessmentGiven = AssessmentGiven(value=Assessment.UNASSESSED)
    urgency: Urgency = Urgency.NONE
    memo: Note | None = None
    note_to_partner: Note | None = None


class AssessmentLater(AssessmentGiven):
    """Body of `POST /v1/reports/{id}/assessment`: what an analyst found of a report, or of one item of it."""

    item: Reference | None = None  #: what its source calls that item; None: each item of the report
    labels: Annotated[tuple[Label, ...], Field(max_length=50)] | None = None  #: in the place of those before
    severity: Severity | None = None  #: in the place of the one before


class Numbers(Given):
    """What one hotline calls a report: its own number, and the reference of whoever reported it there."""

    hotline: Name
    dossier: Reference | None = None
    reference: Reference | None = None


class ItemTaken(Given):
    """The case an item belongs to."""

    index: int
    case: str


class ReportTaken(Given):
    """The answer of `POST /v1/reports`: durable now."""

    id: str
    dossier: Dossier  #: our own number of it
    items: tuple[ItemTaken, ...]
