"""The figures once more, by their definitions and by nobody's code: every number from the rows, one expression each.

Written from `router/data/figures.toml`, not from `router/figures`; slow, and meant to be read.
"""

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.figures.generated import HOUR, KINDS, Rows

Row = dict[str, Any]
Numbers = dict[tuple[str, str, str], int]
Moment = tuple[int, bool]  # and whether our clock was not believed when it measured that
Doubted = set[tuple[str, str]]
EEA = {"BE", "NL"}
HOME = "BE"
ZONE = ZoneInfo("Europe/Brussels")


def again(rows: Rows, start: int, end: int) -> Numbers:
    """All numbers of a period."""
    found: Counter[tuple[str, str, str]] = Counter()

    def tell(measure: str, /, **by: str | None) -> None:
        found[measure, "total", "all"] += 1
        found.update((measure, dimension, key) for dimension, key in by.items() if key is not None)

    reports = {one["id"]: one for one in rows["reports"] if start <= one["received_at"] < end}
    for one in reports.values():
        tell("reports", source=one["source"])
    opened = []
    for item in rows["items"]:
        if item["report_id"] not in reports:
            continue
        before = [
            one for one in rows["items"]
            if one["case_id"] == item["case_id"] and (one["added_at"], one["id"]) < (item["added_at"], item["id"])
        ]  # fmt: skip
        same = any(one["report_id"] == item["report_id"] for one in before)
        tell("items", way="same_report" if same else "open_case" if before else "opened")
        opened += [] if before else [item["case_id"]]
    for case in rows["cases"]:
        if case["id"] in opened:
            _case(case, rows, found, tell)
    for sent in rows["referrals"]:
        if sent["first_sent_at"] is not None and start <= sent["first_sent_at"] < end:
            _referral(sent, rows, found, tell)
    return dict(found)


def _referral(sent: Row, rows: Rows, found: Counter[Any], tell: Any) -> None:
    by_policy = "automatic" if sent["decided_by"] == "policy" else "agreed" if sent["decided_by"] else "unknown"
    tell(
        "referrals", partner=sent["partner"], to=str(KINDS[sent["partner"]]), state=sent["state"],
        how="by_hand" if sent["route"] == "staff" else by_policy, copy="copy" if sent["is_copy"] else "first",
    )  # fmt: skip
    if sent["misrouted_at"] is not None:
        found["referrals", "went_wrong", "misrouted"] += 1
    if sent["sent_back"]:
        found["referrals", "went_wrong", "sent_back"] += 1
    if KINDS[sent["partner"]] == "provider":
        (case,) = (one for one in rows["cases"] if one["id"] == sent["case_id"])
        what = "spam" if case["outcome"] == "spam" else case["assessment"]
        tell("notices", notice=f"{sent['partner']} | {what} | {case['outcome'] or 'open'}")


def _case(case: Row, rows: Rows, found: Counter[Any], tell: Any) -> None:
    doubted = {(one["id"], one["what"]) for one in rows["doubts"]}
    mine = {
        name: [one for one in rows[name] if one["case_id"] == case["id"]] for name in ("referrals", "signs", "marks")
    }
    sent = [one for one in mine["referrals"] if not one["is_copy"]]
    what = "spam" if case["outcome"] == "spam" else case["assessment"]
    staff = what == "spam" or case["staff_assessment"] == case["assessment"]
    place = case["country"]
    hosted = (
        (case["verdict"] or "not_located") if case["verdict"] is None or place is None
        else "home" if place == HOME else "eea" if place in EEA else "elsewhere"
    )  # fmt: skip
    site = case["site_type"] or "unknown"
    tell(
        "cases", source=case["source"], source_kind=case["source_kind"], country=place or "unknown", assessment=what,
        provider=case["provider"] or "unknown", hosted=hosted, site_type=site, outcome=case["outcome"] or "open",
        assessed_by="staff" if staff else "nobody" if case["assessment"] == "unassessed" else "source",
    )  # fmt: skip
    ages = {one["value"] for one in mine["marks"]}
    found.update(("cases", "age", age) for age in ages)
    if case["came_back"]:
        tell("repeat_closed_case")
    first, told = _dates(mine, sent, doubted)
    t0, t2, t3 = (
        (case["received_at"], (case["id"], "received_at") in doubted),
        first["first_sent_at"],
        first["accepted_at"],
    )
    tell(
        "times", report_to_sent=_span(t0, t2), report_to_accepted=_span(t0, t3),
        sent_to_accepted="never" if t2 is None else _span(t2, t3),
        report_to_police=_span(t0, told["police"]), report_to_provider=_span(t0, told["provider"]),
    )  # fmt: skip
    for one in mine["signs"]:
        if one["sign"].startswith("check_"):
            tell("checks", finding=one["sign"][6:])
        if one["sign"].startswith("probe_"):
            tell("probes", finding=one["sign"][6:])
    actionable = what in ("baseline", "national")
    if actionable and any(one["sign"] == "NotIllegal" and one["by"] == "partner" for one in mine["signs"]):
        tell("disagreements", which="partner")
    if not actionable:
        return
    tell("actionable", hosted=hosted, site_type=site)
    found.update(("actionable", "age", age) for age in ages)
    tell("told", **{f"{who}_same_day": _day(t0, at) for who, at in told.items()})
    found.update(("told", "who", who) for who, at in told.items() if at is not None)
    if t3 is not None:
        _gone(case, mine["signs"], sent, (t0, t3), doubted, found, tell)


def _dates(
    mine: dict[str, list[Row]], sent: list[Row], doubted: Doubted
) -> tuple[dict[str, Moment | None], dict[str, Moment | None]]:
    """When it first left and was accepted, and when police and a provider were told."""
    first = {
        name: min(((one[name], (one["id"], name) in doubted) for one in sent if one[name] is not None), default=None)
        for name in ("first_sent_at", "accepted_at")
    }
    told = {
        who: min(
            [
                (one["accepted_at"], (one["id"], "accepted_at") in doubted)
                for one in sent
                if KINDS[one["partner"]] == who and one["accepted_at"] is not None
            ]
            + [(one["at"], (one["id"], act) in doubted) for one in mine["signs"] if one["sign"] == act],
            default=None,
        )
        for who, act in (("police", "ReportedToLEA"), ("provider", "ReportedToISP"))
    }
    return first, told


def gone_at(case: Row, signs: list[Row], doubted: Doubted) -> tuple[Moment, str] | None:
    """When it was gone and on whose word, None when it was not."""
    if case["outcome"] not in ("removed", "unavailable"):
        return None
    if case["moved"] and any(one["sign"] == "Moved" and one["by"] == "router" for one in signs):
        return None
    said = [one for one in signs if one["sign"] in ("Removed", "Unavailable")]
    for who, by in (("partner", "partner"), ("staff", "staff")):
        if dates := [(one["at"], (one["id"], one["sign"]) in doubted) for one in said if one["by"] == by]:
            return max(dates), who
    which = "gone_since" if case["gone_since"] else "closed_at"
    return (case[which], (case["id"], which) in doubted), "us"


def _gone(
    case: Row, signs: list[Row], sent: list[Row], starts: tuple[Moment, Moment], doubted: Doubted,
    found: Counter[Any], tell: Any,
) -> None:  # fmt: skip
    received, accepted = starts
    end = gone_at(case, signs, doubted)

    def bin_(start: Moment) -> str:
        if end is None:
            return "not_gone"
        if start[1] or end[0][1]:
            return "clock_in_doubt"
        hours = max(end[0][0] - start[0], 0) / HOUR
        return "lt_72h" if hours < 72 else "72h_to_168h" if hours < 168 else "ge_168h"

    tell("actioned", accepted_to_gone=bin_(accepted), report_to_gone=bin_(received))
    found.update(
        ("actioned", "to", kind)
        for kind in {str(KINDS[one["partner"]]) for one in sent if one["accepted_at"] is not None}
    )
    if end is not None:
        found["times", "gone_said_by", end[1]] += 1
        for name, hours in (("24h_of_acceptance", 24), ("5d_of_acceptance", 120)):
            if not (accepted[1] or end[0][1]) and max(end[0][0] - accepted[0], 0) <= hours * HOUR:
                found["times", "within", name] += 1


def _span(start: Moment, end: Moment | None) -> str:
    if end is None:
        return "never"
    if start[1] or end[1]:
        return "clock_in_doubt"
    hours = max(end[0] - start[0], 0) / HOUR
    return "lt_24h" if hours < 24 else "24h_to_72h" if hours < 72 else "72h_to_168h" if hours < 168 else "ge_168h"


def _day(start: Moment, end: Moment | None) -> str:
    if end is None:
        return "never"
    if start[1] or end[1]:
        return "clock_in_doubt"
    days = [datetime.fromtimestamp(at / 1e6, ZONE).date() for at, _ in (start, end)]
    return "same_day" if days[1] <= days[0] else "later"
