"""Nothing waits unseen: people are asked about every referral that nothing comes of, and every case has a next look.

A referral that is to leave may take its time (`Context.undelivered_after`), one that is held without a date too; one
that may have arrived is a question at once, and a case that nobody works on for any partner as well.
"""

from collections.abc import Container, Sequence
from typing import Any, Final

from router.casework.case.desk_entry import NOBODY_WORKS_ON_IT, Question, put_on_desk
from router.casework.case.next_look import TRIED, asking_due, later, look_at, patience
from router.casework.context import Context
from router.casework.referral.row import AT_ITS_CAP, is_at_work
from router.clock import micros
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, follow_ups
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.states import ReferralState

_PART_OF_IT: Final = "{partner} has a part of it, and the rest is not done yet; the router keeps trying."


def question(rows: Sequence[Row], now: int, patience: int, dated: Container[str] = ()) -> Question | None:
    """Return what people must be asked about a case's referrals now, the gravest first.

    `dated` are the referrals that wait for a date as they should (`Step.dated`).
    """
    working = [row for row in rows if is_at_work(row)]
    if not working:
        return NOBODY_WORKS_ON_IT
    overdue = (row for row in working if _asked_at(row, patience, dated) <= now)
    due = sorted(overdue, key=lambda row: _ORDER[row["state"]])
    return _about(due[0]) if due else None


def _asked_at(row: Row, patience: int, dated: Container[str]) -> float:
    """Return when people are asked about a referral, unless something comes of it before."""
    match ReferralState(row["state"]):
        case ReferralState.WAITING if row["last_reason"] == AT_ITS_CAP:
            return int(row["next_at"]) + patience  # as it was told to, and maybe a million with it
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
    asks = question(rows, now, patience(ctx), dated) if row["desk_code"] is None else None
    on_desk = row["desk_code"] is not None or asks is not None
    adds = await _missing_check(ctx, row, rows) if due is None else ()
    asking = asking_due(ctx, rows)
    known = [*dates, *(int(add.values["due_at"]) for add in adds), *_looks(ctx, rows, dated, on_desk=on_desk)]
    known += [] if asking is None else [asking]
    values: dict[str, Any] = look_at(min(known, default=None))
    if asks is not None:
        values |= put_on_desk(row, asks, now)
    said = {"undelivered": sum(one["state"] in TRIED for one in rows), "asked": asks and asks[0]}
    event = Event("case.watched", ROUTER.id, row["id"], None, said)
    return Transition(now, (Change(cases, {"id": row["id"]}, values, row["version"]),), adds, (), (event,))


def _looks(ctx: Context, rows: Sequence[Row], dated: Container[str], *, on_desk: bool) -> list[int]:
    """Return when the referrals want another look: while people have the case, only for what is still being tried."""
    if on_desk:
        return [later(ctx)] if any(row["state"] in TRIED for row in rows) else []
    asked = (_asked_at(row, patience(ctx), dated) for row in rows if is_at_work(row))
    return [int(at) for at in asked if at < float("inf")]


def _is_dated(ctx: Context, row: Row) -> bool:
    """Tell whether a half-done referral waits for its date as it should, as a bundle does for its receipt."""
    dialect = ctx.dialects.get(row["dialect"])
    step = None if dialect is None else dialect.steps.get(row["progress_step"])
    return step is not None and step.dated


async def _missing_check(ctx: Context, row: Row, rows: Sequence[Row]) -> tuple[Add, ...]:
    """Date the check of what a partner has, when that was never done: it was accepted while the case was closed."""
    if not any(one["state"] == ReferralState.ACCEPTED for one in rows):
        return ()
    _, policy = await ctx.governance.policy()
    due = micros(ctx.clock.now() + policy.follow_up)
    return (Add(follow_ups, {"id": new_id(), "case_id": row["id"], "due_at": due}),)
