"""The check after five days: trace again, ask the partner, and say what is so; a person looks at everything unclear.

A case closes on two grounds only: the partner says Removed or Unavailable, or the host is gone in three checks a day
apart (SCART's rule of three, `SCART_BROWSE_ERROR_MAX`): its own zone says so. What a filter, a lame server or an old
cache says is never "gone", nor are SERVFAIL and time-outs, and an address of theirs is no move. While people have yet
to answer what only they can (`KEPT`: a child at risk, a contradiction), nothing closes by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from router.casework.case.close import closed, done
from router.casework.case.desk_entry import is_sticky, put_unless_sticky, while_decided_anew
from router.casework.case.next_look import check_due, look_at, next_look
from router.casework.case.record import Opened, open_case, referral_rows
from router.casework.case.tell_by_hand import asked_again
from router.casework.case.traces import recorded, shown, traced
from router.casework.context import Context
from router.casework.decide import step as decide
from router.casework.follow_up.partner_status import Answers, ask_partners
from router.casework.follow_up.watchdog import watched
from router.casework.locate.origin_deadline import is_over, origin_due
from router.casework.locate.origin_lookup import asked as asked_for_origin
from router.clock import micros, moment
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import actions, cases, follow_ups
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.exchange import ActionStatement
from schemas.states import CaseState, ReferralState
from schemas.trace import DnsOutcome, Trace, VerdictKind
from schemas.vocabulary import ActionType, Outcome

#: How many checks in a row must find no host, and how far apart they are.
GONE_CHECKS = 3
GONE_APART = timedelta(hours=24)
#: A new country must be as certain as a first one to count as a move.
_MOVED_CONFIDENCE = 0.90

_ENDS = {ActionType.REMOVED: Outcome.REMOVED, ActionType.UNAVAILABLE: Outcome.UNAVAILABLE}
#: Notes of a verdict that rests on less than what the name's own servers say now: no ground to move a case on.
_NOT_NOW = frozenset({"stale_answer", "half_filtered"})
#: Why look-ups that found no address prove nothing, in the words of the question to people.
_NO_PROOF = {
    DnsOutcome.FILTERED: "our name server filters the name",
    DnsOutcome.STALE: "our name server repeats an old answer",
    DnsOutcome.LAME: "no name server that knows the name answered",
    DnsOutcome.NXDOMAIN: "the name server says that the name is gone, without its zone's word",
    DnsOutcome.NODATA: "the name server says that the name has no address, without its zone's word",
}


@dataclass(frozen=True, slots=True)
class _Check:
    """One check in the making: the case, its fresh trace kept, and what partners said."""

    opened: Opened
    trace: Trace
    kept: Add
    rows: list[Row]  #: all referrals of the case
    heard: Answers
    new_actions: tuple[Add, ...]
    now: int

    @property
    def said(self) -> list[tuple[Row, ActionStatement]]:
        """Return every action that a partner named, with its referral."""
        return [(referral, action) for referral, actions in self.heard.said for action in actions]


async def run(ctx: Context, row: Row) -> Transition:
    """Do whatever is due for a case that is referred or on the desk.

    Ask a CDN for the origin behind its edge, decide without the origin that nobody named in time, check whether it is
    gone, or ask why it was not delivered.
    """
    _, policy = await ctx.governance.policy()
    if is_over(row, policy, ctx.now()):
        return await decide.run(ctx, row)
    asking = await asked_for_origin(ctx, row, policy)
    if asking.transition is not None:
        return asking.transition
    due = await check_due(ctx, row["id"])
    if due is None or due > ctx.now():
        dates = (due, origin_due(row, policy), asking.again)
        return await watched(ctx, row, due, [at for at in dates if at is not None])
    opened = await open_case(ctx, row)
    trace = await traced(ctx, opened)
    rows = await referral_rows(ctx, opened.id)
    heard = await ask_partners(ctx, rows)
    new_actions = tuple(_action(opened.id, referral, one) for referral, actions in heard.said for one in actions)
    kept = recorded(opened, trace)
    check = _Check(opened, trace, kept, rows, heard, await _unknown(ctx, new_actions), ctx.now())
    return await _conclude(ctx, check)


async def _conclude(ctx: Context, check: _Check) -> Transition:
    final = _final(check)
    if final is not None and not _moved(check):
        referral, statement = final
        text = f"{referral['partner']} says {statement.action} ({statement.at:%Y-%m-%d})."
        return await _close(ctx, check, _ENDS[statement.action], text)
    if check.trace.gone:
        return await _gone(ctx, check)
    if final is None and _moved(check):
        return await _moved_on(ctx, check)
    return await _ask_to_look(ctx, check)


def _final(check: _Check) -> tuple[Row, ActionStatement] | None:
    """Return the word on which the case may close: everybody who has it, and can be asked, says that it is gone.

    A country that it moved away from no longer has it: what was left behind there says nothing of where it is now. One
    that has it and was not to be called leaves the word to a person.
    """
    left_behind = {row["supersedes"] for row in check.rows if row["state"] == ReferralState.ACCEPTED}
    if any(referral["id"] not in left_behind for referral, _ in check.heard.unasked):
        return None
    holders = [(referral, said) for referral, said in check.heard.said if referral["id"] not in left_behind]
    ends = [next(((referral, one) for one in said if one.action in _ENDS), None) for referral, said in holders]
    return ends[0] if ends and all(ends) else None


async def _close(ctx: Context, check: _Check, outcome: Outcome, rests_on: str) -> Transition:
    """Close it, unless people have yet to answer what must not be lost: then they see what was found, and close it."""
    if is_sticky(check.opened.row):
        _, policy = await ctx.governance.policy()
        finding = "removed" if outcome is Outcome.REMOVED else "gone"
        found = check.opened.row["gone_checks"] + 1 if check.trace.gone else 0
        return await _again(ctx, check, finding, moment(check.now) + policy.follow_up, {"gone_checks": found})
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
    now = _NOT_NOW.isdisjoint(reason.code for reason in verdict.reasons)
    return known and now and before is not None and verdict.country != before


async def _moved_on(ctx: Context, check: _Check) -> Transition:
    """Hosted elsewhere now: decide anew; the new referral is linked to the old one."""
    row = check.opened.row
    values = shown(check.trace, check.kept.values["id"]) | {
        "state": CaseState.LOCATED,
        "moved_from": row["hosting_country"],
        "gone_checks": 0,
        **look_at(check.now),
        **while_decided_anew(row),
    }
    moved = {"id": new_id(), "case_id": row["id"], "action": ActionType.MOVED, "at": check.now, "by": ROUTER.id}
    changes = [Change(cases, {"id": row["id"]}, values, row["version"])]
    changes += await done(ctx, row["id"], check.now, "moved")
    changes += await asked_again(ctx, [row])
    _, policy = await ctx.governance.policy()
    due = micros(moment(check.now) + policy.follow_up)  # dated here, in case nobody new has to be told
    following = Add(follow_ups, {"id": new_id(), "case_id": row["id"], "due_at": due})
    event = _event(check, "case.moved", was=row["hosting_country"], now=check.trace.verdict.country)
    adds = (check.kept, Add(actions, moved), following, *check.new_actions)
    return Transition(check.now, tuple(changes), adds, (), (event,))


async def _ask_to_look(ctx: Context, check: _Check) -> Transition:
    _, policy = await ctx.governance.policy()
    said = [f"{r['partner']} says {s.action}" for r, s in check.said] or ["no partner says that it is removed"]
    why = _NO_PROOF.get(check.trace.outcome) if check.trace.outcome is not None else None
    words = ", ".join([*said, *(why for _, why in check.heard.unasked), *filter(None, [why])])
    text = f"Look whether it is gone: {words}."
    placed = put_unless_sticky(check.opened.row, (DeskCode.LOOK, text), check.now)
    return await _again(ctx, check, "unclear", moment(check.now) + policy.follow_up, placed | {"gone_checks": 0})


async def _again(ctx: Context, check: _Check, finding: str, due: datetime, values: dict[str, Any]) -> Transition:
    """Finish this check and date the next one."""
    row = check.opened.row
    at = next_look(ctx, check.rows, micros(due))  # another referral of the case may still be on its way
    changes = [Change(cases, {"id": row["id"]}, values | look_at(at), row["version"])]
    changes += await done(ctx, row["id"], check.now, finding)
    following = Add(follow_ups, {"id": new_id(), "case_id": row["id"], "due_at": micros(due)})
    event = _event(check, "case.checked", finding=finding)
    return Transition(check.now, tuple(changes), (check.kept, following, *check.new_actions), (), (event,))


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


def _event(check: _Check, act: str, **detail: Any) -> Event:
    verdict = check.trace.verdict
    known = {"verdict": verdict.kind, "country": verdict.country, "dns": check.trace.outcome, **detail}
    return Event(act, ROUTER.id, check.opened.id, None, known)
