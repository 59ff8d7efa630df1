"""What stands in the hub before each recorded scenario begins, and where our hub and the recording cannot be equal.

The recordings come from a client that ran against a server which knew no rules; where ours answers otherwise, that is
said here with the reason, and only the shape of the answer is held to.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from router.world.iccam.hub import Hub
from router.world.iccam.rules import Rules
from tests.world.iccam.members import NL, a_content, a_report

TRANSCRIPTS = Path(__file__).resolve().parents[2] / "partners/iccam/transcripts.jsonl"

_SIX = {
    "classification": 1,
    "ageCategorization": 3,
    "genderCategorization": 2,
    "virtualContentCategorization": 0,
    "userGeneratedContentCategorization": 1,
    "childModelingCategorization": 0,
}
_THREE = {"classification": 2, "ageCategorization": 4, "genderCategorization": 2}


@dataclass(frozen=True)
class Exchange:
    """One call and its answer, as recorded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    raw_body: str
    status: int
    body: Any


@cache
def scenarios() -> Mapping[str, list[Exchange]]:
    """Every recorded exchange, by scenario, in its order."""
    found: dict[str, list[Exchange]] = {}
    for line in TRANSCRIPTS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        asked, said = row["request"], row["response"]
        exchange = Exchange(
            asked["method"],
            asked["path"],
            asked["query"],
            asked["headers"],
            asked["raw_body"],
            said["status"],
            said["body"],
        )
        found.setdefault(row["scenario"], []).append(exchange)
    return found


def small_words(hub: Hub) -> None:
    """The recording server knew few words, and one hotline."""
    few: dict[str, set[int]] = {
        "age-categories": {1, 2},
        "gender-categories": {1},
        "action-types": {1, 3},
        "payment-methods": {1},
        "site-types": {2},
        "commercialities": {1},
        "classifications": {1},
    }
    for name, kept in few.items():
        hub.words[name] = {number: word for number, word in hub.words[name].items() if number in kept}
    hub.words["analysts"] = {5: "Analyst A"}
    hub.countries = {"NL": hub.countries["NL"]}
    hub.hotlines = {"NL": NL}


def short_tokens(hub: Hub) -> None:
    hub.rules = replace(hub.rules, token_seconds=600)


def nothing(_hub: Hub) -> None:
    """The hub is empty."""


def reported_by_another(hub: Hub, *, complete: bool = False, hosting: str = "NL", rules: Rules | None = None) -> None:
    """A content that the German hotline reported and the Dutch one was given; references are not shown."""
    hub.rules = rules or Rules(shows_reference=False)
    known = {"site_type": 2, "commerciality": 1, "payment_methods": [1]} if complete else {}
    received = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
    hub.keep(a_report(received=received, **known), a_content(hosting_country=hosting))


def inbox(hub: Hub, *assessments: Mapping[str, Any] | None, early: int = 0) -> None:
    """A report with a page and files in the Dutch inbox, `early` of them from before the time that is asked for."""
    report = a_report(
        910_001,
        site_type=6,
        memo="main memo",
        referrer="https://ref.example.test/",
        received=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
    )
    contents = [
        a_content(
            7_100_001 + index,
            910_001,
            url=f"https://in.example.test/{7_100_001 + index}",
            is_source=index == 0,
            hosting_ip="192.0.2.9",
            assigned_at=datetime(2026, 11, 29, 9 if index < early else 19, 30, tzinfo=UTC),
            assessments=[] if assessment is None else [dict(assessment)],
        )
        for index, assessment in enumerate(assessments)
    ]
    hub.keep(report, *contents)


SETUPS: Mapping[str, Callable[[Hub], None]] = {
    "A1-login-refdata": small_words,
    "A1b-refresh-fields-console": small_words,
    "A2-login-200full": short_tokens,
    "B1-export-main-only": nothing,
    "B2-export-main-children": nothing,
    "B4-export-hosted-abroad-assign-NL": nothing,
    "B5-export-notillegal": nothing,
    "B5-export-notfound": nothing,
    "D-existing-unassessed-fieldsnull": reported_by_another,
    "D-existing-hosted-abroad": lambda hub: reported_by_another(hub, complete=True, hosting="MD"),
    "E-action-LEA": reported_by_another,
    "E-action-ISP": reported_by_another,
    "E-action-CR": reported_by_another,
    "E-action-CU-unknownreason": reported_by_another,
    "E-action-CU-knownreason": reported_by_another,
    "E-action-MO": reported_by_another,
    "E-action-NI": reported_by_another,
    "E-action-SETHOTLINE": reported_by_another,
    "F1-import-full": lambda hub: inbox(hub, _SIX, _THREE, None),
    "F3-import-only-child-listed": lambda hub: inbox(hub, _SIX, _THREE, early=1),
    "H-list-calls": lambda hub: inbox(hub, _SIX),
    "P1-refresh-patched-ok": nothing,
    "P2-logout-patched": nothing,
}

_DATED = "the recorded list ignored the date that was asked for, so the content is of another day here"

#: Scenario and number of the exchange -> why our answer is another one. Status and shape are the same all the same.
DIFFERENT: Mapping[tuple[str, int], str] = {
    ("A1-login-refdata", 10): "the recorded server ignored the id in the path",
    ("F1-import-full", 4): _DATED,
    ("F1-import-full", 5): _DATED,
    ("F1-import-full", 6): _DATED,
    ("F1-import-full", 8): _DATED,
    ("F3-import-only-child-listed", 4): _DATED,
    ("F3-import-only-child-listed", 6): _DATED,
    ("H-list-calls", 14): _DATED,
}
