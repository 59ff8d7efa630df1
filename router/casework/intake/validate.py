"""One report as intake judged it: readable locations, a plausible time, an assessment its source may give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias

from router.errors import BadInput, NotAllowed
from router.hosting.location.url import literal_of, read
from router.store.base import Row
from schemas.actor import Actor
from schemas.locator import Locator
from schemas.report import AssessmentGiven, ItemGiven, Label, Numbers, ReportGiven, Severity
from schemas.vocabulary import Assessment, Lane, SourceKind

#: Clocks of intake systems differ a little; more than this is a mistake.
CLOCK_SKEW = timedelta(minutes=5)
#: Nothing was reported or assessed before. The first web site went online in 1991 (https://info.cern.ch) and the first
#: hotlines in the years after; what comes from before is how programs write an empty date: year 1, 1601, 1900, 1970.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


#: Schemes of severity, each with its values.
Schemes: TypeAlias = Mapping[str, Sequence[str]]
_NONE: Final[Schemes] = {}


@dataclass(frozen=True, slots=True)
class ReportOrigin:
    """Where a report comes from, and what that means for its way."""

    source: str
    kind: SourceKind
    lane: Lane
    assesses: bool
    path: tuple[str, ...] = ()  #: hotlines it has been at, for a peer's referral
    origin: str | None = None
    origin_reference: str | None = None
    told: tuple[Numbers, ...] | None = None  #: what a peer's referral is called where it has been; None of a source
    watching: bool = False  #: another tool works on what comes from there: nothing leaves by itself
    daily_cap: int | None = None  #: referrals that one partner gets of it in a day


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that can be taken."""

    report: ReportGiven
    locators: tuple[Locator, ...]
    origin: ReportOrigin
    unread: str | None = None  #: what a peer of a later version said beside it, as JSON


def judge(
    report: ReportGiven, sources: Mapping[str, Row], actor: Actor, now: datetime, severities: Schemes = _NONE
) -> Reported:
    """Return the report with its locations read; `severities` are the schemes that the policy names.

    Raise NotAllowed for a source that is not the token's, BadInput naming the field for everything else.
    """
    origin = _origin(report, sources, actor)
    check_moment(report.received_at, "received_at", now)
    check_assessment(report.assessment, now, may=origin.assesses)
    for index, item in enumerate(report.items):
        _check_item(item, f"items.{index}", now, origin, severities)
    _check_names(report)
    return Reported(report, tuple(_read(report, index) for index in range(len(report.items))), origin)


def _check_item(item: ItemGiven, field: str, now: datetime, origin: ReportOrigin, severities: Schemes) -> None:
    """Raise BadInput for what an item says that cannot be, or that its source may not say."""
    if item.account is not None and (item.account.ip or "").strip():
        _check_address(str(item.account.ip), f"{field}.account.ip")
    if item.assessment is not None:
        check_assessment(item.assessment, now, may=origin.assesses, field=f"{field}.assessment")
    if item.last_seen is not None:
        check_moment(item.last_seen.at, f"{field}.last_seen.at", now)
    check_statements(item.labels, item.severity, field, now, severities, may=origin.assesses)


def check_statements(
    labels: Sequence[Label], severity: Severity | None, field: str, now: datetime, severities: Schemes, *, may: bool
) -> None:
    """Raise BadInput for labels or a severity of a source that does not assess, or by a scheme nobody wrote down."""
    for name, given in (("labels", labels), ("severity", severity)):
        if given and not may:
            text = "This source does not assess; leave it out, an analyst will look at it."
            raise BadInput(text, field=_in(field, name))
    for at, label in enumerate(labels):
        check_moment(label.at, _in(field, f"labels.{at}.at"), now)
    if severity is None:
        return
    check_moment(severity.at, _in(field, "severity.at"), now)
    if severity.scheme not in severities:
        text = "The policy names no scheme of severity like this; use one of its own, or have the operator add it."
        raise BadInput(text, field=_in(field, "severity.scheme"), reason="unknown_scheme")
    if severity.value not in severities[severity.scheme]:
        text = "This scheme has no such value; use one that the policy lists."
        raise BadInput(text, field=_in(field, "severity.value"), reason="unknown_value")


def _in(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _check_names(report: ReportGiven) -> None:
    """Raise BadInput for two items of one report that are called the same: no file could name its page."""
    seen: set[str] = set()
    for index, item in enumerate(report.items):
        if item.reference in seen:
            text = "Another item of this report has this reference; give each its own."
            raise BadInput(text, field=f"items.{index}.reference", reason="same_reference")
        if item.reference is not None:
            seen.add(item.reference)


def check_assessment(assessment: AssessmentGiven, now: datetime, *, may: bool, field: str = "assessment") -> None:
    """Raise BadInput for an assessment by a source that does not assess, or one of a moment that cannot be."""
    if assessment.value is not Assessment.UNASSESSED and not may:
        raise BadInput(
            "This source does not assess; send `unassessed`, an analyst will look at it.", field=_in(field, "value")
        )
    if assessment.assessed_at is not None:
        check_moment(assessment.assessed_at, _in(field, "assessed_at"), now)


def check_moment(given: datetime, field: str, now: datetime) -> None:
    """Raise BadInput for a moment that has not come yet, or one long before anything could be reported."""
    if given > now + CLOCK_SKEW:
        raise BadInput("This moment is in the future; send when it happened, with its offset from UTC.", field=field)
    if given < EARLIEST:
        text = f"This moment is before {EARLIEST.year}, as an empty date is written; send when it happened."
        raise BadInput(text, field=field)


def _check_address(given: str, field: str) -> None:
    """Raise BadInput for what is no IP address at all. One with a port, or a private one, is what logs hold."""
    try:
        locator = (
            None if "/" in given else read(given)
        )  # a range is no address, though a reader of URLs finds one in it
    except BadInput:
        locator = None
    if locator is None or literal_of(locator) is None:
        raise BadInput("This is not an IP address; write one such as 3.120.0.1, or leave it out.", field=field)


def _origin(report: ReportGiven, sources: Mapping[str, Row], actor: Actor) -> ReportOrigin:
    if actor.source is not None and actor.source != report.source:
        raise NotAllowed("This token reports as another source; use that source's name.", field="source")
    row = sources.get(report.source)
    if row is None:
        raise BadInput("This source is not known here; ask the operator to add it.", field="source")
    return _origin_of(report.source, row["kind"], row["lane"], bool(row["assesses"]), row["daily_cap"])


@lru_cache(maxsize=256)
def _origin_of(
    name: str,
    kind: str,
    lane: str,
    assesses: bool,  # noqa: FBT001 - a column of the row
    daily_cap: int | None,
) -> ReportOrigin:
    """Return a source's origin; a batch asks for the same one a thousand times."""
    return ReportOrigin(name, SourceKind(kind), Lane(lane), assesses, daily_cap=daily_cap)


def _read(report: ReportGiven, index: int) -> Locator:
    item = report.items[index]
    try:
        return read(item.location, item.kind)
    except BadInput as error:
        raise BadInput(error.message, field=f"items.{index}.location", reason=error.reason) from None
