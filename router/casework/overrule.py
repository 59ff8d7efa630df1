"""What staff do to a referral: hold, release, override, retry, recall. Each is final against any worker.

An act raises the version, so that a worker's later outcome finds its row moved on. A referral that has not left never
leaves afterwards; one that is being sent becomes `recall_pending`, and is settled when the attempt resolves.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from router.casework.acting import acted, case_for, referral_for, referral_row
from router.casework.capping import start_of_day
from router.casework.casefile import open_case, referral_rows
from router.casework.choosing import chosen_by_staff
from router.casework.context import Context
from router.casework.decide import decision_row, judged
from router.casework.reading import referral as view
from router.casework.referring import LIVE, Chosen, referral
from router.clock import micros
from router.errors import BadInput, Conflict
from router.store.base import Change, Row, Transition
from router.store.ids import new_id
from router.store.tables import cases, referrals
from schemas.actor import Actor
from schemas.casefile import DeskCode, ReferralView
from schemas.states import CASE, CaseState, ReferralState, step


async def hold(
    ctx: Context,
    referral_id: str,
    actor: Actor,
    reason: str,
    *,
    until: datetime | None = None,
    version: int | None = None,
) -> ReferralView:
    """Keep a referral from leaving, until a date or until released. Raise NotFound, BadInput, Conflict."""
    row, after = await referral_for(ctx, referral_id, version, "hold")
    if until is not None and until <= ctx.clock.now():
        raise BadInput("The date to hold until must be in the future.", field="until")
    dated = None if until is None else micros(until)
    values = {"state": after, "next_at": dated, "hold_until": dated, "hold_reason": "staff"}
    return await _act(ctx, row, values, "referral.held", actor, reason)


async def release(
    ctx: Context, referral_id: str, actor: Actor, reason: str, *, version: int | None = None
) -> ReferralView:
    """Let a held referral leave now. Raise NotFound, Conflict."""
    row, after = await referral_for(ctx, referral_id, version, "release")
    values = {"state": after, "next_at": ctx.now(), "hold_until": None, "hold_reason": None}
    return await _act(ctx, row, values, "referral.released", actor, reason)


async def retry(
    ctx: Context, referral_id: str, actor: Actor, reason: str, *, version: int | None = None
) -> ReferralView:
    """Send now what waits for a later try, was refused, expired, or may have arrived. Raise NotFound, Conflict.

    What waits for its source's daily cap leaves too: a person said so, and today it counts as counted.
    """
    row, after = await referral_for(ctx, referral_id, version, "retry")
    values = {"state": after, "next_at": ctx.now(), "attempts": 0, "counted_on": start_of_day(ctx.now())}
    return await _act(ctx, row, values, "referral.retried", actor, reason)


async def recall(
    ctx: Context, referral_id: str, actor: Actor, reason: str, *, version: int | None = None
) -> ReferralView:
    """Take a referral back, and put the case on the desk unless another referral of it lives.

    At once when it has not left, `recall_pending` while it is being sent, by telling the partner when it may have
    arrived. Raise NotFound, Conflict.
    """
    event_name = _recall_event(await referral_row(ctx, referral_id))
    row, after = await referral_for(ctx, referral_id, version, event_name)
    changes = [_recalled(row, after, ctx.now())]
    standing = [r for r in await referral_rows(ctx, row["case_id"]) if r["id"] != referral_id and r["state"] in LIVE]
    if not standing:
        changes += await _back_to_desk(ctx, row)
    event = await acted(ctx, "referral.recalled", actor, reason, row["case_id"], referral_id, was=row["state"])
    await ctx.store.commit(Transition(ctx.now(), tuple(changes), (), (), (event,)))
    return await view(ctx, referral_id)


def _recall_event(row: Row) -> str:
    """One that may have arrived is withdrawn at the partner, not only dropped here."""
    unsent = row["state"] in (ReferralState.WAITING, ReferralState.HELD)
    return "take_back" if unsent and row["may_have_arrived"] else "recall"


def _recalled(row: Row, after: ReferralState, now: int, **more: object) -> Change:
    """Return the change that takes a referral back; what is to be told to the partner is due at once."""
    pending = after in (ReferralState.WITHDRAWING, ReferralState.RECALL_PENDING)
    due = row["next_at"] if after is ReferralState.RECALL_PENDING else now
    values = {"state": after, "next_at": due if pending else None, **more}
    return Change(
        referrals, {"id": row["id"]}, values, row["version"], keep_claim=after is ReferralState.RECALL_PENDING
    )


async def override(
    ctx: Context,
    referral_id: str,
    actor: Actor,
    reason: str,
    *,
    partner: str | None = None,
    country: str | None = None,
    version: int | None = None,
) -> ReferralView:
    """Send the case to another partner, or to a country's partner, instead. The old referral never leaves afterwards.

    Raise NotFound, BadInput (unknown or barred partner), Conflict.
    """
    seen = await referral_row(ctx, referral_id)
    row, after = await referral_for(ctx, referral_id, version, _recall_event(seen) if _is_out(seen) else "supersede")
    case, state = await case_for(ctx, row["case_id"], None, "refer")
    opened = await open_case(ctx, case)
    recipient, decision = await chosen_by_staff(ctx, case, actor, partner, country)
    if recipient.partner == row["partner"]:
        raise BadInput("It already goes to this partner; choose another one, or retry it.", field="partner")
    await _not_twice(ctx, case["id"], recipient.partner)
    known, _ = await judged(ctx, opened)
    now, decision_id = ctx.now(), new_id()
    added = referral(Chosen(case, decision_id, recipient, supersedes=referral_id), now)
    old = _recalled(row, after, now, superseded_by=added.values["id"])
    placed = {
        "state": state,
        "desk_code": None,
        "desk_text": None,
        "next_at": _watch(ctx, case, now),
        "decision_id": decision_id,
        "assigned_country": decision.assigned_country,
    }
    event = await acted(
        ctx,
        "referral.overridden",
        actor,
        reason,
        case["id"],
        referral_id,
        to=recipient.partner,
        referral=added.values["id"],
        was=row["state"],
    )
    changes = (old, Change(cases, {"id": case["id"]}, placed, case["version"]))
    adds = (decision_row(opened, decision_id, known, decision, now), added)
    await ctx.store.commit(Transition(now, changes, adds, (), (event,)))
    return await view(ctx, added.values["id"])


def _is_out(row: Row) -> bool:
    """Tell whether it may have reached its partner, so that it has to be taken back there."""
    out = {ReferralState.SENDING, ReferralState.ACCEPTED, ReferralState.UNKNOWN}
    return row["state"] in out or bool(row["may_have_arrived"])


async def _not_twice(ctx: Context, case_id: str, partner: str) -> None:
    """Raise Conflict when the case already has a live referral to that partner."""
    found = await ctx.store.rows(
        select(referrals.c.id).where(
            and_(referrals.c.case_id == case_id, referrals.c.partner == partner, referrals.c.state.in_(sorted(LIVE)))
        )
    )
    if found:
        raise Conflict(
            "This partner already has a referral of the case; see it on the case's page.", reason="duplicate"
        )


def _watch(ctx: Context, case: Row, now: int) -> int:
    watch = now + round(ctx.undelivered_after * 1_000_000)
    return watch if case["next_at"] is None else min(int(case["next_at"]), watch)


async def _act(ctx: Context, row: Row, values: Mapping[str, Any], act: str, actor: Actor, reason: str) -> ReferralView:
    event = await acted(ctx, act, actor, reason, row["case_id"], row["id"], was=row["state"])
    change = Change(referrals, {"id": row["id"]}, values, row["version"])
    await ctx.store.commit(Transition(ctx.now(), (change,), (), (), (event,)))
    return await view(ctx, row["id"])


async def _back_to_desk(ctx: Context, row: Row) -> list[Change]:
    rows = await ctx.store.rows(select(cases).where(cases.c.id == row["case_id"]))
    case = rows[0]
    after = step(CASE, CaseState(case["state"]), "ask_staff")
    if after is None:
        return []
    asked = {
        "state": after,
        "desk_code": DeskCode.OVERRULED,
        "desk_text": "The referral was taken back; say what is to be done.",
        "desk_since": ctx.now(),
        "desk_due": None,
    }
    return [Change(cases, {"id": case["id"]}, asked, case["version"])]
