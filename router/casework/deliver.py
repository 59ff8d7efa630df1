"""Send claimed referrals of one partner: check once more, freeze what leaves, send, and record what came of it.

Three commits make a delivery exactly-once in effect: the claim (`sending`, owner, deadline), the frozen payload, the
outcome. A process that dies between them leaves a row whose lease runs out; the next one sends the same bytes under
the same key. Staff may act at any moment: their act raises the version, so a stale outcome writes nothing, is read
again and settled by the state table (`recall_pending`).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from router.casework import settle
from router.casework.casefile import Opened, case_row, last_trace, open_case
from router.casework.context import Context
from router.casework.facts import bare
from router.casework.message import message
from router.casework.tracing import recorded, shown, traced
from router.casework.vault import PAYLOAD
from router.delivery.send import attempt
from router.errors import Conflict, NotFound, RouterError
from router.partners.base import Deferred, Dialect, Envelope, Outcome, Reason, Refused
from router.policy.recipients import may_receive
from router.store.base import Add, Change, Event, Row, Transition
from router.store.tables import cases, referrals
from schemas.actor import ROUTER
from schemas.partner import Partner
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step
from schemas.trace import VerdictKind


@dataclass(slots=True)
class Ready:
    """One referral with what is to be sent."""

    row: Row
    opened: Opened
    envelope: Envelope


async def run(ctx: Context, partner: Partner, rows: Sequence[Row]) -> list[list[Outcome]]:
    """Make one attempt for each of these referrals, all claimed and all of this partner.

    Return the outcomes call by call, for the breaker; what was not sent after all is not among them.
    """
    dialect = ctx.dialects[partner.dialect]
    prepared = await asyncio.gather(*(_prepare(ctx, dialect, partner, row) for row in rows))
    ready = [one for one in prepared if one is not None]
    calls = [ready[start : start + dialect.bundle] for start in range(0, len(ready), dialect.bundle)]
    at_once = asyncio.Semaphore(partner.pace.in_flight)
    return list(await asyncio.gather(*(_send(ctx, dialect, partner, call, at_once) for call in calls)))


async def _send(
    ctx: Context, dialect: Dialect, partner: Partner, ready: list[Ready], at_once: asyncio.Semaphore
) -> list[Outcome]:
    async with at_once:
        started = ctx.now()
        outcomes = await attempt(dialect, partner, [one.envelope for one in ready], ctx.call_seconds)
    settled = [
        settle.Attempted(one.row, partner, dialect.effect, outcome, started, ctx.now())
        for one, outcome in zip(ready, outcomes, strict=True)
    ]
    await asyncio.gather(*(settle.settle(ctx, one) for one in settled))
    return outcomes


async def _prepare(ctx: Context, dialect: Dialect, partner: Partner, row: Row) -> Ready | None:
    """Return what is to be sent, or None when it is not to be sent after all (which is then recorded)."""
    try:
        opened = await open_case(ctx, await case_row(ctx, row["case_id"]))
        refusal = await _barred(ctx, opened, partner)
        if refusal is not None:
            await _settle_unsent(ctx, partner, dialect, row, refusal)
            return None
        if row["payload"] is not None:
            payload = opened.key.open(f"{PAYLOAD}:{row['id']}", row["payload"])
            return Ready(row, opened, Envelope(row["id"], payload))
        return await _freeze(ctx, dialect, partner, opened, row)
    except (Conflict, NotFound):
        return None  # staff were faster, or the case was erased: whoever changed it has recorded why
    except RouterError as error:
        await _settle_unsent(
            ctx, partner, dialect, row, Deferred(Reason.UNEXPECTED, error.message, None, counted=False)
        )
        return None


async def _barred(ctx: Context, opened: Opened, partner: Partner) -> Outcome | None:
    """Ask the bar right before every send, on every way out: agreements end and laws change while things wait."""
    _, policy = await ctx.governance.policy()
    if opened.row["state"] == CaseState.CLOSED:
        return Refused(Reason.REFUSED, "The case was closed before this could be sent.")
    reason = may_receive(partner, bare(opened.row), policy, ctx.clock.now().date())
    return None if reason is None else Refused(Reason.REFUSED, reason.text)


async def _freeze(ctx: Context, dialect: Dialect, partner: Partner, opened: Opened, row: Row) -> Ready | None:
    """Make the payload from a fresh trace and commit it before the first byte leaves."""
    _, policy = await ctx.governance.policy()
    trace = await last_trace(ctx, opened)
    changes: list[Change] = []
    adds: list[Add] = []
    trace_id = opened.row["trace_id"]
    if trace is None or ctx.clock.now() - trace.traced_at > policy.retrace_before_send:
        before = opened.row["hosting_country"]
        trace = await traced(ctx, opened)
        kept = recorded(opened, trace)
        trace_id = kept.values["id"]
        adds.append(kept)
        if trace.verdict.kind is VerdictKind.COUNTRY and trace.verdict.country != before:
            await _moved_on(ctx, opened, row, kept)
            return None
        changes.append(Change(cases, {"id": opened.id}, shown(trace, trace_id)))
    payload = dialect.freeze(message(ctx, opened, trace, row), partner)
    frozen = {
        "payload": opened.key.seal(f"{PAYLOAD}:{row['id']}", payload),
        "payload_digest": ctx.keyring.digest(payload),
        "trace_id": trace_id,
        "first_sent_at": ctx.now(),
    }
    changes.append(Change(referrals, {"id": row["id"]}, frozen, row["version"], keep_claim=True))
    await ctx.store.commit(Transition(ctx.now(), tuple(changes), tuple(adds)))
    return Ready(row | frozen | {"version": row["version"] + 1}, opened, Envelope(row["id"], payload))


async def _moved_on(ctx: Context, opened: Opened, row: Row, kept: Add) -> None:
    """It is hosted elsewhere now: replace the unsent referral, and decide anew on the new trace."""
    now = ctx.now()
    case = opened.row
    after = step(CASE, CaseState(case["state"]), "retrace")
    gone = step(REFERRAL, ReferralState(row["state"]), "supersede")
    changes = (
        Change(referrals, {"id": row["id"]}, {"state": gone, "next_at": None}, row["version"]),
        Change(
            cases,
            {"id": opened.id},
            {"state": after, "next_at": now, "desk_code": None, "desk_text": None},
            case["version"],
        ),
    )
    event = Event("referral.superseded", ROUTER.id, opened.id, row["id"], {"because": "hosted_elsewhere"})
    await ctx.store.commit(Transition(now, changes, (kept,), (), (event,)))


async def _settle_unsent(ctx: Context, partner: Partner, dialect: Dialect, row: Row, outcome: Outcome) -> None:
    at = ctx.now()
    await settle.settle(ctx, settle.Attempted(row, partner, dialect.effect, outcome, at, at))


async def withdraw(ctx: Context, partner: Partner, rows: Sequence[Row]) -> None:
    """Tell a partner to drop referrals that staff took back; without a way to say so, the desk does it by hand."""
    dialect = ctx.dialects[partner.dialect]
    outcomes: Sequence[Outcome] | None
    try:
        outcomes = await dialect.withdraw(partner, [row["id"] for row in rows])
    except RouterError as error:
        outcomes = [Deferred(Reason.UNREACHABLE, error.message)] * len(rows)
    await settle.withdrawn(ctx, rows, outcomes)


async def release(ctx: Context, row: Row) -> None:
    """Let a held referral go whose date has come. Staff who were faster win."""
    after = step(REFERRAL, ReferralState(row["state"]), "release")
    values = {"state": after, "next_at": ctx.now(), "hold_until": None, "hold_reason": None}
    event = Event("referral.released", ROUTER.id, row["case_id"], row["id"], {"because": "its date came"})
    with suppress(Conflict):
        await ctx.store.commit(
            Transition(ctx.now(), (Change(referrals, {"id": row["id"]}, values, row["version"]),), events=(event,))
        )


async def abandoned(ctx: Context, row: Row) -> None:
    """A recall was pending and its sender died: it may have arrived, so it is withdrawn at the partner."""
    after = step(REFERRAL, ReferralState(row["state"]), "expire")
    change = Change(referrals, {"id": row["id"]}, {"state": after, "next_at": ctx.now()}, row["version"])
    event = Event("referral.abandoned", ROUTER.id, row["case_id"], row["id"])
    with suppress(Conflict):
        await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))


def lease(ctx: Context) -> float:
    """Return for how many seconds a claimed referral belongs to its worker: longer than any attempt takes."""
    return ctx.call_seconds * 2
