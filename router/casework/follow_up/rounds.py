"""Rounds: a partner of many referrals is asked about all that it has, many in one call, and what is new is worked on.

A peer that says "not ours", "moved" or "removed" is so heard within the hour and not at the check after five days.
Where it says nothing new, nothing is written but how far the round is: the store gets one write for each call.

What a partner gets is bounded by its dialect (`Rounds`), not by what waits: the calls of a round are a fixed time
apart, and a round that is longer than that allows takes longer. One that is silent is asked again soon, at the next
page, so a page that it cannot answer keeps no other one waiting.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, exists, select, tuple_

from router.casework.case.gate import Held, held_ids
from router.casework.case.record import case_rows
from router.casework.case.sealed import keys_of
from router.casework.context import Context
from router.casework.deliver.progress import sent_referral
from router.casework.deliver.stops import halts
from router.casework.follow_up.acts_kept import new_acts
from router.casework.follow_up.heard import AGAIN
from router.casework.follow_up.partner_status import Answer, answer_of
from router.casework.follow_up.step import told
from router.delivery import ask
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.partners.base import Dialect
from router.partners.rounds import Rounds
from router.store.base import Change, LookUp, Row, Transition
from router.store.schema.tables import actions, follow_ups, referrals, status_rounds
from schemas.partner import Partner
from schemas.states import CaseState, ReferralState

#: Cases with news that are traced side by side.
_AT_ONCE: Final = 16
_KEPT: Final = LookUp(select(actions), actions.c.case_id)
_AT: Final = referrals.alias("at")
#: Referrals of a partner that one statement looks through for those that are open.
_LOOKED: Final = 1_000
#: In other states a case is being decided anew, and what its partners say of the time before can wait for that.
_LISTENS: Final = frozenset({CaseState.REFERRED, CaseState.DESK})


async def ask_a_page(ctx: Context, partner: Partner, dialect: Dialect, rounds: Rounds, place: Row) -> int:
    """Make the next call of a partner's round, and do what follows; return about how many referrals it asked.

    Of a case that an embargo or the police hold, nothing is asked.

    `place` is the partner's claimed row of `status_rounds`. Raise Conflict when another process was given it meanwhile.
    """
    began = ctx.now() if not place["after"] else int(place["began_at"])
    rows = await _page(ctx, partner, dialect, place["after"], rounds.at_once)
    held = await held_ids(ctx, {row["case_id"] for row in rows})
    asked = [row for row in rows if not _is_held(held.get(row["case_id"]), partner)]
    heard = await _heard(ctx, partner, dialect, asked) if asked else None
    await _worked_on(ctx, heard or [])
    is_last = len(rows) < rounds.at_once
    values = {
        "due_at": ctx.now() + _micros(_gap(ctx, rounds, began, is_last=is_last, silent=heard == [])),
        "began_at": began,
        "after": "" if is_last else rows[-1]["id"],
    }
    change = Change(status_rounds, {"partner": partner.name}, values, place["version"])
    await ctx.store.commit(Transition(ctx.now(), (change,)))
    return len(rows)


def _is_held(held: Held | None, partner: Partner) -> bool:
    return held is not None and held.keeps_from(partner.name)


def _gap(ctx: Context, rounds: Rounds, began: int, *, is_last: bool, silent: bool) -> timedelta:
    if silent:
        return max(AGAIN, rounds.apart)
    rest = timedelta(microseconds=began - ctx.now()) + rounds.every
    return max(rounds.apart, rest) if is_last else rounds.apart


async def _page(ctx: Context, partner: Partner, dialect: Dialect, after: str, count: int) -> list[Row]:
    """Return the next referrals that a partner has and whose cases are open, but those of which nothing may leave.

    What it has of cases that are over is looked through as well, a part at a time, and read by no statement whole.
    """
    is_open = exists().where(and_(follow_ups.c.case_id == referrals.c.case_id, follow_ups.c.done_at.is_(None)))
    has_it = and_(referrals.c.state == ReferralState.ACCEPTED, referrals.c.dialect == dialect.name)
    may_be = referrals.c.route.not_in((await halts(ctx)).routes)
    found: list[Row] = []
    while len(found) < count:
        part = _part(partner.name, after)
        wanted = select(referrals).where(referrals.c.id.in_(select(part.subquery().c.id)), has_it, may_be, is_open)
        found += await ctx.store.rows(wanted.order_by(referrals.c.case_id, referrals.c.id).limit(count - len(found)))
        ended = await ctx.store.rows(part.offset(_LOOKED - 1))
        if not ended:
            break
        after = ended[0]["id"]
    return found


def _part(partner: str, after: str) -> Select[Any]:
    """Return the ids of a partner's next referrals, whatever became of them, in the order of their cases."""
    of_case = select(_AT.c.case_id).where(_AT.c.id == after).scalar_subquery()
    later = tuple_(referrals.c.case_id, referrals.c.id) > tuple_(of_case, after)
    theirs = select(referrals.c.id).where(referrals.c.partner == partner, *([later] if after else []))
    return theirs.order_by(referrals.c.case_id, referrals.c.id).limit(_LOOKED)


async def _heard(ctx: Context, partner: Partner, dialect: Dialect, rows: Sequence[Row]) -> list[Answer]:
    """Return what the partner says of each referral that it speaks of; nothing when it is silent."""
    keys = await keys_of(ctx, (row["case_id"] for row in rows if row["progress"] is not None))
    sent = [sent_referral(dialect, row, keys.get(row["case_id"])) for row in rows]
    statuses = {one.referral_id: one for one in await ask.status(dialect, partner, sent) or ()}
    return [answer_of(dialect, row, (statuses[row["id"]],)) for row in rows if row["id"] in statuses]


async def _worked_on(ctx: Context, heard: Sequence[Answer]) -> None:
    """Do what follows from what is new, as if each of these cases had been looked at now."""
    speaking = [one for one in heard if one.returned or one.said]
    case_ids = {one.referral["case_id"] for one in speaking}
    known = await ctx.store.look_up(_KEPT, case_ids)
    news: dict[str, dict[str, Answer]] = {}
    for one in speaking:
        case_id = one.referral["case_id"]
        if one.returned or await new_acts(ctx, [one], known.get(case_id, [])):
            news.setdefault(case_id, {})[one.referral["id"]] = one
    turns = asyncio.Semaphore(_AT_ONCE)

    async def follow(row: Row) -> None:
        async with turns:
            await _follow(ctx, row, news[row["id"]])

    await asyncio.gather(*(follow(row) for row in (await case_rows(ctx, news)).values() if row["state"] in _LISTENS))


async def _follow(ctx: Context, row: Row, said: dict[str, Answer]) -> None:
    """Do what follows for one case. What fails is said again in the next round, and costs no other case anything."""
    try:
        with suppress(Conflict):  # somebody else was faster
            await ctx.store.commit(await told(ctx, row, said))
    except RouterError as error:
        get_log("follow_up.rounds").warning("round_failed", case=row["id"], code=error.code)
    except Exception as error:  # noqa: BLE001 - one broken case must not stop the round
        get_log("follow_up.rounds").warning("round_broke", case=row["id"], error=type(error).__name__, exc_info=error)


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
