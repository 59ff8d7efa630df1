"""A story that went well, as its partners hold it: what the judge must find nothing wrong with."""

from importlib import resources
from typing import Any

import pytest

from router.demo.judge import STORY_DAYS, Evidence
from router.demo.story import Reported, locations
from router.hosting.location.url import read
from router.world.story import HUB, POLICE, TALES, Tale
from schemas.report import ReportGiven


def _file(location: str, tale: Tale, case: str, days: int) -> dict[str, Any]:
    """A case file as the API gives it, with what the judge and the screen read."""
    ended = tale.outcome if days >= STORY_DAYS else None
    partners = (*tale.partners, *(tale.later if days else ()))
    return {
        "summary": {
            "id": case,
            "state": "closed" if ended else "referred",
            "masked": "hxxps://ex•••le[.]test/…",
            "verdict": "country" if tale.country else "no_host",
            "hosting_country": "NL" if days and tale.later else tale.country,
            "confidence": 0.98 if tale.country else 0.0,
            "partners": list(partners),
            "outcome": ended,
            "desk": "doubtful" if tale.desk else None,
            "next_at": None if ended else "2026-11-28T08:00:00Z",
        },
        "location": location,
        "rests_on": "a partner says so" if ended else None,
        "desk": {"code": "doubtful", "text": "the evidence does not agree"} if tale.desk else None,
        "trace": None,
        "referrals": [
            {
                "partner": partner,
                "is_copy": False,
                "state": "accepted",
                "receipt": f"receipt-{case}",
                "last_text": None,
                "supersedes": "an earlier one" if partner in tale.later else None,
            }
            for partner in partners
        ],
    }


def _arrived(reported: Reported) -> dict[str, Any]:
    """What a partner holds of a report: its ways in and a suspect's account, without login and memo."""
    item = reported.report.items[0]
    ways = item.ways_in.model_dump(mode="json", exclude={"login"}) if item.ways_in else None
    account = item.account.model_dump(mode="json") if item.account else None
    # Home joins what is reported twice and refers it once; what it refers is one report to whoever takes it.
    taken = {"report": f"referral-of-{reported.case}", "ways_in": ways, "account": account}
    return {"location": reported.location, "items": [taken]}


def _reported(report: ReportGiven, location: str, case: str) -> Reported:
    files = ((read(one.location).canonical, f"{case}-{at}") for at, one in enumerate(report.items[1:]))
    return Reported(report, location, case, "9M1061058", tuple(files))


def _content(location: str, *, source: bool = True, items: Any = ()) -> dict[str, Any]:
    """A content as the hub holds it at the end: all on one page are of one report."""
    return {"url": location, "in": 1, "source": source, "assessed": [{}], "acts": [1, 2, 3], "items": items}


def story(days: int = 0) -> Evidence:
    lines = resources.files("router.world").joinpath("reports.ndjson").read_bytes()
    told = locations(lines)
    by_location = {location: f"case-{reference}" for reference, (_, location) in reversed(told.items())}
    reported = {ref: _reported(report, where, by_location[where]) for ref, (report, where) in told.items()}
    home: dict[str, Any] = {}
    held: dict[str, dict[str, Any]] = {"offlimits-nl": {}, "cybertip-ca": {}, POLICE: {}, HUB: {}}
    for tale in TALES:
        one = reported[tale.reference]
        home.setdefault(one.case, _file(one.location, tale, one.case, days))
        for partner in (*tale.partners, *(tale.later if days else ())):
            # A second report of the same place adds to what is held, and is no second case.
            before = held[partner].get(one.location, {"items": []})
            arrived = _arrived(one)
            held[partner][one.location] = {**arrived, "items": [*before["items"], *arrived["items"]]}
        for location, case in one.files:
            home[case] = _file(location, tale, case, days)
    police = list(held.pop(POLICE).values())
    at_hub: list[Any] = [(_content(one["location"], items=one["items"]), "NL") for one in held.pop(HUB).values()]
    several = {reference: one for reference, one in reported.items() if one.files}
    for one in several.values():
        *others, last = (location for location, _ in one.files)
        at_hub += [(_content(location, source=False), "NL") for location in others]
        at_hub.append((_content(last, source=False), "DE" if days else "NL"))
    peers = {name: list(files.values()) for name, files in held.items()}
    state = "closed" if days >= STORY_DAYS else "received"
    followed = {name: {"items": [{"state": state}] * (1 + len(one.files))} for name, one in several.items()}
    return Evidence(days, reported, home, peers, police, 0, at_hub, {}, followed)


@pytest.fixture
def first_day() -> Evidence:
    return story()


@pytest.fixture
def last_day() -> Evidence:
    return story(STORY_DAYS)
