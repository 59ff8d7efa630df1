"""The check after five days: trace again, ask the partner, and say what is so; a person looks at everything unclear.

A case closes on two grounds only: the partner says Removed or Unavailable, or the host is gone in three checks a day
apart (SCART's rule of three, `SCART_BROWSE_ERROR_MAX`). SERVFAIL and time-outs are never "gone".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, select

from router.casework import decide
from router.casework.casefile import Opened, open_case, referral_rows
from router.casework.closing import closed, done
from router.casework.context import Context
from router.casework.origin_wait import is_over, origin_due
from router.casework.tracing import recorded, shown, traced
from router.clock import micros, moment
from router.errors import RouterError
from router.partners.base import EffectClass
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.tables import actions, cases, follow_ups
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.exchange import ActionStatement
from schemas.states import CASE, CaseState, ReferralState, step
from schemas.trace import DnsOutcome, Trace, VerdictKind
from schemas.vocabulary import ActionType, Outcome

#: How many checks in a row must find no host, and how far apart they are.
GONE_CHECKS = 3
GONE_APART = timedelta(hours=24)
#: A new country must be as certain as a first one to count as a move.
_MOVED_CONFIDENCE = 0.90

_ENDS = {ActionType.REMOVED: Outcome.REMOVED, ActionType.UNAVAILABLE: Outcome.UNAVAILABLE}
_GONE = frozenset({DnsOutcome.NXDOMAIN, DnsOutcome.NODATA})


@dataclass(frozen=True, slots=True)
class _Check:
    """One check in the making: the case, its fresh trace kept, and what partners said."""

    opened: Opened
    trace: Trace
    kept: Add
    answers: list[tuple[Row, tuple[ActionStatement, ...]]]  #: each referral whose partner answered, with its actions
    new_actions: tuple[Add, ...]
    now: int

    @property
    def said(self) -> list[tuple[Row, ActionStatement]]:
        """Return every action that a partner named, with its referral."""
        return [(referral, action) for referral, actions in self.answers for action in actions]


async def run(ctx: Context, row: Row) -> Transition:
    """Do whatever is due for a case that is referred or on the desk.

    Decide without the origin that nobody named in time, check whether it is gone, or ask why it was not delivered.
    """
    _, policy = await ctx.governance.policy()
    if is_over(row, policy, ctx.now()):
        return await decide.run(ctx, row)
    pending = await ctx.store.rows(
        select(follow_ups).where(and_(follow_ups.c.case_id == row["id"], follow_ups.c.done_at.is_(None)))
    )
    due = pending[0]["due_at"] if pending else None
    if due is None or due > ctx.now():
        return await _watched(ctx, row, due, origin_due(row, policy))
    opened = await open_case(ctx, row)
    trace = await traced(ctx, opened)
    answers = await _asked(ctx, opened)
    new_actions = tuple(_action(opened.id, referral, one) for referral, actions in answers for one in actions)
    check = _Check(opened, trace, recorded(opened, trace), answers, await _unknown(ctx, new_actions), ctx.now())
    return await _conclude(ctx, check)


async def _conclude(ctx: Context, check: _Check) -> Transition:
    final = _final(check)
    if final is not None and not _moved(check):
        referral, statement = final
        text = f"{referral['partner']} says {statement.action} ({statement.at:%Y-%m-%d})."
        return await _close(ctx, check, _ENDS[statement.action], text)
    if check.trace.outcome in _GONE:
        return await _gone(ctx, check)
    if final is None and _moved(check):
        return await _moved_on(ctx, check)
    return await _ask_to_look(ctx, check)


def _final(check: _Check) -> tuple[Row, ActionStatement] | None:
    """Return the word on which the case may close: everybody who has it, and can be asked, says that it is gone.

    A country that it moved away from no longer has it: what was left behind there says nothing of where it is now.
    """
    left_behind = {referral["supersedes"] for referral, _ in check.answers}
    holders = [(referral, said) for referral, said in check.answers if referral["id"] not in left_behind]
    ends = [next(((referral, one) for one in said if one.action in _ENDS), None) for referral, said in holders]
    return ends[0] if ends and all(ends) else None


async def _close(ctx: Context, check: _Check, outcome: Outcome, rests_on: str) -> Transition:
    event = _event(check, "case.closed", outcome=outcome)
    return await closed(ctx, check.opened.row, outcome, rests_on, ROUTER.id, event, (check.kept, *check.new_actions))


async def _gone(ctx: Context, check: _Check) -> Transition:
    found = check.opened.row["gone_checks"] + 1
    if found >= GONE_CHECKS:
        text = f"The host was gone in {found} checks, {GONE_APART.total_seconds() / 3600:.0f} hours apart."
        return await _close(ctx, check, Outcome.UNAVAILABLE, text)
    return await _again(ctx, check, "gone", moment(check.now) + GONE_APART, {"gone_checks": found})


def _moved(check: _Check) -> bool:
    verdict, before = check.trace.verdict, check.opened.row["hosting_country"]
    known = verdict.kind is VerdictKind.COUNTRY and verdict.confidence >= _MOVED_CONFIDENCE
    return known and before is not None and verdict.country != before


async def _moved_on(ctx: Context, check: _Check) -> Transition:
    """Hosted elsewhere now: decide anew; the new referral is linked to the old one."""
    row = check.opened.row
    values = shown(check.trace, check.kept.values["id"]) | {
        "state": CaseState.LOCATED,
        "moved_from": row["hosting_country"],
        "next_at": check.now,
        "gone_checks": 0,
        "desk_code": None,
        "desk_text": None,
        "desk_due": None,
    }
    moved = {"id": new_id(), "case_id": row["id"], "action": ActionType.MOVED, "at": check.now, "by": ROUTER.id}
    changes = [Change(cases, {"id": row["id"]}, values, row["version"])]
    changes += await done(ctx, row["id"], check.now, "moved")
    _, policy = await ctx.governance.policy()
    due = micros(moment(check.now) + policy.follow_up)  # dated here, in case nobody new has to be told
    following = Add(follow_ups, {"id": new_id(), "case_id": row["id"], "due_at": due})
    event = _event(check, "case.moved", was=row["hosting_country"], now=check.trace.verdict.country)
    adds = (check.kept, Add(actions, moved), following, *check.new_actions)
    return Transition(check.now, tuple(changes), adds, (), (event,))


async def _ask_to_look(ctx: Context, check: _Check) -> Transition:
    _, policy = await ctx.governance.policy()
    words = ", ".join(f"{r['partner']} says {s.action}" for r, s in check.said) or "no partner says that it is removed"
    text = f"Look whether it is gone: {words}."
    asked = {
        "state": step(CASE, CaseState(check.opened.row["state"]), "ask_staff"),
        "desk_code": DeskCode.LOOK,
        "desk_text": text,
        "desk_since": check.now,
        "desk_due": None,
        "gone_checks": 0,
    }
    return await _again(ctx, check, "unclear", moment(check.now) + policy.follow_up, asked)


async def _again(ctx: Context, check: _Check, finding: str, due: datetime, values: dict[str, Any]) -> Transition:
    """Finish this check and date the next one."""
    row = check.opened.row
    changes = [Change(cases, {"id": row["id"]}, values | {"next_at": micros(due)}, row["version"])]
    changes += await done(ctx, row["id"], check.now, finding)
    following = Add(follow_ups, {"id": new_id(), "case_id": row["id"], "due_at": micros(due)})
    event = _event(check, "case.checked", finding=finding)
    return Transition(check.now, tuple(changes), (check.kept, following, *check.new_actions), (), (event,))


async def _asked(ctx: Context, opened: Opened) -> list[tuple[Row, tuple[ActionStatement, ...]]]:
    """Return what partners say they did; one that cannot be asked is left out, one that is silent says nothing."""
    directory = await ctx.governance.directory()
    answers: list[tuple[Row, tuple[ActionStatement, ...]]] = []
    for referral in await referral_rows(ctx, opened.id):
        partner = directory.named(referral["partner"])
        if referral["state"] != ReferralState.ACCEPTED or partner is None or partner.dialect not in ctx.dialects:
            continue
        dialect = ctx.dialects[partner.dialect]
        if dialect.effect is EffectClass.AT_LEAST_ONCE:
            continue
        try:
            statuses = await dialect.status(partner, [referral["id"]])
        except RouterError:
            statuses = []
        if statuses is not None:
            answers.append((referral, tuple(action for status in statuses for action in status.actions)))
    return answers


async def _unknown(ctx: Context, adds: tuple[Add, ...]) -> tuple[Add, ...]:
    """Leave out the actions that an earlier check already wrote down."""
    if not adds:
        return ()
    case_id = adds[0].values["case_id"]
    rows = await ctx.store.rows(select(actions).where(actions.c.case_id == case_id))
    have = {(row["by"], row["action"], row["at"]) for row in rows}
    return tuple(a for a in adds if (a.values["by"], a.values["action"], a.values["at"]) not in have)


def _action(case_id: str, referral: Row, statement: ActionStatement) -> Add:
    return Add(
        actions,
        {
            "id": new_id(),
            "case_id": case_id,
            "referral_id": referral["id"],
            "action": statement.action,
            "at": micros(statement.at),
            "by": referral["partner"],
            "reason": statement.reason,
        },
    )


async def _watched(ctx: Context, row: Row, due: int | None, origin: int | None) -> Transition:
    """Nothing to check yet: ask people about what has not been delivered for too long, and set the next date."""
    now = ctx.now()
    waiting = {ReferralState.WAITING, ReferralState.SENDING}
    stuck = [r for r in await referral_rows(ctx, row["id"]) if r["state"] in waiting]
    watch = now + round(ctx.undelivered_after * 1_000_000)
    on_desk = row["desk_code"] is not None
    watched = watch if stuck or (due is None and not on_desk) else None
    values: dict[str, Any] = {"next_at": min((at for at in (due, watched, origin) if at is not None), default=None)}
    if stuck and not on_desk:
        values |= {
            "state": step(CASE, CaseState(row["state"]), "ask_staff"),
            "desk_code": DeskCode.UNDELIVERED,
            "desk_text": f"{stuck[0]['partner']} has not taken it yet; the router keeps trying.",
            "desk_since": now,
            "desk_due": None,
        }
    event = Event("case.watched", ROUTER.id, row["id"], None, {"undelivered": len(stuck)})
    return Transition(now, (Change(cases, {"id": row["id"]}, values, row["version"]),), (), (), (event,))


def _event(check: _Check, act: str, **detail: Any) -> Event:
    verdict = check.trace.verdict
    known = {"verdict": verdict.kind, "country": verdict.country, "dns": check.trace.outcome, **detail}
    return Event(act, ROUTER.id, check.opened.id, None, known)
