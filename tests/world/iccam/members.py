"""The members and bodies that the tests of the hub use: a Dutch hotline as in the transcripts, a German, a Belgian."""

from datetime import UTC, datetime
from typing import Any

from router.world.iccam.records import Content, Hotline, Report

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)

NL = Hotline(43, "NL", "Hotline A", "api.user@hotline-a.test", "S3cret-pw")
DE = Hotline(32, "DE", "Hotline B", "api.user@hotline-b.test", "other-pw")
BE = Hotline(24, "BE", "Hotline C", "api.user@hotline-c.test", "third-pw")

ASSESSMENT = {
    "assessingAnalystName": "api.user@hotline-a.test",
    "classification": 1,
    "ageCategorization": 3,
    "genderCategorization": 2,
}
LEA = {"actionType": 1, "actioningAnalystName": "api.user@hotline-a.test", "actionDate": "2026-11-29T10:00:00Z"}


def location(url: str = "https://bad.example.test/p", **said: Any) -> dict[str, Any]:
    return {
        "urlString": url,
        "hotlineReference": f"ref {url}",
        "hostingCountryCode": "NL",
        "hostingIpAddress": "192.0.2.10",
        "isSourceUrl": True,
        "contentType": 2,
        "assessment": ASSESSMENT,
        "actions": [],
    } | said


def new_report(*urls: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {
        "reportingAnalystName": "api.user@hotline-a.test",
        "hotlineReceivedDate": "2026-11-29T09:15:00Z",
        "hotlineReference": "report 1",
        "urls": list(urls) or [location()],
        "sourceUrlSiteType": 2,
        "sourceUrlCommerciality": 1,
        "sourceUrlPaymentMethods": [1],
    } | said


def a_report(number: int = 900_001, **said: Any) -> Report:
    known: dict[str, Any] = {"reporter": DE.id, "analyst": "Analyst B", "received": NOW, "created": NOW}
    return Report(id=number, **(known | said))


def a_content(number: int = 7_000_001, report: int = 900_001, **said: Any) -> Content:
    known: dict[str, Any] = {
        "url": "https://bad.example.test/p",
        "is_source": True,
        "created": NOW,
        "hosting_country": "NL",
        "hosting_ip": "192.0.2.10",
        "assigned_country": "NL",
        "assigned_at": NOW,
    }
    return Content(id=number, report_id=report, **(known | said))
