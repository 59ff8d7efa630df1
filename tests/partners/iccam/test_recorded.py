"""Our client beside the only public one, call by call and byte by byte, where a page and its files are reported.

What agrees is held to the recorded bytes; what does not stands in a table with the reason. (Single bodies are compared
in `test_wire` and `test_telling`, the hub's answers in `tests/world/iccam/test_transcripts`.)
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from router.partners.base import Accepted, Envelope, Outcome, Progress, Progressed
from router.partners.iccam.dialect import IccamDialect
from router.partners.iccam.words import List
from router.world.iccam.rules import STRICT
from schemas.exchange import HostingStatement, OwnMessage
from schemas.partner import Partner
from schemas.report import WaysIn
from schemas.vocabulary import AgeCategory, GenderCategory
from tests.partners.iccam.sender import a_hub
from tests.partners.iccam.stage import BE, Near
from tests.referrals import AT, a_message
from tests.world.iccam.scenarios import scenarios

RECEIVED: Final = datetime(2026, 11, 29, 9, 15, tzinfo=UTC)
#: How the two write the same JSON.
SPELLED_OTHERWISE: Final[Mapping[str, str]] = {
    "/": "PHP escapes a slash",
    "hotlineReference": "ours is free of time, so that a report can be looked for by it; theirs holds the minute",
    "AnalystName": "each sends the login of its own system",
}
#: Calls of our session that the public client was never seen to make in an export -> why we make them.
ONLY_OURS: Final[Mapping[str, str]] = {
    "GET rest/LIST": "enumerations are read and never built in; that client has a console tool for it",
    "PUT rest/Content/N/assigned-country": "as recorded for a report that is there (`D-existing-hosted-abroad`)",
}
#: Calls of the recorded export that we do not make -> why.
ONLY_THEIRS: Final[Mapping[str, str]] = {
    "POST rest/Content/N/actions": "what is hosted abroad is for the hotline there; acts on what is ours go by `tell`",
}
#: Scenario -> what is reported there: the page, then the files on it.
REPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "B1-export-main-only": ("https://bad.example.test/page1",),
    "B2-export-main-children": (
        "https://bad.example.test/page2",
        "https://bad.example.test/i/1.jpg",
        "https://bad.example.test/v/2.mp4",
    ),
}
WAYS: Final = {
    "B1-export-main-only": a_hub(),
    "B2-export-main-children": a_hub(mode="contents", gather="0s"),
}


def messages(scenario: str) -> list[OwnMessage]:
    page = recorded_report(scenario)
    found = []
    for at, url in enumerate(REPORTS[scenario]):
        ways = (WaysIn(referrer=page["sourceUrlReferrer"]),) if page["sourceUrlReferrer"] and not at else ()
        found.append(
            a_message(
                origin_reference=f"case-{at}",
                pages=("case-0",) if at else (),
                report="rep",
                taken_at=AT,
                received_at=RECEIVED,
                location=url,
                ways_in=ways,
                hosting=HostingStatement(
                    country="NL", verdict="country", ips=("192.0.2.10",), as_name="Example Hosting BV", traced_at=AT
                ),
                site_type=None,
                age=AgeCategory.PRE_PUBESCENT,
                gender=GenderCategory.FEMALE,
                note=page["urls"][at]["memo"] or None,
            )
        )
    return found


def recorded_report(scenario: str) -> dict[str, Any]:
    (call,) = (one for one in scenarios()[scenario] if one.path == "/rest/reports")
    found: dict[str, Any] = json.loads(call.raw_body)
    return found


async def whole_session(at: Near, hub: Partner, given: list[OwnMessage]) -> list[Outcome]:
    """Send them to their end, all in one call each turn; return the last word on each."""
    dialect, kept = IccamDialect(at.tools), dict[str, Progress]()
    frozen = {one.referral_id: dialect.freeze(one, hub) for one in given}
    for _ in range(9):
        outcomes = await dialect.send(hub, [Envelope(name, frozen[name], kept.get(name)) for name in frozen])
        for name, said in zip(frozen, outcomes, strict=True):
            if isinstance(said, Accepted | Progressed) and said.progress is not None:
                kept[name] = said.progress
        await at.clock.sleep(61)
    return outcomes


def spelled(raw: str, given: list[OwnMessage]) -> str:
    """A recorded body as we would write it: without PHP's slashes, with our references and our login."""
    references = list(dict.fromkeys(re.findall(r'"hotlineReference":"([^"]+)"', raw)))
    text = raw.replace("\\/", "/").replace("api.user@hotline-a.test", BE.username)
    for theirs, one in zip(references, given, strict=True):
        text = text.replace(theirs, one.referral_id)
    return text


def call_of(method: str, path: str) -> str:
    path = re.sub(r"/\d+", "/N", path.lstrip("/"))
    return f"{method} {'rest/LIST' if path in {f'rest/{name}' for name in List} else path}"


@pytest.mark.parametrize("scenario", REPORTS)
async def test_what_we_report_is_byte_for_byte_what_was_recorded(at: Near, scenario: str) -> None:
    given = messages(scenario)
    await whole_session(at, WAYS[scenario], given)
    (ours,) = [call.body.decode() for call in at.server.calls if call.path == "rest/reports"]
    (theirs,) = [one.raw_body for one in scenarios()[scenario] if one.path == "/rest/reports"]
    assert ours == spelled(theirs, given)


@pytest.mark.parametrize("scenario", REPORTS)
async def test_each_call_of_a_session_was_recorded_or_has_its_reason(at: Near, scenario: str) -> None:
    at.hub.rules = STRICT
    outcomes = await whole_session(at, WAYS[scenario], messages(scenario))
    assert {type(one) for one in outcomes} == {Accepted}
    ours = {call_of(call.method, call.path) for call in at.server.calls}
    theirs = {call_of(one.method, one.path) for one in scenarios()[scenario]}
    assert ours - theirs == set(ONLY_OURS)
    assert theirs - ours <= set(ONLY_THEIRS)


async def test_parents_go_first_and_the_read_back_is_theirs(at: Near) -> None:
    """Report, read-back by URL, each content: the order in which that client goes."""
    scenario = "B2-export-main-children"
    await whole_session(at, WAYS[scenario], messages(scenario))
    ours = [f"{call.method} {call.path}" for call in at.server.calls if not call.path.startswith("rest/Content/no")]
    theirs = [f"{one.method} {one.path.lstrip('/')}" for one in scenarios()[scenario][1:6]]
    assert theirs == [
        "POST rest/reports",
        "GET rest/Reports/900001",
        *(f"GET rest/Content/{7_000_001 + at}" for at in range(3)),
    ]
    firsts = [ours.index(one) for one in theirs]
    assert firsts == sorted(firsts)


def test_every_difference_has_its_reason() -> None:
    assert all(reason for table in (SPELLED_OTHERWISE, ONLY_OURS, ONLY_THEIRS) for reason in table.values())
