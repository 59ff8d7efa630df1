"""What a referral says: the message that one case becomes for one partner, before its dialect cuts it down."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from router.casework.case.pages import Page
from router.casework.case.record import Opened
from router.casework.context import Context
from router.casework.decide.facts import most_telling
from router.clock import moment, moment_or_none
from router.store.base import Row
from schemas.casefile import ItemSecrets
from schemas.exchange import (
    DAILY_LIST,
    NOT_STATED,
    AssessmentStatement,
    HostingStatement,
    LabelStatement,
    OwnMessage,
    SeverityStatement,
)
from schemas.locator import LocationKind
from schemas.policy import UNSEEN
from schemas.report import Account, Numbers, Severity, WaysIn
from schemas.severity import SeverityRules
from schemas.trace import Hosted, Trace
from schemas.vocabulary import (
    AccountRole,
    AgeCategory,
    Assessment,
    Commerciality,
    GenderCategory,
    SiteType,
    SourceKind,
    Urgency,
)

#: An address list longer than this says no more about where something is hosted.
_MOST_ADDRESSES = 64
#: Numbers of a place that many reported (`schemas.exchange`).
_MOST_NUMBERS = 20
#: The same of pages, ways in, labels and severities.
_MOST_PAGES, _MOST_WAYS, _MOST_LABELS, _MOST_SEVERITIES = 20, 20, 100, 10
#: From the youngest on.
_BY_AGE = (AgeCategory.INFANT, AgeCategory.PRE_PUBESCENT, AgeCategory.PUBESCENT, AgeCategory.NOT_CATEGORISED)
#: Characters of a note (`schemas.word.Note`), and how one ends that is cut.
_LONGEST_NOTE = 4000
_CUT = "\n[cut here; ask for the rest]"
#: What an analyst may have found that confirms a suspect.
_ILLEGAL = frozenset({Assessment.BASELINE, Assessment.NATIONAL})


@dataclass(frozen=True, slots=True)
class Around:
    """What a message says besides its case: the pages that its files are on, and how its partner grades."""

    pages: tuple[Page, ...] = ()
    severity: SeverityRules = field(default_factory=SeverityRules)
    scheme: str | None = None  #: the scheme in which the partner gets the severity; None: as it was stated
    law: str | None = None  #: on which law a hand-over of today rests


def message(
    ctx: Context, opened: Opened, trace: Trace | Hosted, referral: Row, around: Around | None = None
) -> OwnMessage:
    """Return the whole message; `memo` and who reported have no place in it."""
    case, given, around = opened.row, opened.items, around or Around()
    return OwnMessage(
        referral_id=referral["id"],
        origin=case["origin"] or ctx.me,
        origin_reference=case["origin_reference"] or opened.id,
        numbers=_numbers(ctx, given),
        pages=tuple(dict.fromkeys(one.reference for one in around.pages))[:_MOST_PAGES],
        received_at=moment(case["received_at"]),
        received_at_known=not (given and given[0].received_unknown),
        kind=LocationKind(case["kind"]),
        location=opened.secrets.canonical,
        ways_in=_ways_in(given, around.pages),
        assessment=AssessmentStatement(
            value=Assessment(case["assessment"]),
            assessed_by_role="analyst" if case["assessed_at"] else None,
            assessed_at=moment_or_none(case["assessed_at"]),
            not_assessed_by_us=referral["route"] == UNSEEN and case["assessment"] == Assessment.UNASSESSED,
        ),
        labels=_labels(given),
        severity=_severity([one.severity for one in given if one.severity is not None], around),
        last_seen=moment_or_none(case["last_seen_at"]),
        urgency=Urgency(case["urgency"]),
        hosting=hosting(trace),
        assigned_country=case["assigned_country"],
        site_type=SiteType(case["site_type"]) if case["site_type"] else None,
        commerciality=Commerciality(case["commerciality"]) if case["commerciality"] else None,
        payment_methods=tuple(dict.fromkeys(m for one in given for m in one.payment_methods)),
        age=youngest(one.age for one in given),
        gender=gender_of(one.gender for one in given),
        account=_account(Assessment(case["assessment"]), given),
        note=_notes(one.note_to_partner for one in given),
        path=(*json.loads(case["path"]), ctx.me),
        supersedes=referral["supersedes"],
        moved_from=case["moved_from"],
        batch=_batch(opened),
        report=opened.reports[0] if opened.reports else None,
        taken_at=moment(case["opened_at"]),
        is_copy=bool(referral["is_copy"]),
        law=around.law,
    )


def _ways_in(given: Iterable[ItemSecrets], pages: Iterable[Page]) -> tuple[WaysIn, ...]:
    """Return each way in once; a file's page is the referrer of whoever wants to see it there."""
    found = dict.fromkeys(one.ways_in for one in given if one.ways_in is not None)
    known = {one.referrer for one in found}
    found |= dict.fromkeys(WaysIn(referrer=page.location) for page in pages if page.location not in known)
    return tuple(found)[:_MOST_WAYS]


def _labels(given: Iterable[ItemSecrets]) -> tuple[LabelStatement, ...]:
    """Return what analysts labelled it with, each once, and nobody's name."""
    said = (LabelStatement(**one.model_dump(exclude={"by"})) for item in given for one in item.labels)
    return tuple(dict.fromkeys(said))[:_MOST_LABELS]


def _severity(given: Sequence[Severity], around: Around) -> tuple[SeverityStatement, ...]:
    """Return how grave it was found: the gravest by each scheme, or by the one scheme that the partner asks for.

    What the hotline's table has no word for is `not_stated`: no scheme is guessed from another.
    """
    if around.scheme is not None:
        return (_graded(given, around, around.scheme),)
    found: dict[SeverityStatement, None] = {}
    for scheme in dict.fromkeys(one.scheme for one in given):
        of_scheme = [one for one in given if one.scheme == scheme]
        gravest = around.severity.gravest(scheme, [one.value for one in of_scheme])
        kept = [one for one in of_scheme if gravest in (None, one.value)]  # of a peer's scheme nobody knows the order
        found |= dict.fromkeys(SeverityStatement(**one.model_dump(exclude={"by"})) for one in kept)
    return tuple(found)[:_MOST_SEVERITIES]


def _graded(given: Sequence[Severity], around: Around, scheme: str) -> SeverityStatement:
    values = {one: around.severity.mapped(one.scheme, one.value, scheme) for one in given}
    gravest = around.severity.gravest(scheme, [value for value in values.values() if value is not None])
    if gravest is None:
        return SeverityStatement(scheme=scheme, value=NOT_STATED)
    return SeverityStatement(scheme=scheme, value=gravest, at=max(one.at for one in given if values[one] == gravest))


def _batch(opened: Opened) -> str | None:
    """Return what goes to a police unit in one bundle: the items of one report, or what crawlers found in a day."""
    case = opened.row
    if case["source_kind"] == SourceKind.CRAWLER and case["urgency"] == Urgency.NONE:
        return DAILY_LIST
    return opened.reports[0] if opened.reports else None


def _numbers(ctx: Context, given: Iterable[ItemSecrets]) -> tuple[Numbers, ...]:
    """Return what its reports are called, here and where they have been: what a partner quotes when it calls back."""
    found: dict[Numbers, None] = {}
    for one in given:
        # What a peer sent has a number of its own there; the id of its referral says nothing to anybody else.
        theirs = one.reference if one.told is None else None
        found |= dict.fromkeys((Numbers(hotline=ctx.me, dossier=one.dossier, reference=theirs), *(one.told or ())))
    return tuple(found)[:_MOST_NUMBERS]


def youngest(given: Iterable[AgeCategory | None]) -> AgeCategory | None:
    """Return the youngest child that anybody reported; that one is not categorised only where nobody said more."""
    return min((age for age in given if age is not None), key=_BY_AGE.index, default=None)


def gender_of(given: Iterable[GenderCategory | None]) -> GenderCategory | None:
    """Return what all reports together say: two that name different ones saw both."""
    said = {one for one in given if one is not None}
    known = said - {GenderCategory.NOT_DETERMINED}
    return GenderCategory.BOTH if len(known) > 1 else next(iter(known or said), None)


def _notes(given: Iterable[str | None]) -> str | None:
    """Return the notes to the partner, each once; what is too long says so at its end."""
    text = "\n\n".join(dict.fromkeys(note for note in given if note))
    if len(text) > _LONGEST_NOTE:
        text = text[: _LONGEST_NOTE - len(_CUT)] + _CUT
    return text or None


def hosting(trace: Trace | Hosted) -> HostingStatement:
    """Return where we believe it is hosted, and on what that rests."""
    first = trace.addresses[0] if trace.addresses else None
    return HostingStatement(
        country=trace.verdict.country,
        verdict=trace.verdict.kind.value,
        confidence=trace.verdict.confidence,
        ips=tuple(address.ip for address in trace.addresses[:_MOST_ADDRESSES]),
        asn=first.asn if first else None,
        as_name=(first.as_name or None) if first else None,
        registration_country=trace.verdict.registration_country,
        edge=any(address.edge for address in trace.addresses),
        traced_at=trace.traced_at,
    )


def _account(assessment: Assessment, given: tuple[ItemSecrets, ...]) -> Account | None:
    """Return the account when it is a confirmed suspect's: no other handle leaves, least of all a victim's.

    Confirmed means that somebody assessed the material: what a reporter says of an account is no finding yet.
    """
    account = most_telling(given)
    confirmed = assessment in _ILLEGAL and account is not None and account.role is AccountRole.SUSPECT
    return account if confirmed else None
