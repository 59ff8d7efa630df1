"""What staff do to a referral: hold, release, override, retry, recall. Each is final against any worker.

An act raises the version, so that a worker's later outcome finds its row moved on. A referral that has not left never
leaves afterwards; one that is being sent becomes `recall_pending`, and is settled when the attempt resolves.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from router.casework.case.desk_entry import answer, ask, asked_about, is_answered, put_on_desk
from router.casework.case.next_look import later, look_at
from router.casework.case.record import case_row, referral_rows
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.deliver.progress import NOT_BEGUN
from router.casework.deliver.source_cap import start_of_day
from router.casework.desk.act import (
    Intent,
    case_for,
    check_not_held,
    referral_for,
    referral_row,
    retry_on_conflict,
    retry_same_intent,
)
from router.casework.desk.replace_referral import instead
from router.casework.read.lists import referral as view
from router.casework.referral.changes import in_doubt, may_have_arrived, override_event, recall_event, recalled
from router.casework.referral.row import due_at, is_at_work
from router.clock import micros
from router.errors import BadInput, Conflict
from router.partners.base import EffectClass
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, referrals
from schemas.actor import Actor
from schemas.casefile import DeskCode, ReferralView
from schemas.states import CASE, CaseState, ReferralState, step

_CLOSED = "The case is closed, so nothing of it is sent. Report the location again: that opens a new case."
#: Questions of the desk that are answered when a referral is let go, or tried again.
_ANSWERED_BY_RELEASE = frozenset({DeskCode.STOPPED, DeskCode.UNDELIVERED})
_ANSWERED_BY_RETRY = frozenset({DeskCode.REFUSED, DeskCode.EXPIRED, DeskCode.UNKNOWN, DeskCode.UNDELIVERED})


@retry_same_intent
async def hold(
    intent: Intent,
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
    intent.hold_to(row["version"], anyway=row["state"] == ReferralState.WAITING)
    if until is not None and until <= ctx.clock.now():
        raise BadInput("The date to hold until must be in the future.", field="until")
    dated = None if until is None else micros(until)
    values = {"state": after, **due_at(dated), "hold_until": dated, "hold_reason": "staff"}
    return await _act(ctx, row, values, "referral.held", actor, reason)


@retry_same_intent
async def release(
    intent: Intent, ctx: Context, referral_id: str, actor: Actor, reason: str, *, version: int | None = None
) -> ReferralView:
    """Let a held referral leave now. Raise NotFound, Conflict."""
    row, after = await referral_for(ctx, referral_id, version, "release")
    await check_not_held(ctx, await case_row(ctx, row["case_id"]))
    intent.hold_to(row["version"])
    values = {"state": after, **due_at(ctx.now()), "hold_until": None, "hold_reason": None}
    return await _act(ctx, row, values, "referral.released", actor, reason, _ANSWERED_BY_RELEASE)


@retry_same_intent
async def retry(
    intent: Intent, ctx: Context, referral_id: str, actor: Actor, reason: str, *, version: int | None = None
) -> ReferralView:
    """Send now what waits for a later try, was refused, expired, or may have arrived. Raise NotFound, Conflict.

    What waits for its source's daily cap leaves too: a person said so, and today it counts as counted.
    """
    row, after = await referral_for(ctx, referral_id, version, "retry")
    intent.hold_to(row["version"], anyway=row["state"] == ReferralState.WAITING)
    await _check_open(ctx, row)
    await check_not_held(ctx, await case_row(ctx, row["case_id"]))
    values = {"state": after, **due_at(ctx.now()), "attempts": 0, "counted_on": start_of_day(ctx.now())}
    values |= await _refreeze_columns(ctx, row)
    return await _act(ctx, row, values, "referral.retried", actor, reason, _ANSWERED_BY_RETRY)


@retry_on_conflict
async def recall(
    ctx: Context, referral_id: str, actor: Actor, reason: str, *, version: int | None = None
) -> ReferralView:
    """Take a referral back, and put the case on the desk unless another referral of it is at work.

    At once when it has not left, `recall_pending` while it is being sent, by telling the partner when it may have
    arrived. Raise NotFound, Conflict.
    """
    event_name = recall_event(await referral_row(ctx, referral_id))
    row, after = await referral_for(ctx, referral_id, version, event_name)
    changes = [recalled(row, after, ctx.now())]
    others = [one for one in await referral_rows(ctx, row["case_id"]) if one["id"] != referral_id]
    changes += await _back_to_desk(ctx, row, works=any(is_at_work(one) for one in others))
    event = await acted(ctx, "referral.recalled", actor, reason, row["case_id"], referral_id, was=row["state"])
    await ctx.store.commit(Transition(ctx.now(), tuple(changes), (), (), (event,)))
    return await view(ctx, referral_id)


@retry_on_conflict
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
    row, _ = await referral_for(ctx, referral_id, version, override_event(await referral_row(ctx, referral_id)))
    case, _ = await case_for(ctx, row["case_id"], None, "refer")
    await check_not_held(ctx, case)
    return await instead(ctx, row, case, actor, reason, partner=partner, country=country)


async def _refreeze_columns(ctx: Context, row: Row) -> Mapping[str, Any]:
    """Return what has a referral frozen anew: bytes that the partner's dialect of today cannot send help nobody.

    Where the first ones may have arrived, only a person who was asked about that has said so: the turn asks the others.
    """
    if may_have_arrived(row) and row["state"] != ReferralState.UNKNOWN:
        return {}
    if row["by_people"]:  # they do not have it, as they told: it is handed over from the beginning
        return NOT_BEGUN
    partner = (await ctx.governance.directory()).named(row["partner"])
    if partner is None or row["dialect"] in (None, partner.dialect):
        return {}
    return {"payload": None, "dialect": None, **NOT_BEGUN}


async def _check_open(ctx: Context, row: Row) -> None:
    """Raise Conflict when the referral's case is closed: nothing of it leaves any more."""
    if (await case_row(ctx, row["case_id"]))["state"] == CaseState.CLOSED:
        raise Conflict(_CLOSED, reason="case_closed")


async def _act(
    ctx: Context,
    row: Row,
    values: Mapping[str, Any],
    act: str,
    actor: Actor,
    reason: str,
    answers: frozenset[DeskCode] = frozenset(),
) -> ReferralView:
    event = await acted(ctx, act, actor, reason, row["case_id"], row["id"], was=row["state"])
    # The claims that may tell it are let go.
    kept = {"may_have_arrived": int(may_have_arrived(row)), "in_doubt": int(await _stays_in_doubt(ctx, row))}
    change = Change(referrals, {"id": row["id"]}, {**kept, **values}, row["version"])
    looks = await _looked_at(ctx, row, answers)
    await ctx.store.commit(Transition(ctx.now(), (change, *looks), (), (), (event,)))
    return await view(ctx, row["id"])


async def _stays_in_doubt(ctx: Context, row: Row) -> bool:
    """Tell whether the partner is still to be asked before the next call is made.

    Who tries again what may have arrived has looked, where the router found nothing or cannot look. What was set aside
    it had not looked for to the end, since no sender lived long enough.
    """
    if row["state"] != ReferralState.UNKNOWN:
        return in_doubt(row)
    dialect = ctx.dialects.get(row["dialect"])
    looks = dialect is not None and dialect.effect_after(row["progress_step"]) is EffectClass.RECONCILABLE
    asked = asked_about(await case_row(ctx, row["case_id"])).get(row["id"])
    return looks and in_doubt(row) and asked is not None and asked.code is DeskCode.BROKEN


async def _looked_at(ctx: Context, row: Row, answers: frozenset[DeskCode]) -> list[Change]:
    """Return what makes sure that somebody looks what comes of the act, not only when the case's check is due.

    `answers` are what the act answers of what people were asked about that referral: others stay open.
    """
    case, case_id = await case_row(ctx, row["case_id"]), row["case_id"]
    about = {row["id"]} if answers else set()
    if case["state"] == CaseState.DESK and is_answered(case, (), about, answers):
        after = step(CASE, CaseState(case["state"]), "refer")
        at = min(later(ctx), int(case["next_at"] or later(ctx)))
        placed = answer(case, after, ctx.now(), about=about, unnamed=answers) | look_at(at)
        return [Change(cases, {"id": case_id}, placed, case["version"])]
    if case["state"] == CaseState.REFERRED and case["next_at"] > later(ctx):
        as_seen = {"state": case["state"], **look_at(case["next_at"])}
        return [Change(cases, {"id": case_id}, look_at(later(ctx)), guard=as_seen)]
    return []


async def _back_to_desk(ctx: Context, row: Row, *, works: bool) -> list[Change]:
    """Return what becomes of its case: whatever was asked about the referral is over, and with nobody at work it waits.

    `works` says that another referral of the case is at work.
    """
    case, now = await case_row(ctx, row["case_id"]), ctx.now()
    asked = is_answered(case, (), {row["id"]}, ()) and case["state"] == CaseState.DESK
    left = answer(case, CaseState.REFERRED, now, about={row["id"]}) if asked else {}
    if works:
        dated = look_at(case["next_at"] or later(ctx))
        return [Change(cases, {"id": case["id"]}, left | dated, case["version"])] if asked else []
    text = "The referral was taken back; say what is to be done."
    if not asked:
        return ask(case, DeskCode.OVERRULED, text, now)
    placed = left | put_on_desk(case | left, (DeskCode.OVERRULED, text), now)
    return [Change(cases, {"id": case["id"]}, placed, case["version"])]
