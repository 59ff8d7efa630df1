"""What the hub keeps: hotlines, reports and the contents of reports, and how the API shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from router.world.iccam.rules import Rules
from router.world.iccam.words import FINAL


class Refusal(Exception):
    """The hub says no: an HTTP status, and the field it is about where there is one."""

    def __init__(self, status: int, **errors: str) -> None:
        """Refuse with `status`; `errors` says what is wrong with each field."""
        super().__init__(f"{status} {errors}")
        self.status = status
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Hotline:
    """A member behind the hub, with the one login of its systems. A country has at most one here."""

    id: int
    country: str
    name: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(slots=True)
class Content:
    """One URL of a report. References are each hotline's own: the reporter's is none of the assigned one's."""

    id: int
    report_id: int
    url: str
    is_source: bool
    created: datetime
    hosting_country: str | None
    hosting_ip: str | None = None
    hosting_isp: str | None = None
    content_type: int = 2
    memo: str | None = None
    assigned_country: str | None = None
    assigned_at: datetime | None = None
    assessments: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    references: dict[int, str] = field(default_factory=dict)  #: a hotline's id -> its reference

    @property
    def classification(self) -> int | None:
        """The last assessment counts."""
        return self.assessments[-1]["classification"] if self.assessments else None

    @property
    def is_finished(self) -> bool:
        """Whether a final action was taken."""
        return any(action["actionType"] in FINAL for action in self.actions)

    def shown(self, to: Hotline, rules: Rules) -> dict[str, Any]:
        """Return the content as `GET rest/Content/{id}` does."""
        reference = {"hotlineReference": self.references.get(to.id)} if rules.shows_reference else {}
        hidden = set() if rules.shows_reasons else {"reasonId", "reasonText"}
        return {
            "contentId": self.id,
            "reportId": self.report_id,
            "url": {
                "urlString": self.url,
                "isSourceUrl": self.is_source,
                "hostingCountryCode": self.hosting_country,
                "hostingIpAddress": self.hosting_ip,
            },
            "assignedCountryCode": self.assigned_country,
            "countryAssignmentDate": None if self.assigned_at is None else stamp(self.assigned_at),
            "memo": self.memo,
            "assessments": list(self.assessments),
            "actions": [without(action, hidden) for action in self.actions],
            **reference,
        }


@dataclass(slots=True)
class Report:
    """What a hotline handed in at once."""

    id: int
    reporter: int  #: the hotline's id
    analyst: str
    received: datetime
    created: datetime
    reference: str | None = None
    memo: str | None = None
    referrer: str | None = None
    site_type: int | None = None
    commerciality: int | None = None
    payment_methods: list[int] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether all is known about the source: by a comment in the client, it moves the report to its next stage."""
        return self.site_type is not None and self.commerciality is not None and bool(self.payment_methods)

    def shown(self, contents: Iterable[Content]) -> dict[str, Any]:
        """Return the report as `GET rest/Reports/{id}` does. It names no reference: that is each content's."""
        return {
            "reportId": self.id,
            "reportContents": [{"contentId": one.id, "urlString": one.url} for one in contents],
            "sourceUrlSiteType": self.site_type,
            "sourceUrlCommerciality": self.commerciality,
            "sourceUrlPaymentMethods": list(self.payment_methods),
            "memo": self.memo,
            "referrerUrl": self.referrer,
            "reportingHotlineId": self.reporter,
            "reportingAnalystName": self.analyst,
            "hotlineReceivedDate": stamp(self.received),
        }


def stamp(moment: datetime) -> str:
    """Return a moment as the API writes it, in whole seconds of UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def without(row: Mapping[str, Any], hidden: set[str]) -> dict[str, Any]:
    """Return a row without some of its fields."""
    return {name: value for name, value in row.items() if name not in hidden}
