"""Referral messages for tests: marked with canaries, so that a leak can be found by looking for the mark."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from schemas.exchange import AssessmentStatement, HostingStatement, OwnMessage
from schemas.locator import LocationKind
from schemas.report import Account, Login, WaysIn
from schemas.vocabulary import AccountRole, Assessment, SiteType

#: Stands in everything that must never be logged or told to anybody but the partner.
CANARY = "canary7f3a"
AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def a_message(**changes: Any) -> OwnMessage:
    """A whole message: every field that can be filled is filled."""
    given: dict[str, Any] = {
        "referral_id": str(uuid4()),
        "origin": "hotline-be",
        "origin_reference": "case-1",
        "received_at": AT,
        "kind": LocationKind.URL,
        "location": f"https://{CANARY}.test/page#key",
        "ways_in": (
            WaysIn(
                referrer=f"https://{CANARY}-referrer.test/",
                steps=("open the third link",),
                login=Login(username=f"{CANARY}-user", password=f"{CANARY}-password"),
            ),
        ),
        "assessment": AssessmentStatement(value=Assessment.BASELINE, assessed_by_role="analyst", assessed_at=AT),
        "hosting": HostingStatement(country="NL", verdict="country", confidence=0.97, ips=("3.120.0.1",), traced_at=AT),
        "site_type": SiteType.IMAGE_HOST,
        "account": Account(platform="chat", handle=f"{CANARY}-handle", role=AccountRole.SUSPECT),
        "note": f"{CANARY} note",
        "path": ("hotline-be",),
    }
    return OwnMessage(**given | changes)
