"""Send claimed referrals of one partner: check once more, freeze what leaves, send, and record what came of it.

Three commits make a delivery exactly-once in effect: the claim (`sending`, owner, deadline), the frozen payload, the
outcome. A process that dies between them leaves a row whose lease runs out; the next one sends the same bytes under
the same key. Work of several steps goes through the same commits for each call, and waits in between (`progress`).
Staff may act at any moment: their act raises the version, so a stale outcome writes nothing, is read again and settled
by the state table (`recall_pending`).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import and_

from router.casework.believed import today
from router.casework.case.desk_entry import while_decided_anew
from router.casework.case.gate import Held, HeldBack, held_among
from router.casework.case.next_look import look_at
from router.casework.case.pages import pages_of
from router.casework.case.record import Opened, last_hosted, open_cases
from router.casework.case.sealed import PAYLOAD, keys_of
from router.casework.case.traces import recorded, shown, traced
from router.casework.context import Context
from router.casework.deliver import outcome as settle
from router.casework.deliver import progress
from router.casework.deliver.clearance import CASE_CLOSED, barred, kept_here
from router.casework.deliver.held import free_to_withdraw, none_is_held, put_off
from router.casework.deliver.message import Around, message
from router.casework.deliver.places import Place, Places
from router.casework.deliver.ready import Claimed, Ready
from router.casework.deliver.turn_end import TurnEnd, let_go, put_back
from router.casework.deliver.withdraw import withdrawn
from router.casework.referral.changes import in_doubt, may_have_arrived, taken_back
from router.casework.referral.row import STAFF, due_at
from router.delivery import ask
from router.delivery.send import GRACE, attempt
from router.errors import Conflict, Damaged, RouterError, StoreUnavailable
from router.guard.log import get_log
from router.partners.answers import MENDING
from router.partners.base import Deferred, Dialect, EffectClass, Envelope, Outcome, Reason, Unknown
from router.policy.bars import may_be_called
from router.store.base import Add, Change, Claim, Event, Row, Transition
from router.store.coalesce import Coalescer
from router.store.schema.tables import cases, referrals
from schemas.actor import ROUTER
from schemas.law import law_on
from schemas.partner import Partner
from schemas.policy import Policy
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step
from schemas.trace import Hosted, Trace, VerdictKind

_OTHER_DIALECT = "It is reached another way now, and an earlier try may have arrived; ask it, then retry."
_SENDER_DIED = "Sending was cut off, and it may have arrived; ask the partner before it is sent again."


@dataclass(frozen=True, slots=True)
class SendTurn:
    """To whom, by which dialect, under which policy: the same for every referral of one turn."""

    ctx: Context
    partner: Partner
    dialect: Dialect
    policy: Policy
    today: date  #: by which agreements end

    async def held(self, opened: Sequence[Opened]) -> dict[str, Held]:
        """Return by case what keeps it from the partner now."""
        found = await held_among(self.ctx, {one.id: one for one in opened}.values())
        return {case_id: held for case_id, held in found.items() if held.keeps_from(self.partner.name)}


@dataclass(frozen=True, slots=True)
class Calls:
    """What the calls of one turn share: how many are under way at once, and their looks at the database."""

    place: Place
    still_to_send: Coalescer[Ready, Ready | None]
    settle: Coalescer[settle.Attempted, None]
    end: TurnEnd


async def run(
    ctx: Context, partner: Partner, rows: Sequence[Row], until: float | None = None, place: Place | None = None
) -> list[list[Outcome]]:
    """Make one attempt for each of these referrals, all claimed and all of this partner.

    `until` is when the first of their leases ends, by the loop's clock; None where they were claimed just now. `place`
    is what each call holds; None where no other turn of this process calls this partner.
    Return the outcomes call by call, for the breaker; what was not sent after all is not among them.
    """
    if not rows:
        return []
    end = TurnEnd(until or asyncio.get_running_loop().time() + lease(ctx), ctx.call_seconds)
    turn = SendTurn(ctx, partner, ctx.dialects[partner.dialect], (await ctx.governance.policy())[1], await today(ctx))
    calls = _calls(turn, await _kept(turn, await _prepared(turn, await _open(ctx, rows))))
    looks, outcomes = Coalescer(partial(_still_to_send, turn)), Coalescer(partial(settle.settle_all, ctx))
    shared = Calls(place or Places(partner.pace.in_flight).for_urgent, looks, outcomes, end)
    made = await asyncio.gather(*(_send(turn, call, shared) for call in calls))
    left = [one for call, outcomes in zip(calls, made, strict=True) if outcomes is None for one in call]
    await put_back(ctx, [(one.row, one.to_keep is not None) for one in left])
    return [outcomes for outcomes in made if outcomes is not None]


def _calls(turn: SendTurn, ready: Sequence[Ready]) -> list[list[Ready]]:
    """Put what is ready into calls, as many as fit; what belongs together stays so, in its order."""
    bundle = turn.dialect.bundle_of(turn.partner)
    belonging: dict[str, list[Ready]] = {}
    for one in ready:
        belonging.setdefault(turn.dialect.together(one.envelope), []).append(one)
    calls: list[list[Ready]] = []
    for group in belonging.values():
        for start in range(0, len(group), bundle):
            part = group[start : start + bundle]
            if calls and len(calls[-1]) + len(part) <= bundle:
                calls[-1] += part
            else:
                calls.append(part)
    return calls


async def _open(ctx: Context, rows: Sequence[Row]) -> list[Claimed]:
    """Open the cases of all referrals at once; a referral whose case was erased has nothing left to send."""
    opened = await open_cases(ctx, (row["case_id"] for row in rows))
    found = await last_hosted(ctx, list(opened.values()))
    return [Claimed(row, opened[row["case_id"]], found.get(row["case_id"])) for row in rows if row["case_id"] in opened]


async def _prepared(turn: SendTurn, claimed: Sequence[Claimed]) -> list[Ready]:
    """Return what is to be sent. Only what is traced anew is waited for, all of that side by side."""
    found: list[Ready | None] = []
    stale, held = [], await turn.held([one.opened for one in claimed])
    for one in claimed:
        made = _prepare(turn, one, held.get(one.opened.id))
        if one.row["payload"] is None and _is_stale(turn, one.trace):
            stale.append(made)
        else:
            found.append(await made)
    found += await asyncio.gather(*stale)
    return [one for one in found if one is not None]


async def _kept(turn: SendTurn, ready: Sequence[Ready]) -> list[Ready]:
    """Commit the bytes of all that is new, together; return what may leave. Raise StoreUnavailable."""
    new = [one for one in ready if one.to_keep is not None]
    outcomes = await turn.ctx.store.commit_all([one.to_keep for one in new if one.to_keep is not None])
    lost = set()
    for one, error in zip(new, outcomes, strict=True):
        if isinstance(error, StoreUnavailable):
            raise error
        if error is not None:
            lost.add(one.row["id"])
        if error is not None and not isinstance(error, Conflict):  # else staff were faster, and have recorded why
            get_log("casework").error("preparing_failed", referral=one.row["id"], exc_info=error)
            await let_go(turn.ctx, {**one.row, "version": one.row["version"] - 1})
    return [one for one in ready if one.row["id"] not in lost]


async def _send(turn: SendTurn, given: list[Ready], shared: Calls) -> list[Outcome] | None:
    """Make one call; return its outcomes, or None where the turn was over before it began."""
    ctx, dialect = turn.ctx, turn.dialect
    async with shared.place():
        if shared.end.has_come():
            return None
        ready = [one for one in await shared.still_to_send(given) if one is not None]
        if not ready:
            return []
        if shared.end.has_come():  # that look had to wait
            return None
        started = ctx.now()
        still = partial(none_is_held, ctx, [one.opened for one in ready], turn.partner.name)
        outcomes = await attempt(dialect, turn.partner, [one.envelope for one in ready], ctx.call_seconds, still)
        shared.end.note(outcomes)
    ended = ctx.now()
    await shared.settle(
        [
            settle.Attempted(
                one.row,
                turn.partner,
                dialect.effect_after(one.row["progress_step"]),
                outcome,
                started,
                ended,
                progress.kept(dialect, one.row, one.opened.key, outcome, ended),
                dialect.asked_every,
            )
            for one, outcome in zip(ready, outcomes, strict=True)
        ]
    )
    return outcomes


async def _still_to_send(turn: SendTurn, ready: Sequence[Ready]) -> list[Ready | None]:
    """Look once more right before the bytes leave; return None in the place of what stays, which is then recorded."""
    rows = [one.row for one in ready]
    held, kept = await asyncio.gather(
        turn.held([one.opened for one in ready]), kept_here(turn.ctx, turn.partner.name, rows)
    )
    for one in ready:
        reason = kept.get(one.row["id"])
        if reason is None and one.opened.id in held:
            reason = await put_off(turn.ctx, one.row, held[one.opened.id])
        if reason is not None:
            await _settle_unsent(turn, one.row, reason)
    return [None if one.row["id"] in kept or one.opened.id in held else one for one in ready]


async def _prepare(turn: SendTurn, claimed: Claimed, held: Held | None) -> Ready | None:
    """Return what is to be sent, or None when it is not to be sent after all (which is then recorded)."""
    row = claimed.row
    try:
        refusal = barred(turn.partner, claimed.opened.row, turn.policy, turn.today, row["route"])
        if refusal is not None:
            await _settle_unsent(turn, row, refusal)
        elif held is not None:
            await _put_off(turn, row, held)
        elif row["payload"] is not None and (doubt := _ask_before_resend(turn, row)) is not None:
            await _settle_unsent(turn, row, Unknown(Reason.NO_ANSWER, doubt), EffectClass.AT_LEAST_ONCE)
        else:
            return await _frozen(turn, claimed)
    except HeldBack as error:
        await _put_off(turn, row, error.held)
    except Conflict:
        pass  # staff were faster, and have recorded why
    except RouterError as error:
        await _settle_unsent(turn, row, Deferred(Reason.UNEXPECTED, error.message, MENDING, counted=False))
    except Exception as error:  # noqa: BLE001 - its fault stays its own: what is ready beside it leaves
        get_log("casework").error("preparing_failed", referral=row["id"], exc_info=error)
        await let_go(turn.ctx, row)
    return None


async def _put_off(turn: SendTurn, row: Row, held: Held) -> None:
    if (reason := await put_off(turn.ctx, row, held)) is not None:
        await _settle_unsent(turn, row, reason)


async def _frozen(turn: SendTurn, claimed: Claimed) -> Ready | None:
    row, key = claimed.row, claimed.opened.key
    if row["payload"] is None or _is_foreign(turn, row):
        return await _freeze(turn, claimed)
    payload = key.open(f"{PAYLOAD}:{row['id']}", row["payload"])
    return Ready(row, progress.envelope(turn.dialect, row, key, payload), claimed.opened)


def _ask_before_resend(turn: SendTurn, row: Row) -> str | None:
    """Return why people must say whether what was frozen before is sent again; None when it may leave.

    An earlier sender died with these bytes in its hands, and this partner would act on them twice and cannot be asked;
    or they may have arrived by a dialect that the directory has changed since, and the new one could neither send nor
    recognise them.
    """
    if _is_foreign(turn, row) and may_have_arrived(row):
        return _OTHER_DIALECT
    doubles = turn.dialect.effect_after(row["progress_step"]) is EffectClass.AT_LEAST_ONCE
    return _SENDER_DIED if doubles and in_doubt(row) else None


def _is_foreign(turn: SendTurn, row: Row) -> bool:
    """Tell whether what was frozen is in another dialect than the partner speaks now."""
    return row["dialect"] not in (None, turn.partner.dialect)


async def _freeze(turn: SendTurn, claimed: Claimed) -> Ready | None:
    """Make the payload from a trace that is fresh enough; it is committed before the first byte leaves."""
    ctx, row, opened = turn.ctx, claimed.row, claimed.opened
    changes: list[Change] = []
    adds: list[Add] = []
    trace_id = opened.row["trace_id"]
    now = await _traced_for(turn, opened, claimed.trace) if _is_stale(turn, claimed.trace) else None
    trace = now or claimed.trace
    assert trace is not None  # what was never traced is traced now, or held
    if now is not None:
        kept = recorded(opened, now)
        found = now.verdict
        is_elsewhere = found.kind is VerdictKind.COUNTRY and found.country != opened.row["hosting_country"]
        if is_elsewhere and row["route"] != STAFF:  # whom a person chose, a trace does not replace
            await _moved_on(ctx, opened, row, kept)
            return None
        trace_id = kept.values["id"]
        adds.append(kept)
        changes.append(Change(cases, {"id": opened.id}, shown(now, trace_id)))
    law = law_on(ctx.clock.now().date(), turn.policy.law)
    around = Around(await pages_of(ctx, opened), turn.policy.severity, turn.partner.severity, law)
    payload = turn.dialect.freeze(message(ctx, opened, trace, row, around), turn.partner)
    frozen = {
        "payload": opened.key.seal(f"{PAYLOAD}:{row['id']}", payload),
        "payload_digest": ctx.keyring.digest(payload),
        "dialect": turn.partner.dialect,
        "by_people": int(turn.dialect.confirmed_by_people),
        "trace_id": trace_id,
        "first_sent_at": ctx.now(),
        **progress.NOT_BEGUN,
    }
    changes.append(Change(referrals, {"id": row["id"]}, frozen, row["version"], keep_claim=True))
    to_keep = Transition(ctx.now(), tuple(changes), tuple(adds))
    return Ready(row | frozen | {"version": row["version"] + 1}, Envelope(row["id"], payload), opened, to_keep)


async def _traced_for(turn: SendTurn, opened: Opened, known: Hosted | Trace | None) -> Trace | None:
    """Return a fresh trace; None for a unit that asked to tell nobody, which gets what is known. Raise HeldBack."""
    try:
        return await traced(turn.ctx, opened)
    except HeldBack as error:
        if known is None or error.held.keeps_from(turn.partner.name):
            raise
        return None


def _is_stale(turn: SendTurn, trace: Hosted | Trace | None) -> bool:
    """Tell whether a trace is too old to be sent by, or there is none."""
    return trace is None or turn.ctx.clock.now() - trace.traced_at > turn.policy.retrace_before_send


async def _moved_on(ctx: Context, opened: Opened, row: Row, kept: Add) -> None:
    """It is hosted elsewhere now: replace the unsent referral, and decide anew on the new trace."""
    now = ctx.now()
    case = opened.row
    # Another referral of the case may have found out a moment ago: then it is traced again already.
    after = step(CASE, CaseState(case["state"]), "retrace") or case["state"]
    gone = step(REFERRAL, ReferralState(row["state"]), "supersede")
    changes = (
        Change(referrals, {"id": row["id"]}, {"state": gone, **due_at(None)}, row["version"]),
        Change(cases, {"id": opened.id}, {"state": after, **look_at(now), **while_decided_anew(case)}, case["version"]),
    )
    event = Event("referral.superseded", ROUTER.id, opened.id, row["id"], {"because": "hosted_elsewhere"})
    await ctx.store.commit(Transition(now, changes, (kept,), (), (event,)))


async def _settle_unsent(turn: SendTurn, row: Row, outcome: Outcome, effect: EffectClass | None = None) -> None:
    """Record that a referral was not sent; `effect` stands in for the dialect's where that one is not what counts."""
    at = turn.ctx.now()
    if outcome == CASE_CLOSED and may_have_arrived(row):  # an earlier try: nobody else would tell the partner
        with suppress(Conflict):  # staff were faster
            await turn.ctx.store.commit(Transition(at, (taken_back(row, at, None),)))
    tried = settle.Attempted(row, turn.partner, effect or turn.dialect.effect, outcome, at, at)
    await settle.settle_all(turn.ctx, [tried])


async def withdraw(ctx: Context, partner: Partner | None, rows: Sequence[Row]) -> None:
    """Tell a partner to drop referrals that staff took back; without a way to say so, the desk does it by hand.

    `partner` is None when the directory names it no longer. One that is disabled or barred is not called either. Only
    the dialect that sent it takes it back: another would hear that the partner does not know it, and believe it gone.
    What an embargo holds waits for its end.
    """
    if not (rows := await free_to_withdraw(ctx, rows)):
        return
    _, policy = await ctx.governance.policy()
    called = partner is not None and may_be_called(partner, policy) is None
    dialect = ctx.dialects.get(partner.dialect) if partner is not None and called else None
    if dialect is not None and (foreign := [row for row in rows if row["dialect"] not in (None, dialect.name)]):
        await withdrawn(ctx, foreign, None)
        rows = [row for row in rows if row not in foreign]
    outcomes: Sequence[Outcome] | None = None
    if partner is not None and dialect is not None:
        keys = await keys_of(ctx, (row["case_id"] for row in rows))
        try:
            sent = [progress.sent_referral(dialect, row, keys.get(row["case_id"])) for row in rows]
        except Damaged as error:
            outcomes = [Deferred(Reason.UNEXPECTED, error.message)] * len(rows)
        else:
            outcomes = await ask.withdraw(dialect, partner, sent)
    await withdrawn(ctx, rows, outcomes)


async def release(ctx: Context, row: Row) -> None:
    """Let a held referral go whose date has come. Staff who were faster win."""
    after = step(REFERRAL, ReferralState(row["state"]), "release")
    values = {"state": after, **due_at(ctx.now()), "hold_until": None, "hold_reason": None}
    event = Event("referral.released", ROUTER.id, row["case_id"], row["id"], {"because": "its date came"})
    with suppress(Conflict):
        await ctx.store.commit(
            Transition(ctx.now(), (Change(referrals, {"id": row["id"]}, values, row["version"]),), events=(event,))
        )


async def abandoned(ctx: Context, row: Row) -> None:
    """A recall was pending and its sender died: it may have arrived, so it is withdrawn at the partner.

    Whether the sender died only the database's clock tells, by which its lease runs: while it lives, its bytes may
    still be under way, and a withdrawal would overtake them.
    """
    mine = and_(referrals.c.id == row["id"], referrals.c.state == ReferralState.RECALL_PENDING)
    until = due_at(ctx.now() + round(lease(ctx) * 1_000_000))
    for dead in await ctx.store.claim(Claim(referrals, mine, (referrals.c.id,), 1, ctx.owner, lease(ctx), until)):
        after = step(REFERRAL, ReferralState(dead["state"]), "expire")
        change = Change(referrals, {"id": dead["id"]}, {"state": after, **due_at(ctx.now())}, dead["version"])
        event = Event("referral.abandoned", ROUTER.id, dead["case_id"], dead["id"])
        with suppress(Conflict):
            await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))


def lease(ctx: Context) -> float:
    """Return for how many seconds a claimed referral belongs to its worker: time to prepare it, and for one attempt."""
    return ctx.call_seconds * 2 + GRACE
