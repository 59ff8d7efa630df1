"""Judge the story by what its partners hold: their staff's own view, not what home believes it sent."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from router.demo.setup import Stage
from router.demo.story import Reported, held_by
from router.world.iccam.hub import Hub
from router.world.iccam.records import Content
from router.world.story import HOME, HUB, POLICE, REPLIES, TALES, Tale
from schemas.states import CaseState

#: After so many days every outcome of the story has come about.
STORY_DAYS: Final = 12
#: From this day on the five-day check has found who moved.
CHECK_DAY: Final = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation and whether it was met."""

    text: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found on all sides once the instances rested."""

    days: int
    reported: Mapping[str, Reported]
    home: Mapping[str, dict[str, Any]]  #: home's case files by case id
    held: Mapping[str, list[dict[str, Any]]]  #: each peer's case files
    police: list[Mapping[str, Any]]  #: what lies in the police's folder, as they opened it
    rejected: int  #: bundles that they could not open, or did not believe
    hub: list[tuple[Mapping[str, Any], str | None]] = field(
        default_factory=list
    )  #: each content at the hub, and whose it is
    numbers: Mapping[str, str] = field(default_factory=dict)  #: referral -> the number that the police gave it
    #: What a source reads of a report of several items (`GET /v1/reports/{our number}`), by its reference.
    followed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


async def gather(stage: Stage, reported: Mapping[str, Reported]) -> Evidence:
    """Look at every instance as its own staff do, and at what the police's intake took."""
    held = {name: await held_by(client) for name, client in stage.clients.items() if name != HOME}
    home = {one["summary"]["id"]: one for one in await held_by(stage.home)}
    bundles = await asyncio.to_thread(stage.police.bundles)
    at_hub = [(_content(stage.hub, one), one.assigned_country) for one in stage.hub.contents.values()]
    numbers = {referral: stage.police.numbers.get(one.name, "") for one in bundles for referral in one.items}
    bodies = [one.said for one in bundles]
    several = {reference: one for reference, one in reported.items() if one.files}
    followed = {name: await stage.home.get(f"/v1/reports/{one.dossier}") for name, one in several.items()}
    return Evidence(stage.days, reported, home, held, bodies, len(stage.police.refused), at_hub, numbers, followed)


def judge(found: Evidence) -> list[Check]:
    """Return every expectation of the story with whether it was met."""
    told = [check for tale in TALES for check in (*_tale(tale, found), *_files(tale, found))]
    return [*told, *_details(found), *_order(found)]


def _tale(tale: Tale, found: Evidence) -> Iterator[Check]:
    where = f"{tale.reference} ({tale.about})"
    reported = found.reported[tale.reference]
    summary = found.home[reported.case]["summary"]
    moved = found.days >= CHECK_DAY and bool(tale.later)
    if not moved:
        yield Check(
            f"{where}: hosted in {tale.country or 'no single country'}", summary["hosting_country"] == tale.country
        )
    wanted = {*tale.partners, *(tale.later if moved else ())}
    holders = {name for name in (*found.held, POLICE, HUB) if _arrivals(found, name, reported.location)}
    yield Check(f"{where}: held by {_named(wanted)}", holders == wanted)
    once = all(_arrivals(found, name, reported.location) == 1 for name in holders)
    yield Check(f"{where}: nobody got it twice", once)
    if HUB in wanted:
        given = {country for content, country in found.hub if content["url"] == reported.location}
        yield Check(f"{where}: the hub gave it to NL", given == {"NL"})
    if found.days == 0:
        yield Check(f"{where}: {'on' if tale.desk else 'not on'} the desk", (summary["desk"] is not None) == tale.desk)
    if found.days >= STORY_DAYS:
        yield Check(f"{where}: {_ending(tale)}", summary["outcome"] == tale.outcome)


def _files(tale: Tale, found: Evidence) -> Iterator[Check]:
    """Yield what must hold of the files on a reported page: at the hub, at home, and for whoever reported them."""
    reported = found.reported[tale.reference]
    if not reported.files:
        return
    where = f"{tale.reference} ({tale.about})"
    places = [reported.location, *(location for location, _ in reported.files)]
    contents = {content["url"]: (content, country) for content, country in found.hub if content["url"] in places}
    reports = {content["in"] for content, _ in contents.values()}
    yield Check(f"{where}: all of it is one report at the hub", set(contents) == set(places) and len(reports) == 1)
    sources = [url for url, (content, _) in contents.items() if content["source"]]
    yield Check(f"{where}: the page is what that report is about", sources == [reported.location])
    each = all(len(content["assessed"]) == 1 for content, _ in contents.values())
    yield Check(f"{where}: each has its own assessment there", each)
    if found.days < STORY_DAYS:
        return
    moved = {reply.item: reply.to for reply in REPLIES if reply.reference == tale.reference and reply.to}
    wanted = {place: moved.get(at, tale.country) for at, place in enumerate(places)}
    given = {url: country for url, (_, country) in contents.items()}
    yield Check(f"{where}: what moved is with the country it moved to, the rest where it was", given == wanted)
    told = all({1, 2, 3} <= set(content["acts"]) for content, _ in contents.values())
    yield Check(f"{where}: police and host were told of each there, and each was removed", told)
    ends = [found.home[case]["summary"]["outcome"] for case in (reported.case, *(case for _, case in reported.files))]
    yield Check(f"{where}: each case is {_ending(tale)}", set(ends) == {tale.outcome})
    read = found.followed.get(tale.reference, {})
    states = [one["state"] for one in read.get("items", ())]
    yield Check(f"{where}: its source reads that all of it is closed", states == ["closed"] * len(places))


def _ending(tale: Tale) -> str:
    return f"closed as {tale.outcome}" if tale.outcome else "still open"


def _named(partners: set[str]) -> str:
    return " and ".join(sorted(partners)) or "no partner"


def _arrivals(found: Evidence, partner: str, location: str) -> int:
    """Return how often a location came to a partner.

    A peer has one open case of it whatever comes, so what counts is what it took: each referral is a report there.
    """
    if partner == HUB:
        return sum(location in _texts(content) for content, _ in found.hub)
    if partner == POLICE:
        return sum(location in _texts(body) for body in found.police)
    taken = {item["report"] for one in found.held[partner] if one["location"] == location for item in one["items"]}
    return len(taken)


def _texts(value: Any) -> set[str]:
    """Return every text in a JSON value."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, Mapping):
        return {text for part in value.values() for text in _texts(part)}
    return {text for part in value for text in _texts(part)} if isinstance(value, (list, tuple)) else set()


def _details(found: Evidence) -> Iterator[Check]:
    """Yield what must and must not have travelled."""
    files = [one for held in found.held.values() for one in held]
    at_hub = [content for content, _ in found.hub]
    texts = {text for one in (*files, *found.police, *at_hub) for text in _texts(one)}
    for reported in found.reported.values():
        report, item = reported.report, reported.report.items[0]
        if report.memo:
            yield Check(f"{report.reference}: its memo never left", report.memo not in texts)
        if item.ways_in and item.ways_in.login:
            yield Check(f"{report.reference}: its login never left", item.ways_in.login.username not in texts)
        if item.ways_in and item.ways_in.referrer:
            yield Check(f"{report.reference}: the way in arrived", item.ways_in.referrer in texts)
        if item.account and _goes_to_a_peer(found, reported):
            yield Check(f"{report.reference}: the suspect's account arrived", item.account.handle in texts)
    yield Check("the police could open and believe every bundle", found.rejected == 0)
    yield Check("the police's number stands on everything they have", _numbered(found))


def _content(hub: Hub, one: Content) -> Mapping[str, Any]:
    report = hub.reports[one.report_id]
    said = {"url": one.url, "referrer": report.referrer, "memo": one.memo, "report": report.memo, "by": report.analyst}
    acts = [action["actionType"] for action in one.actions]
    return said | {"in": report.id, "source": one.is_source, "assessed": one.assessments, "acts": acts}


def _numbered(found: Evidence) -> bool:
    receipts = {one.get("id"): one["receipt"] for file in found.home.values() for one in file["referrals"]}
    return all(receipts.get(referral) == number for referral, number in found.numbers.items())


def _goes_to_a_peer(found: Evidence, reported: Reported) -> bool:
    return any(_arrivals(found, name, reported.location) for name in found.held)


def _order(found: Evidence) -> Iterator[Check]:
    """Yield what must hold of all cases at once."""
    summaries = [one["summary"] for one in found.home.values()]
    open_ones = [one for one in summaries if one["state"] != CaseState.CLOSED]
    unseen = [one["id"] for one in open_ones if one["next_at"] is None and one["desk"] is None]
    yield Check("every open case has a next date or a place on the desk", not unseen)
    closed = [one for one in found.home.values() if one["summary"]["state"] == CaseState.CLOSED]
    yield Check("every closed case says what that rests on", all(one["rests_on"] for one in closed))
    accepted = [one for case in found.home.values() for one in case["referrals"] if one["state"] == "accepted"]
    yield Check("every accepted referral has the partner's receipt", all(one["receipt"] for one in accepted))
    if found.days >= CHECK_DAY:
        later = {partner for tale in TALES for partner in tale.later}
        linked = [one for one in accepted if one["supersedes"] and one["partner"] in later]
        yield Check("what moved was referred again, linked to the first referral", bool(linked))
