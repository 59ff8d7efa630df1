"""Where a link leads, as a person who followed it found or as its text says: its items become linked items there.

The place is a case of its own (a new one, or the open one of that location) and is traced and decided as any other. The
link's own case is closed as moved: what was reported stands at the place. Where a server shows a copy of the place,
both are locations: its case goes on, and is traced as the host of the copy. The two name each other in their files.
One transaction: there is never a closed link without the place it led to.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from router.casework.case.acts import Standing, check_offered
from router.casework.case.close import closed
from router.casework.case.desk_entry import while_decided_anew
from router.casework.case.next_look import look_at
from router.casework.case.record import LONGEST_WAY, Opened, last_trace, open_case, open_cases
from router.casework.case.sealed import item_secrets
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.desk.act import case_for
from router.casework.intake import take as intake
from router.casework.intake.rows import Linked
from router.casework.intake.validate import Reported, ReportOrigin
from router.clock import moment
from router.errors import BadInput, Conflict
from router.hosting.location.identity import identity
from router.hosting.location.url import read
from router.store.base import Change, Event, Transition, with_beside
from router.store.schema.tables import cases, items
from schemas.actor import Actor
from schemas.casefile import DeskCode, ItemSecrets
from schemas.locator import Locator
from schemas.report import AssessmentGiven, ItemGiven, ReportGiven
from schemas.states import CASE, CaseState, step
from schemas.trace import Trace, VerdictKind
from schemas.vocabulary import Assessment, Commerciality, Lane, Outcome, SiteType, SourceKind, Urgency

#: What can be reported, because a reporter may know no better, but is no answer of somebody who followed a link.
_NOWHERE: Final = frozenset({"not_a_name", "private_name", "private_address", "email", "phone", "payment_address"})
_SHORT: Final = "It is a short link; the case goes on at the place it leads to."
_CARRIES: Final = "It only carries another location; the case goes on there."
#: Questions that naming the place answers; a child at risk is none, and is due when it was.
_ANSWERED: Final = (DeskCode.SHORTENED, DeskCode.WRAPPED)
#: How often this is prepared again after a race for the same place; each round sees the winner's rows.
_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class _Led:
    """A link's case, and where it leads."""

    opened: Opened
    place: Locator
    location: str  #: as a person typed it, or as the link carries it
    codes: frozenset[str]  #: the reasons of its last verdict


async def target(
    ctx: Context, case_id: str, actor: Actor, reason: str, *, location: str | None = None, version: int | None = None
) -> str:
    """Say where a link leads (without `location`: where its own text says); return the case of that place.

    Raise NotFound, BadInput (not a location, or one that leads back here), Conflict (it has a host of its own, is
    closed, or moved on).
    """
    for _ in range(_ROUNDS):
        row, _ = await case_for(ctx, case_id, version, "close")
        if row["verdict"] != VerdictKind.UNRESOLVED:
            raise Conflict(
                "Only what was traced and has no address of its own leads elsewhere; report the other place beside it.",
                reason="not_now",
            )
        check_offered("target", Standing(row))
        opened = await open_case(ctx, row)
        trace = await last_trace(ctx, opened)
        where = location or (trace.verdict.leads_to if trace else None)
        if where is None:
            raise BadInput("This link does not say where it leads; type the location.", field="location")
        place = _read(where, opened)
        await _check_no_circle(ctx, opened, place)
        led = _Led(opened, place, where, _codes(trace))
        linked, transition = await _linked(ctx, led, (actor, reason))
        try:
            await ctx.store.commit(transition)
        except Conflict:
            continue  # somebody reported the place meanwhile, or changed the case: read both again
        return linked
    raise Conflict


def _codes(trace: Trace | None) -> frozenset[str]:
    return frozenset() if trace is None else frozenset(reason.code for reason in trace.verdict.reasons)


def _read(location: str, opened: Opened) -> Locator:
    try:
        place = read(location)
    except BadInput as error:
        raise BadInput(error.message, field="location", reason=error.reason) from None
    if place.no_host in _NOWHERE:
        raise BadInput("This is no place on the internet; type the whole location that it leads to.", field="location")
    if identity(place) == identity(opened.locator):
        raise BadInput("This is the short link itself; type the location that it leads to.", field="location")
    return place


async def _check_no_circle(ctx: Context, opened: Opened, place: Locator) -> None:
    """Refuse a place from which people came here: following it would never end."""
    behind = {one.through for one in opened.items if one.through is not None}
    seen: set[str] = set()
    for _ in range(LONGEST_WAY):
        before = await open_cases(ctx, behind - seen)
        if any(identity(one.locator) == identity(place) for one in before.values()):
            raise BadInput("These links lead in a circle; look again where they lead.", field="location")
        seen |= behind
        behind = {item.through for one in before.values() for item in one.items if item.through is not None}
        if not behind - seen:
            return


async def _linked(ctx: Context, led: _Led, said: tuple[Actor, str]) -> tuple[str, Transition]:
    """Return the case of the place, and everything that changes."""
    actor, reason = said
    opened = led.opened
    reported = await _reported(ctx, opened, led.place, led.location, actor)
    index = intake.indexes(ctx.keyring, reported)
    opening = await intake.opening_of(ctx, actor.id, [index])
    case_id = opening.lead(reported, index.urls[0], opened.row, await _items(ctx, opened, led.location))
    there = opening.transition(await intake.along(ctx, opening))
    event = await acted(ctx, "case.target_named", actor, reason, opened.id, leads_to=case_id)
    here = await _ended(ctx, led, case_id, actor, event)
    return case_id, with_beside(here, there)


async def _ended(ctx: Context, led: _Led, leads_to: str, actor: Actor, event: Event) -> Transition:
    """Return what becomes of the link's own case: it ends; a copy is traced and decided as a location of its own."""
    row = led.opened.row
    secrets = led.opened.secrets.model_copy(update={"leads_to": leads_to})
    sealed = {"sealed": led.opened.sealed(secrets)}
    if "serves_copy" in led.codes:
        after = step(CASE, CaseState(row["state"]), "retrace")
        values = {"state": after, **look_at(ctx.now()), **while_decided_anew(row, *_ANSWERED), **sealed}
        return Transition(ctx.now(), (Change(cases, {"id": row["id"]}, values, row["version"]),), (), (), (event,))
    rests_on = _CARRIES if "link_wrapper" in led.codes else _SHORT
    return await closed(ctx, row, Outcome.MOVED, rests_on, actor.id, event, also=sealed)


async def _reported(ctx: Context, opened: Opened, place: Locator, location: str, actor: Actor) -> Reported:
    """Return the place as if it had been reported in the short link's stead: by whom, when, and as what."""
    row = opened.row
    source = (await intake.known(ctx)).get(row["source"])
    origin = ReportOrigin(
        source=row["source"],
        kind=SourceKind(row["source_kind"]),
        lane=Lane(row["lane"]),
        assesses=True,
        path=tuple(json.loads(row["path"])),
        origin=row["origin"],
        origin_reference=row["origin_reference"],
        daily_cap=None if source is None else source["daily_cap"],
    )
    item = ItemGiven(
        location=location,
        site_type=SiteType(row["site_type"]) if row["site_type"] else None,
        commerciality=Commerciality(row["commerciality"]) if row["commerciality"] else None,
    )
    report = ReportGiven(
        source=row["source"],
        reference=opened.id,
        received_at=moment(row["received_at"]),
        items=(item,),
        assessment=_assessment(ctx, opened, actor),
        urgency=Urgency(row["urgency"]),
    )
    return Reported(report, (place,), origin)


def _assessment(ctx: Context, opened: Opened, actor: Actor) -> AssessmentGiven:
    """Return the assessment of the short link: whoever gave it looked at what it leads to."""
    value = Assessment(opened.row["assessment"])
    if value is Assessment.UNASSESSED:
        return AssessmentGiven(value=value)
    by = next((one.assessed_by for one in opened.items if one.assessed_by), actor.id)
    at = moment(opened.row["assessed_at"] or ctx.now())
    return AssessmentGiven(value=value, assessed_by=by, assessed_at=at)


async def _items(ctx: Context, opened: Opened, location: str) -> Sequence[Linked]:
    """Return one linked item for each report that named the short link, with all that it said."""
    of_case = select(items).where(items.c.case_id == opened.id)
    rows = await ctx.store.rows(of_case.order_by(items.c.added_at, items.c.id))
    lowest = await _lowest(ctx, {row["report_id"] for row in rows})
    found = []
    for row in rows:
        lowest[row["report_id"]] -= 1
        secrets = item_secrets(opened.key, row["id"], row["sealed"])
        found.append(Linked(row["report_id"], lowest[row["report_id"]], _moved(secrets, opened.id, location), row))
    return found


def _moved(secrets: ItemSecrets, through: str, location: str) -> dict[str, Any]:
    moved = secrets.model_copy(update={"location": location, "through": through})
    return {name: getattr(moved, name) for name in ItemSecrets.model_fields}


async def _lowest(ctx: Context, reports: set[str]) -> dict[str, int]:
    """Return the lowest position in each report. Linked items stand below zero: no source ever sent them."""
    lowest = func.min(items.c.position).label("lowest")
    rows = await ctx.store.rows(
        select(items.c.report_id, lowest).where(items.c.report_id.in_(sorted(reports))).group_by(items.c.report_id)
    )
    return {row["report_id"]: min(0, row["lowest"]) for row in rows}
