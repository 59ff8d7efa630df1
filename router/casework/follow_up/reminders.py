"""What partners are to be reminded of, by partner: what people saw still there at a check, and may be told of now.

A peer is told by the router itself; where a dialect has no word for it, people hand it over: one digest for each
partner and working day of its country, by the house's clock. It names both sides' numbers and no location. Nobody is
reminded of what police keep up, of what the law or a stop keeps from them, or of what an embargo or the police hold.
Police units are asked at their own rhythm, in their language (`police_digest`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, func, or_, select, text

from router.casework.case.gate import held_ids
from router.casework.context import Context
from router.casework.deliver.stops import halts
from router.casework.follow_up.police_digest import (
    ASKED_ABOUT,
    asked_in,
    is_police,
    language_of,
    not_before,
    to_be_asked,
)
from router.clock import moment, moment_or_none
from router.data.working_days import is_working_day
from router.policy.bars import may_be_called
from router.store.base import Row
from router.store.schema.tables import cases, referrals, reminders
from schemas.partner import Partner
from schemas.reminder import Reminded, Reminder
from schemas.states import ReferralState

#: In the words of its index, which no bound value could be proved to meet.
_STILL_THERE: Final = text("still_there > 0 AND state <> 'closed'")
#: More than any country rests at a stretch, in days.
_LONGEST_REST: Final = 60
_TEXT: Final = "Still there by our own look. Please tell us what became of these, by your number or ours:"
_LINE: Final = "{referral}  yours: {theirs}  with you since {since}"
_NO_NUMBER: Final = "none was given"


async def to_remind(ctx: Context, partner: str | None = None) -> list[Reminder]:
    """Return what each partner (or this one) is to be reminded of, or was today."""
    today = ctx.clock.now().astimezone(ctx.zone).date()
    taken = {
        row["partner"]: row for row in await ctx.store.rows(select(reminders).where(reminders.c.day == str(today)))
    }
    found = []
    rows = await _free(ctx, await _to_be_said(ctx, partner, [row["at"] for row in taken.values()]))
    for one in await _reachable(ctx, {row["partner"] for row in rows}):
        theirs, mark = [row for row in rows if row["partner"] == one.name], taken.get(one.name)
        if mark is not None and (told := [row for row in theirs if row["reminded_at"] == mark["at"]]):
            found.append(_of(ctx, one, told, today, mark))
        if waiting := [row for row in theirs if row["still_there_at"] is not None]:
            first = today if mark is None else today + timedelta(days=1)
            rests = await not_before(ctx, one.name) if is_police(one) else None
            found.append(_of(ctx, one, waiting, next_day(ctx, one, max(first, rests or first))))
    return found


async def _to_be_said(ctx: Context, partner: str | None, taken: Sequence[int]) -> list[Row]:
    units = {one.name for one in (await ctx.governance.directory()).partners if is_police(one)}
    rows = [] if partner in units else await ctx.store.rows(_wanted(partner, taken))
    others = [row for row in rows if row["partner"] not in units]
    asked = units if partner is None else units & {partner}
    return others + (await to_be_asked(ctx, asked, taken) if asked else [])


def text_of(items: Iterable[Reminded]) -> str:
    """Return what is handed over."""
    lines = (
        _LINE.format(referral=one.referral, theirs=one.theirs or _NO_NUMBER, since=_day(one.accepted_at))
        for one in items
    )
    return "\n".join((_TEXT, *lines))


def next_day(ctx: Context, partner: Partner, day: date) -> date:
    """Return the first day from that one on on which somebody works at the partner: in any of its countries."""
    where = partner.countries or (ctx.home,)
    days = (day + timedelta(days=by) for by in range(_LONGEST_REST))
    return next((one for one in days if any(is_working_day(country, one) for country in where)), day)


def _wanted(partner: str | None, taken: Sequence[int]) -> Select[Any]:
    """Return what a partner has of an open case that was last seen there, where it is now."""
    waits = or_(referrals.c.still_there_at.is_not(None), referrals.c.reminded_at.in_(taken))
    # Few cases are there beside a million referrals that a partner has: by the cases' ids these are found.
    has_it = and_(func.coalesce(referrals.c.state, "") == ReferralState.ACCEPTED, waits)
    is_there = select(cases.c.id).where(_STILL_THERE, cases.c.gone_seen.is_(None))
    found = select(*ASKED_ABOUT).where(referrals.c.case_id.in_(is_there), has_it)
    found = found if partner is None else found.where(func.coalesce(referrals.c.partner, "") == partner)
    return found.order_by(referrals.c.accepted_at, referrals.c.id)


async def _free(ctx: Context, rows: Sequence[Row]) -> list[Row]:
    held = await held_ids(ctx, {row["case_id"] for row in rows})
    halted = await halts(ctx)
    by = [(row, held.get(row["case_id"])) for row in rows if row["route"] not in halted.routes]
    return [row for row, one in by if one is None or not one.keeps_from(row["partner"])]


async def _reachable(ctx: Context, names: set[str]) -> list[Partner]:
    _, policy = await ctx.governance.policy()
    halted = await halts(ctx)
    known = (one for one in (await ctx.governance.directory()).partners if one.name in names)
    return [one for one in known if may_be_called(one, policy) is None and not halted.partner(one.name)]


def _of(ctx: Context, partner: Partner, rows: Iterable[Row], day: date, mark: Row | None = None) -> Reminder:
    items = tuple(
        Reminded(
            referral=row["id"],
            case=row["case_id"],
            theirs=row["receipt"] or None,
            accepted_at=moment_or_none(row["accepted_at"]),
            seen_at=None if mark is not None else moment_or_none(row["still_there_at"]),
        )
        for row in rows
    )
    police, language = is_police(partner), language_of(ctx, partner) if is_police(partner) else "en"
    said = Reminder(partner=partner.name, items=items, police=police, language=language, from_day=day)
    if mark is None:
        return said
    handed = asked_in(language, items) if police else text_of(items)
    return said.model_copy(update={"text": handed, "taken_at": moment(mark["at"]), "taken_by": mark["by"]})


def _day(at: datetime | None) -> str:
    return "?" if at is None else f"{at:%Y-%m-%d}"
