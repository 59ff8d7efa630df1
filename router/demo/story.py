"""Play the story: reports come in, the instances work, days pass, and partners' staff do what the story says."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from router.demo.client import Client
from router.demo.setup import Stage
from router.errors import RouterError, Unavailable
from router.hosting.location.refang import refang
from router.hosting.location.url import read
from router.world.iccam.hub import Hub
from router.world.iccam.staff import Analyst
from router.world.story import HUB, POLICE, REPLIES, Reply
from schemas.report import ReportGiven
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionType, Outcome

#: Seconds in which the instances must come to rest after reports came in or a day passed.
REST_SECONDS: Final = 30.0
_LOOK_EVERY: Final = 0.15
#: Added to a jump to the next date, for clocks that were read a moment apart.
_MARGIN: Final = timedelta(seconds=1)
#: A case that a worker has taken shows the end of its lease (two minutes) as its next date.
_TAKEN: Final = timedelta(minutes=5)
_MOVING: Final = frozenset({CaseState.RECEIVED, CaseState.LOCATED})
_SENDING: Final = frozenset(
    {ReferralState.WAITING, ReferralState.SENDING, ReferralState.RECALL_PENDING, ReferralState.WITHDRAWING}
)
_OUTCOMES: Final = {
    ActionType.REMOVED: Outcome.REMOVED,
    ActionType.UNAVAILABLE: Outcome.UNAVAILABLE,
    ActionType.NOT_ILLEGAL: Outcome.NOT_ILLEGAL,
}

#: A case's summary as `GET /v1/cases` gives it.
Summary: TypeAlias = dict[str, Any]
#: Takes a whole case file, as `GET /v1/cases/{id}` gives it.
Tell: TypeAlias = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Reported:
    """One report of the story: where it is about, and which case of home it belongs to."""

    report: ReportGiven
    location: str  #: canonical
    case: str
    dossier: str = ""  #: home's own number of it
    files: tuple[tuple[str, str], ...] = ()  #: what else it is about: canonical location and case


def locations(lines: bytes) -> dict[str, tuple[ReportGiven, str]]:
    """Return each report of an NDJSON file with its canonical location, by reference."""
    reports = [ReportGiven.model_validate_json(line) for line in lines.splitlines() if line.strip()]
    return {one.reference: (one, read(one.items[0].location, one.items[0].kind).canonical) for one in reports}


async def submit(stage: Stage, lines: bytes) -> dict[str, Reported]:
    """Send the reports to home in one batch. Raise RouterError when a line is refused."""
    answers = await stage.home.send_lines("/v1/reports/batch", lines)
    refused = [answer for answer in answers if "problem" in answer]
    if refused:
        raise RouterError(f"Line {refused[0]['line']} was refused: {refused[0]['problem']['detail']}")
    reported: dict[str, Reported] = {}
    for answer, (reference, (report, location)) in zip(answers, locations(lines).items(), strict=True):
        taken = await stage.home.get(f"/v1/reports/{answer['id']}")
        first, *files = (one["case"] for one in taken["items"])
        others = zip((read(one.location, one.kind).canonical for one in report.items[1:]), files, strict=True)
        reported[reference] = Reported(report, location, first, taken["dossier"], tuple(others))
    return reported


async def rest(stage: Stage, told: dict[str, object], tell: Tell, order: Sequence[str] = ()) -> None:
    """Wait until nothing is due anywhere, and tell of each case of home as it comes to rest and is not `told` yet.

    Cases that rest at the same look are told in `order`. Raise Unavailable when it all takes too long.
    """
    until = time.monotonic() + REST_SECONDS
    place = {case: at for at, case in enumerate(order)}
    while True:
        summaries, at_work = await _at_work(stage.home, stage.clock.now())
        for summary in sorted(summaries, key=lambda one: place.get(one["id"], len(place))):
            if summary["id"] not in at_work and told.get(summary["id"]) != _worth_telling(summary):
                told[summary["id"]] = _worth_telling(summary)
                tell(await stage.home.get(f"/v1/cases/{summary['id']}"))
        others = [client for client in stage.clients.values() if client is not stage.home]
        if not at_work and not any([(await _at_work(client, stage.clock.now()))[1] for client in others]):
            return
        if time.monotonic() > until:
            raise _restless(stage)
        if (pause := await _only_waits(stage.home, stage.clock.now())) is not None:
            await stage.pass_time(pause)
        await asyncio.sleep(_LOOK_EVERY)


def _restless(stage: Stage) -> Unavailable:
    """Return the error of a story that does not come to rest, with what the instances said about it."""
    spoke = [f" {name}: {one.last_words()}." for name, one in stage.instances.items() if one.log.stat().st_size]
    said = "".join(spoke) or " None of them complained; try it on a less busy machine."
    return Unavailable(f"The instances did not rest within {REST_SECONDS:.0f} s.{said}")


async def _at_work(client: Client, now: datetime) -> tuple[list[Summary], set[str]]:
    """Return an instance's cases, and which of them it is working on or has to by now."""
    cases = await client.pages("/v1/cases?limit=500")
    referrals = await client.pages("/v1/referrals?limit=500")
    moving = {case["id"] for case in cases if case["state"] in _MOVING or _due(case, now)}
    return cases, moving | {referral["case"] for referral in referrals if _leaves(referral, now)}


async def _only_waits(client: Client, now: datetime) -> timedelta | None:
    """Return how long home does nothing but wait for a date, as it does between two steps at the hub; None if it works.

    The story's time jumps over that, so that nobody who watches waits for it.
    """
    cases = await client.pages("/v1/cases?limit=500")
    referrals = await client.pages("/v1/referrals?limit=500")
    dates = [datetime.fromisoformat(one["next_at"]) for one in referrals if one["state"] == ReferralState.WAITING]
    busy = any(one["state"] in _MOVING or _due(one, now) for one in cases)
    busy = busy or any(one["state"] in _SENDING - {ReferralState.WAITING} for one in referrals)
    soon = min((at for at in dates if at <= now + _TAKEN), default=None)
    return None if busy or soon is None or soon <= now else soon - now + _MARGIN


def _leaves(referral: Summary, now: datetime) -> bool:
    """Tell whether something is done about a referral by now; what waits for a unit's word has a later date."""
    if referral["state"] != ReferralState.WAITING:
        return referral["state"] in _SENDING
    return datetime.fromisoformat(referral["next_at"]) <= now + _TAKEN


def _worth_telling(summary: Summary) -> object:
    return [summary[key] for key in ("state", "hosting_country", "partners", "outcome", "desk")]


def _due(case: Summary, now: datetime) -> bool:
    at = case.get("looks_at")  # not `next_at`: what only people are late with keeps nobody at work here
    return case["state"] != CaseState.CLOSED and at is not None and datetime.fromisoformat(at) <= now + _TAKEN


async def held_by(client: Client) -> list[dict[str, Any]]:
    """Return everything an instance holds, as its own staff see it: whole case files, revealed, locations as URLs."""
    summaries = await client.pages("/v1/cases?limit=500")
    reason = {"reason": "The demo looks at what arrived."}
    files = [await client.post(f"/v1/cases/{summary['id']}/reveal", reason) for summary in summaries]
    return [file | {"location": refang(file["location"])} for file in files]  # shown defanged even to who may see it


async def partners_act(stage: Stage, reported: dict[str, Reported]) -> list[str]:
    """Let the partners' staff do what the story says for today, in their own instance. Return it in words."""
    said: list[str] = []
    for reply in (one for one in REPLIES if one.day == stage.days):
        if reply.partner == POLICE:
            said.append(await _unit_closes(stage, reported[reply.reference], _OUTCOMES[reply.action]))
            continue
        if reply.partner == HUB:
            said.append(_analyst_acts(stage.hub, reported[reply.reference], reply))
            continue
        client = stage.clients[reply.partner]
        case = _at(await held_by(client), reported[reply.reference].location)
        body = {"reason": f"The story says so for day {stage.days}.", "outcome": _OUTCOMES[reply.action]}
        await client.post(f"/v1/cases/{case}/close", body)
        said.append(f"{reply.partner} answers {reply.action} to {reply.reference}")
    return said


def _analyst_acts(hub: Hub, reported: Reported, reply: Reply) -> str:
    """The hotline that the hub gave it to tells its police and the host, and notes how it ended. Return it in words."""
    location = (reported.location, *(one for one, _ in reported.files))[reply.item]
    given = [one for one in hub.contents.values() if one.url == location]
    if not given or given[-1].assigned_country is None:
        raise RouterError("An analyst behind the hub looks for a case that was given to nobody.")
    content, country = given[-1], given[-1].assigned_country
    analyst = Analyst(hub, country)
    if not content.actions:
        analyst.report_to_lea(content)
        analyst.report_to_isp(content)
    if reply.action is ActionType.REMOVED:
        analyst.remove(content)
    if reply.action is ActionType.MOVED and reply.to is not None:
        analyst.move(content, reply.to)
    about = f"{reply.reference}, item {reply.item + 1}," if reported.files else reply.reference
    return f"the analyst of {country} answers {reply.action} to {about} at {HUB}"


async def unit_reads(stage: Stage) -> list[str]:
    """Let the unit open what lies in its folder, and home's staff type the number it gives each. Return it in words."""
    said: list[str] = []
    for bundle in await asyncio.to_thread(stage.police.bundles):
        if bundle.name not in stage.police.numbers:
            number = stage.police.numbers[bundle.name] = f"FP/2026/{len(stage.police.numbers) + 1:04d}"
            first, item = next(iter(bundle.items.items()))
            body = {"number": number, "code": item["reply_code"], "whole": True}
            await stage.home.post(f"/v1/referrals/{first}/receipt", body)
            said.append(f"{POLICE} opens a bundle with openssl and gives it the number {number}")
    return said


async def _unit_closes(stage: Stage, reported: Reported, outcome: Outcome) -> str:
    """The unit says that it has ended what it has of this location; home's staff type it."""
    for bundle in await asyncio.to_thread(stage.police.bundles):
        for referral, item in bundle.items.items():
            if item["location"] == reported.location:
                number = stage.police.numbers[bundle.name]
                body = {"answer": "closed", "outcome": outcome, "number": number, "whole": True}
                await stage.home.post(f"/v1/referrals/{referral}/answer", body)
                return f"{POLICE} says that {reported.report.reference} is closed: {outcome}"
    raise RouterError("The police look for a case that never arrived there.")


def _at(files: Iterable[dict[str, Any]], location: str) -> str:
    found = next((one for one in files if one["location"] == location), None)
    if found is None:
        raise RouterError("A partner's staff look for a case that never arrived there.")
    case: str = found["summary"]["id"]
    return case


async def summary_line(stage: Stage, reports: int) -> str:
    """Return the one line that `demo --json` ends with."""
    cases = [
        {
            "id": case["id"],
            "state": case["state"],
            "verdict": case["verdict"],
            "country": case["hosting_country"],
            "partners": case["partners"],
            "outcome": case["outcome"],
            "next": case["next_at"],
        }
        for case in reversed(await stage.home.pages("/v1/cases?limit=500"))
    ]
    return json.dumps({"reports": reports, "cases": cases})
