"""Take one content that a hub gave to us: a report of one item, its case, and what was done already, in one commit.

What is another hotline's, or went out from ourselves, is told apart and not taken. What cannot be a case (a location
that nobody can read) is kept with the reason. A content is one report: one that is listed after its page, or without
it, needs nothing but itself.
"""

from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import and_, select

from router.casework.context import Context
from router.casework.intake import take as intake
from router.casework.intake.validate import EARLIEST, Reported, ReportOrigin
from router.clock import micros
from router.errors import BadInput
from router.guard.mask import scrub
from router.hosting.location.url import read
from router.partners.inbox import HandedIn
from router.store.base import Add, Change, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import actions, hub_items, left_before_restore, referrals
from schemas.actor import ROUTER
from schemas.exchange import ActionStatement
from schemas.report import AssessmentGiven, ItemGiven, ReportGiven, WaysIn
from schemas.vocabulary import Assessment, Lane, SourceKind, action_reason
from schemas.word import Country

#: The longest location, and the longest note.
_LOCATION: Final = 8192
_NOTE: Final = 4000
_UNFIT: Final = "Its location cannot be read; look it up at the hub."


async def take(ctx: Context, row: Row, given: HandedIn, home: Country, *, watching: bool) -> str:
    """Take a listed content, or say why not, and return what became of it. Raise Conflict when others were faster."""
    if await _is_own(ctx, given):
        return await _kept(ctx, row, given, "ours")
    if given.assigned_to != home:
        return await _kept(ctx, row, given, "elsewhere")
    reported = _reported(row["partner"], given, ctx.clock.now(), watching=watching)
    if reported is None:
        return await _kept(ctx, row, given, "unfit", _UNFIT)
    index = intake.indexes(ctx.keyring, reported)
    opening = await intake.opening_of(ctx, ROUTER.id, [index])
    taken = opening.take(reported, index)
    case_id = taken.items[0].case
    more = {"reference": taken.dossier, "case_id": case_id}
    opening.adds += await _done_already(ctx, row["partner"], case_id, given.acts)
    opening.changes.append(_change(row, given, "taken", ctx.now(), more))
    await ctx.store.commit(opening.transition(await intake.along(ctx, opening)))
    return "taken"


async def _is_own(ctx: Context, given: HandedIn) -> bool:
    """Tell whether it is in a report that we handed in: a referral of ours is its reference, or its source's."""
    if not given.references:
        return False
    tables = (referrals, left_before_restore) if ctx.was_restored else (referrals,)
    looks = [select(table.c.id).where(table.c.id.in_(given.references)).limit(1) for table in tables]
    return any([bool(await ctx.store.rows(one)) for one in looks])


async def _kept(ctx: Context, row: Row, given: HandedIn, state: str, text: str | None = None) -> str:
    await ctx.store.commit(Transition(ctx.now(), (_change(row, given, state, ctx.now(), {"last_text": text}),)))
    return state


def _change(row: Row, given: HandedIn, state: str, now: int, more: dict[str, Any]) -> Change:
    values = {
        "state": state,
        "read_at": now,
        "report": given.report,
        "assigned_to": given.assigned_to,
        "assigned_at": None if given.assigned_at is None else micros(given.assigned_at),
        **more,
    }
    return Change(hub_items, {"partner": row["partner"], "number": row["number"]}, values, guard={"state": "listed"})


async def failed(ctx: Context, row: Row, text: str, *, for_good: bool) -> None:
    """Keep why a content could not be read; one that the hub refuses is not read again."""
    values = {"tries": row["tries"] + 1, "last_text": text, "state": "unfit" if for_good else "listed"}
    key = {"partner": row["partner"], "number": row["number"]}
    change = Change(hub_items, key, values | {"read_at": ctx.now()}, guard={"state": "listed"})
    await ctx.store.commit(Transition(ctx.now(), (change,)))


async def acknowledged(ctx: Context, row: Row, text: str | None) -> None:
    """Keep that the hub knows that we have a content, or why it will not be told again."""
    key = {"partner": row["partner"], "number": row["number"]}
    values = {"acknowledged_at": ctx.now(), "last_text": text}
    await ctx.store.commit(Transition(ctx.now(), (Change(hub_items, key, values, guard={"state": "taken"}),)))


def _reported(partner: str, given: HandedIn, now: datetime, *, watching: bool) -> Reported | None:
    """Return a content as the report it is to us; None for one that can be none."""
    try:
        report = _report(partner, given, now)
        locator = read(report.items[0].location, report.items[0].kind)
    except (ValidationError, BadInput):
        return None
    origin = ReportOrigin(
        partner, SourceKind.PEER, Lane.NORMAL, True, (partner,), partner, given.number, watching=watching
    )
    return Reported(report, (locator,), origin)


def _report(partner: str, given: HandedIn, now: datetime) -> ReportGiven:
    found_at = given.page or given.referrer
    ways = WaysIn(referrer=found_at) if found_at and len(found_at) <= _LOCATION else None
    item = ItemGiven(
        location=given.location,
        ways_in=ways,
        site_type=given.site_type,
        commerciality=given.commerciality,
        payment_methods=given.payment_methods,
        age=given.age,
        gender=given.gender,
    )
    assessment = AssessmentGiven(value=Assessment.UNASSESSED)
    if given.assessment is not Assessment.UNASSESSED:
        at = _plausible(given.assigned_at, now)  # the hub does not say when it was assessed
        assessment = AssessmentGiven(value=given.assessment, assessed_by=partner, assessed_at=at)
    return ReportGiven(
        source=partner,
        reference=f"{given.report}/{given.number}",
        received_at=_plausible(given.received_at or given.assigned_at, now),
        items=(item,),
        assessment=assessment,
        memo=_clean(given.memo),
    )


def _plausible(at: datetime | None, now: datetime) -> datetime:
    """Return a moment that can be: the hub's clock may be ahead of ours, and its dates may be empty ones."""
    return now if at is None or at > now or at < EARLIEST else at


def _clean(memo: str | None) -> str | None:
    kept = "".join(one for one in memo or "" if one.isprintable() or one == "\n").strip()[:_NOTE]
    return kept or None


async def _done_already(ctx: Context, partner: str, case_id: str, acts: tuple[ActionStatement, ...]) -> list[Add]:
    """Return the rows of what was done at the hub before it was ours; an open case may know some of it."""
    of_case = select(actions).where(and_(actions.c.case_id == case_id, actions.c.by == partner))
    known = {(row["action"], row["at"]) for row in await ctx.store.rows(of_case)}
    adds: list[Add] = []
    for act in acts:
        if (act.action, micros(act.at)) in known:
            continue
        known.add((act.action, micros(act.at)))
        values = {"id": new_id(), "case_id": case_id, "action": act.action, "at": micros(act.at), "by": partner}
        reason = act.reason and (action_reason(act.reason) or scrub(act.reason))
        adds.append(Add(actions, values | {"reason": reason, "moved_to": act.moved_to}))
    return adds
