"""Lives that might have been, drawn by a seed: a case, its items, its referrals and what was said of it, as rows."""

from random import Random
from typing import Any

from router.store.base import Add
from router.store.schema.tables import (
    directories,
    figure_cases,
    figure_doubts,
    figure_items,
    figure_marks,
    figure_referrals,
    figure_reports,
    figure_signs,
)
from schemas.partner import Directory, Partner, PartnerKind

KINDS = {"hotline-nl": PartnerKind.HOTLINE, "police": PartnerKind.POLICE, "host-a": PartnerKind.PROVIDER}
HOUR = 3_600_000_000
START = 1_764_547_200_000_000  # 2025-12-01T00:00:00Z
Rows = dict[str, list[dict[str, Any]]]
TABLES = {
    "reports": figure_reports, "items": figure_items, "cases": figure_cases, "referrals": figure_referrals,
    "signs": figure_signs, "marks": figure_marks, "doubts": figure_doubts,
}  # fmt: skip
NAMED = Directory(
    version=9,
    partners=tuple(Partner(name=name, title=name, kind=kind, countries=("NL",)) for name, kind in KINDS.items()),
)


def rows_of(rows: Rows) -> list[Add]:
    """What puts them into a store, with the directory that names their partners."""
    listed = {"version": 9, "published_at": 0, "by": "t", "body": NAMED.model_dump_json()}
    return [*(Add(TABLES[name], row) for name, of_it in rows.items() for row in of_it), Add(directories, listed)]


def lives(random: Random, many: int) -> Rows:
    """Rows of each table of figures, for so many cases."""
    made: Rows = {name: [] for name in ("reports", "items", "cases", "referrals", "signs", "marks", "doubts")}
    for n in range(many):
        _life(random, n, made)
    return made


def _life(random: Random, n: int, made: Rows) -> None:
    name, at = f"c{n:04}", START + random.randrange(24 * 40) * HOUR
    made["cases"].append(_case(random, name, at))
    for k in range(random.randrange(1, 4)):
        report, when = f"r{n:04}-{k // 2}", at + (k // 2) * HOUR
        if k % 2 == 0:
            made["reports"].append({"id": report, "source": "form", "received_at": when, "taken_at": when})
        item = {"id": f"i{n:04}-{k}", "report_id": report, "case_id": name, "position": k, "added_at": at + k * HOUR}
        made["items"].append(item)
        if random.random() < 0.5:
            age = random.choice(["infant", "pubescent"])
            made["marks"].append({"item_id": item["id"], "what": "age", "value": age, "case_id": name})
    for k, partner in enumerate(random.sample(sorted(KINDS), random.randrange(0, 3))):
        made["referrals"].append({"id": f"f{n:04}-{k}", "partner": partner, **_referral(random, name, at)})
    for k in range(random.randrange(0, 4)):
        made["signs"].append({"id": f"s{n:04}-{k}", **_sign(random, name, at)})
    made["doubts"] += [one for one in _measured(made, name) if random.random() < 0.1]


def _measured(made: Rows, name: str) -> list[dict[str, Any]]:
    """The dates of a case that our clock may have measured while it was not believed."""
    dates = [(name, what) for what in ("received_at", "opened_at", "seen_at", "gone_since", "closed_at")]
    sent = [one["id"] for one in made["referrals"] if one["case_id"] == name]
    dates += [(one, what) for one in sent for what in ("first_sent_at", "accepted_at")]
    signs = [one for one in made["signs"] if one["case_id"] == name and one["by"] != "partner"]
    dates += [(one["id"], one["sign"]) for one in signs]
    return [{"id": one, "what": what, "case_id": name} for one, what in dates]


def _case(random: Random, name: str, at: int) -> dict[str, Any]:
    ends = ["removed", "removed", "unavailable", "not_illegal", "moved", "spam", "unresolved"]
    outcome = random.choice([None, None, *ends])
    country = random.choice(["BE", "NL", "US", None])
    closed = at + random.randrange(1, 900) * HOUR
    staff = random.choice([None, "baseline", "national"])
    return {
        "id": name, "received_at": at, "opened_at": at, "source": random.choice(["form", "crawler"]),
        "source_kind": random.choice(["public", "crawler"]), "kind": "url", "came_back": random.randrange(2),
        "site_type": random.choice([None, "forum"]), "assessed_at": at, "staff_assessment": staff,
        "assessment": staff or random.choice(["baseline", "national", "not_illegal", "unassessed"]),
        "staff_assessed_at": at if staff else None, "country": country,
        "verdict": "country" if country else random.choice([None, "split"]),
        "provider": random.choice([None, "Net A", "Net B"]), "traced_at": at, "referred_at": at,
        "seen_at": random.choice([None, at + 5 * HOUR]), "gone_since": random.choice([None, closed - HOUR]),
        "moved": int(outcome == "moved"), "outcome": outcome, "closed_at": closed if outcome else None,
    }  # fmt: skip


def _referral(random: Random, name: str, at: int) -> dict[str, Any]:
    sent = random.choice([None, at + random.randrange(1, 100) * HOUR])
    accepted = None if sent is None else random.choice([None, sent + random.randrange(0, 50) * HOUR])
    return {
        "case_id": name, "route": random.choice(["abroad", "staff"]), "is_copy": int(random.random() < 0.2),
        "decided_by": random.choice(["policy", "staff", None]), "created_at": at, "first_sent_at": sent,
        "accepted_at": accepted, "state": "waiting" if accepted is None else "accepted",
        "sent_back": random.randrange(2), "misrouted_at": random.choice([None, at]),
    }  # fmt: skip


def _sign(random: Random, name: str, at: int) -> dict[str, Any]:
    signs = [
        "Removed",
        "Unavailable",
        "NotIllegal",
        "ReportedToLEA",
        "ReportedToISP",
        "Moved",
        "check_still_there",
        "check_not_checked",
        "probe_refused",
    ]
    sign = random.choice(signs)
    by = "router" if sign.startswith(("check", "probe")) else random.choice(["router", "staff", "partner"])
    return {"sign": sign, "case_id": name, "at": at + random.randrange(-5, 600) * HOUR, "by": by}
