"""The hub's JSON: what we write from a frozen referral, and the little that we read of its answers.

Reading is tolerant where a real hub may differ from what was seen: unknown fields, null for a list, a country in small
letters, a moment without a zone. It is strict where a guess would misroute: a number that is no number is nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from router.errors import BadInput
from router.partners.base import Reason
from router.partners.iccam.words import Words
from router.partners.inbox import Finding
from schemas.exchange import ReferralMessage
from schemas.vocabulary import AgeCategory, Assessment, Commerciality, GenderCategory, PaymentMethod, SiteType

#: What a content is: the source of a report is always a website, what was reported with it is media (as recorded).
_MEDIA, _WEBSITE = 1, 2


_DATE: Final = TypeAdapter(datetime)


def _upper(code: object) -> object:
    return code.upper() if isinstance(code, str) and code else None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _utc_or_none(moment: datetime | None) -> datetime | None:
    return None if moment is None else _utc(moment)


def _moment_or_none(given: object) -> object:
    """Take what is no date for none: what else stands beside it is still to be read."""
    try:
        return None if given is None else _DATE.validate_python(given)
    except ValidationError:
        return None


def _text(given: object) -> object:
    """The public client turns every text of digits into a number, and hubs keep what they were sent."""
    return str(given) if isinstance(given, int | float) else given


def _or_none(rows: object) -> object:
    return [] if rows is None else rows


def _no_flag(value: object) -> object:
    return None if isinstance(value, bool) else value  # JSON's true is Python's 1


Code = Annotated[str | None, BeforeValidator(_upper)]
Moment = Annotated[datetime, AfterValidator(_utc)]
MaybeMoment = Annotated[datetime | None, BeforeValidator(_moment_or_none), AfterValidator(_utc_or_none)]
Text = Annotated[str | None, BeforeValidator(_text)]
ViewT = TypeVar("ViewT", bound="View")


class View(BaseModel):
    """Common to all that is read."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Place(View):
    """Where a content is, as the hub has it."""

    url_string: str
    is_source_url: bool = False
    hosting_country_code: Code = None
    hosting_ip_address: str | None = None


class AssessmentView(View):
    """One assessment; the last of a content counts."""

    classification: int | None = None
    age_categorization: int | None = None
    gender_categorization: int | None = None


class ActionView(View):
    """One action."""

    action_type: int
    action_date: Moment
    reason_id: int | None = None


class ContentView(View):
    """One content."""

    content_id: int
    report_id: int | None = None
    url: Place
    assigned_country_code: Code = None
    country_assignment_date: MaybeMoment = None
    hotline_reference: Text = None
    memo: Text = None
    assessments: Annotated[tuple[AssessmentView, ...], BeforeValidator(_or_none)] = ()
    actions: Annotated[tuple[ActionView, ...], BeforeValidator(_or_none)] = ()


class Listed(View):
    """A content as reports and lists name it."""

    content_id: int
    report_id: int | None = None
    url_string: str | None = None


class ReportView(View):
    """One report."""

    report_contents: Annotated[tuple[Listed, ...], BeforeValidator(_or_none)] = ()
    hotline_received_date: MaybeMoment = None
    referrer_url: Text = None
    memo: Text = None
    source_url_site_type: int | None = None
    source_url_commerciality: int | None = None
    source_url_payment_methods: Annotated[tuple[int, ...], BeforeValidator(_or_none)] = ()


_NUMBER: Final = TypeAdapter(Annotated[int, BeforeValidator(_no_flag), Field(gt=0)])
_LIST: Final = TypeAdapter(tuple[Listed, ...])


def read(kind: type[ViewT], body: bytes) -> ViewT | None:
    """Return what an answer holds, None when it is not that."""
    try:
        return kind.model_validate_json(body)
    except ValidationError:
        return None


def read_list(body: bytes) -> tuple[Listed, ...] | None:
    """Return a list of work, None when it is none."""
    try:
        return _LIST.validate_json(body)
    except ValidationError:
        return None


def read_number(body: bytes) -> int | None:
    """Return the id of a new report: a bare number, or one in quotes; None for anything else."""
    try:
        return _NUMBER.validate_json(body)
    except ValidationError:
        return None


def stamp(moment: datetime) -> str:
    """Return a moment as the API writes it: in UTC, and converted to it rather than renamed."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_of_list(moment: datetime) -> str:
    """Return a moment as lists are asked for it: in UTC, without a zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def target_of(message: ReferralMessage) -> str:
    """Return the country that is to deal with it. Raise BadInput when nobody knows one: the hub takes none without."""
    country = message.assigned_country or message.hosting.country
    if country is None:
        raise BadInput(
            "The hub takes only what has a country; name the country, or send it to another partner",
            reason=Reason.REFUSED,
        )
    return country


def assessment_body(message: ReferralMessage, words: Words, analyst: str) -> dict[str, Any] | None:
    """Return our finding, None while there is none. Raise BadInput for a word that the hub has not."""
    return finding_body(Finding(message.assessment.value, message.age, message.gender), words, analyst)


def finding_body(finding: Finding, words: Words, analyst: str) -> dict[str, Any] | None:
    """Return what we found a content of the hub's to be, None while we found nothing. Raise BadInput as above."""
    if finding.value is Assessment.UNASSESSED:
        return None
    return {
        "assessingAnalystName": analyst,
        "classification": words.id_of(finding.value),
        "ageCategorization": words.id_of(finding.age or AgeCategory.NOT_CATEGORISED),
        "genderCategorization": words.id_of(finding.gender or GenderCategory.NOT_DETERMINED),
    }


def source_body(message: ReferralMessage, words: Words) -> dict[str, Any]:
    """Return what is known about the source: with all three, the hub counts a report as complete."""
    return {
        "sourceUrlSiteType": words.id_of(message.site_type or SiteType.WEBSITE),
        "sourceUrlCommerciality": words.id_of(message.commerciality or Commerciality.NOT_DETERMINED),
        "sourceUrlPaymentMethods": [words.id_of(method) for method in message.payment_methods]
        or [words.id_of(PaymentMethod.NOT_DETERMINED)],
    }


def unknown_source(words: Words) -> dict[str, Any]:
    """Return what is said of a source of which nothing is known; the hub then counts its report as complete."""
    return {
        "sourceUrlSiteType": words.id_of(SiteType.WEBSITE),
        "sourceUrlCommerciality": words.id_of(Commerciality.NOT_DETERMINED),
        "sourceUrlPaymentMethods": [words.id_of(PaymentMethod.NOT_DETERMINED)],
    }


def report_body(
    message: ReferralMessage, words: Words, analyst: str, files: Sequence[ReferralMessage] = ()
) -> dict[str, Any]:
    """Return the body of `POST rest/reports`: a source, then the files on it. Raise BadInput for what no hub takes."""
    way = message.ways_in[0] if message.ways_in else None
    login = None if way is None else way.login
    return {
        "reportingAnalystName": analyst,
        "hotlineReceivedDate": stamp(message.received_at),
        "hotlineReference": message.referral_id,
        "memo": message.note or "",
        "urls": [_location(message, words, analyst), *(_location(one, words, analyst, _MEDIA) for one in files)],
        "sourceUrlUsername": "" if login is None else login.username,
        "sourceUrlPassword": "" if login is None else login.password or "",
        "sourceUrlReferrer": None if way is None else way.referrer,
        **source_body(message, words),
    }


def _location(message: ReferralMessage, words: Words, analyst: str, kind: int = _WEBSITE) -> dict[str, Any]:
    hosting = message.hosting
    assessment = assessment_body(message, words, analyst)
    found: Mapping[str, Any] = {} if assessment is None else {"assessment": assessment}
    return {
        "urlString": message.location,
        "hotlineReference": message.referral_id,
        "hostingCountryCode": hosting.country or target_of(message),
        "hostingIpAddress": hosting.ips[0] if hosting.ips else "",
        "hostingIsp": hosting.as_name or "",
        "hostingOrganization": {"organizationName": hosting.as_name or ""},
        "isSourceUrl": kind == _WEBSITE,
        "memo": message.note or "",
        "contentType": kind,
        **found,
        "actions": [],
    }
