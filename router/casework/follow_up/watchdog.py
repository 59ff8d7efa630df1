"""Nothing waits unseen: people are asked about every referral that nothing comes of, and every case has a next look.

A referral that is to leave may take its time (`Context.undelivered_after`), one that is held without a date too; one
that may have arrived is a question at once, and a case that nobody works on for any partner as well.
"""

from collections.abc import Container, Sequence
from typing import Any, Final

from router.casework.case.desk_entry import (
    NOBODY_WORKS_ON_IT,
    Open,
    Question,
    answer,
    asked_about,
    overtaken,
    put_on_desk,
)
from router.casework.case.next_look import TRIED, asking_due, later, look_at, patience
from router.casework.context import Context
from router.casework.referral.check_dates import check_dates
from router.casework.referral.row import AT_ITS_CAP, is_at_work
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, follow_ups
from schemas.actor import ROUTER
from schemas.casefile import DeskCode, WaitCode
from schemas.states import CaseState, ReferralState

#: What waits for a date that is known: what a source may send in a day, and the day that the police named.
_WAITS_AS_IT_SHOULD: Final = frozenset({AT_ITS_CAP, WaitCode.POLICE_HOLD})
_PART_OF_IT: Final = "{partner} has a part of it, and the rest is not done yet; the router keeps trying."


def questions(
    rows: Sequence[Row], now: int, patience: int, dated: Container[str] = ()
) -> tuple[tuple[str, Question], ...]:
    """Return what people must be asked about each of a case's referrals now, the gravest first: referral -> question.

    `dated` are the referrals that wait for a date as they should (`Step.dated`).
    """
    overdue = (row for row in rows if is_at_work(row) and _asked_at(row, patience, dated) <= now)
    return tuple((row["id"], _about(row)) for row in sorted(overdue, key=lambda row: _ORDER[row["state"]]))


def _asked_at(row: Row, patience: int, dated: Container[str]) -> float:
    """Return when people are asked about a referral, unless something comes of it before."""
    match ReferralState(row["state"]):
        case ReferralState.WAITING if row["last_reason"] in _WAITS_AS_IT_SHOULD:
            return int(row["next_at"]) + patience
        case ReferralState.WAITING | ReferralState.SENDING if row["id"] in dated:
            return int(row["next_at"]) + patience
        case ReferralState.WAITING | ReferralState.SENDING:
            return int(row["created_at"]) + patience
        case ReferralState.HELD:
            return int(row["next_at"] or row["created_at"]) + patience
        case ReferralState.UNKNOWN:
            return 0
        case _:
            return float("inf")


_ORDER = {ReferralState.UNKNOWN: 0, ReferralState.WAITING: 1, ReferralState.SENDING: 1, ReferralState.HELD: 2}


def _about(row: Row) -> Question:
    match ReferralState(row["state"]):
        case ReferralState.UNKNOWN:
            return DeskCode.UNKNOWN, f"{row['partner']} may have it; ask, then recall it or try again."
        case ReferralState.HELD:
            return DeskCode.STOPPED, f"The referral to {row['partner']} is still held; release it, or recall it."
        case _ if row["progress_step"] is not None:
            return DeskCode.UNDELIVERED, _PART_OF_IT.format(partner=row["partner"])
        case _:
            return DeskCode.UNDELIVERED, f"{row['partner']} has not taken it yet; the router keeps trying."


async def watched(ctx: Context, row: Row, rows: Sequence[Row], due: int | None, dates: Sequence[int]) -> Transition:
    """Return the step of a case without a check due: ask people what is to be asked, and set the next date.

    `rows` are its referrals, `due` is its open check, `dates` are all its dates that are known (with `due`), each in
    microseconds.
    """
    now = ctx.now()
    dated = {one["id"] for one in rows if _is_dated(ctx, one)}
    placed = _without_what_is_over(row, rows, now)
    known_of = asked_about(row | placed)
    asks = [one for one in questions(rows, now, patience(ctx), dated) if _is_new(known_of.get(one[0]), one[1])]
    for referral_id, asked in asks:
        placed |= put_on_desk(row | placed, asked, now, referral_id)
    if (row | placed)["desk_code"] is None and not any(is_at_work(one) for one in rows):
        asks = [("", NOBODY_WORKS_ON_IT)]
        placed |= put_on_desk(row | placed, NOBODY_WORKS_ON_IT, now)
    adds = await _missing_check(ctx, row, rows) if due is None else ()
    asking = asking_due(ctx, rows)
    known = [*dates, *(int(add.values["due_at"]) for add in adds), *_looks(ctx, rows, dated, row | placed)]
    known += [] if asking is None else [asking]
    values: dict[str, Any] = look_at(min(known, default=None))
    values |= placed
    said = {"undelivered": sum(one["state"] in TRIED for one in rows), "asked": asks[0][1][0] if asks else None}
    event = Event("case.watched", ROUTER.id, row["id"], None, said)
    return Transition(now, (Change(cases, {"id": row["id"]}, values, row["version"]),), adds, (), (event,))


def _without_what_is_over(row: Row, rows: Sequence[Row], now: int) -> dict[str, Any]:
    """Return what changes in a case of whose referrals something is asked that is not so any more."""
    over = overtaken(row, rows)
    return answer(row, CaseState.REFERRED, now, about=over) if over else {}


def _is_new(known: Open | None, asks: Question) -> bool:
    """Tell whether a referral wants a question that is not open; whatever else is asked of it stays as it is."""
    return known is None or (known.code is DeskCode.UNDELIVERED and asks[0] is not known.code)


def _looks(ctx: Context, rows: Sequence[Row], dated: Container[str], case: Row) -> list[int]:
    """Return when the referrals want another look: of what people are asked about, only while it is still tried."""
    on_desk, known = case["desk_code"] is not None, asked_about(case)
    asked = (_asked_at(row, patience(ctx), dated) for row in rows if is_at_work(row) and row["id"] not in known)
    looks = [int(at) for at in asked if at < float("inf")]
    return [*looks, later(ctx)] if on_desk and any(row["state"] in TRIED for row in rows) else looks


def _is_dated(ctx: Context, row: Row) -> bool:
    """Tell whether a half-done referral waits for its date as it should, as a bundle does for its receipt."""
    dialect = ctx.dialects.get(row["dialect"])
    step = None if dialect is None else dialect.steps.get(row["progress_step"])
    return step is not None and step.dated


async def _missing_check(ctx: Context, row: Row, rows: Sequence[Row]) -> tuple[Add, ...]:
    """Date the check of what a partner has or may have, when that was never done.

    It was accepted while the case was closed, or an attempt may have arrived that nobody has answered yet.
    """
    dates = await check_dates(ctx)
    due = None if await dates.over(row, rows) else dates.first(row, rows)
    if due is None:
        return ()
    return (Add(follow_ups, {"id": new_id(), "case_id": row["id"], "due_at": due}),)
