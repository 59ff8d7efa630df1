"""Rows and transitions that the store's tests commit."""

from typing import Any

from router.guard.seal import Keyring
from router.store.base import Add, Change, Claim, Event, Transition
from router.store.schema.tables import cases, items, nonces, partner_state, referrals, reports, source_sent

NOW = 1_764_000_000_000_000
KEYRING = Keyring.open(b"m" * 32)


def nonce(name: str, **more: Any) -> Transition:
    """A row that clashes with itself, and an event."""
    event = Event("nonce.kept", "router", detail={"length": len(name)})
    return Transition(NOW, adds=[Add(nonces, {"peer": "nl", "nonce": name, "until": NOW} | more)], events=[event])


def partner(name: str = "nl", **more: Any) -> Add:
    """A partner's state at version 1."""
    row = {"version": 1, "breaker": "closed", "failures": 0, "day": 0, "sent_today": 0, "tokens": 1.0, "tokens_at": 0}
    return Add(partner_state, {"partner": name} | row | more)


def failures(count: int, version: int | None, name: str = "nl", **more: Any) -> Change:
    """A fenced change of a partner's state."""
    return Change(partner_state, {"partner": name}, {"failures": count}, version=version, **more)


def referral(name: str, **more: Any) -> Add:
    """A referral that waits."""
    row = {
        "id": name, "case_id": name, "decision_id": "d", "partner": "nl", "route": "abroad", "is_copy": 0,
        "state": "waiting", "version": 1, "next_at": NOW, "rank": 2, "lane": "normal", "created_at": NOW,
    }  # fmt: skip
    return Add(referrals, row | more)


def case(name: str, **more: Any) -> Add:
    """A case as intake adds it."""
    row = {
        "id": name, "state": "received", "version": 1, "next_at": NOW, "kind": "url", "url_bidx": name.encode(),
        "sealed": b"", "lane": "normal", "rank": 2, "source": "form", "source_kind": "public",
        "assessment": "baseline", "urgency": "none", "received_at": NOW, "opened_at": NOW,
    }  # fmt: skip
    return Add(cases, row | more)


def report(name: str, at: int = NOW) -> list[Add]:
    """A report of one item, which belongs to the case of the same name."""
    of_report = {
        "id": name, "source": "form", "reference_bidx": name.encode(), "body_digest": b"", "received_at": at,
        "taken_at": at, "assessment": "baseline", "urgency": "none", "lane": "normal",
    }  # fmt: skip
    of_item = {"id": f"i{name}", "report_id": name, "position": 0, "case_id": name, "sealed": b"", "added_at": at}
    return [Add(reports, of_report), Add(items, of_item)]


def counter(source: str, **more: Any) -> Add:
    """What a partner got of a source that has a daily cap."""
    return Add(source_sent, {"source": source, "partner": "nl", "day": NOW, "sent": 0} | more)


def due(limit: int = 10, owner: str = "one", lease: float = 60.0, **values: Any) -> Claim:
    """A claim of the referrals that wait, lowest rank first, then oldest."""
    columns = referrals.c
    where = (columns.state == "waiting") & (columns.next_at <= NOW)
    return Claim(referrals, where, [columns.rank, columns.next_at], limit, owner, lease, values)
