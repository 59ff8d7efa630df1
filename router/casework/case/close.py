"""Close a case: an outcome, what it rests on, and an end to everything of it that still waits.

And what counts towards it: the checks in a row that found its host gone, which anybody begins anew who found it there.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import take_off_desk
from router.casework.case.next_look import look_at
from router.casework.case.record import referral_rows
from router.casework.context import Context
from router.casework.referral.changes import may_have_arrived, superseded, taken_back
from router.casework.referral.row import UNSENT
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import actions, cases, follow_ups
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionReason, ActionType, Outcome

#: Which of ICCAM's actions an outcome means: what a peer that referred the case to us is told when it asks.
_ACTION = {
    Outcome.REMOVED: ActionType.REMOVED,
    Outcome.UNAVAILABLE: ActionType.UNAVAILABLE,
    Outcome.NOT_ILLEGAL: ActionType.NOT_ILLEGAL,
    Outcome.MOVED: ActionType.MOVED,
}
#: What people read of a partner's NotIllegal on baseline material.
DISAGREES: Final = "{partner} says NotIllegal, and it was assessed as illegal everywhere: see it, and say what it is."
#: On what it rests where a person says so.
BY_A_PERSON: Final = "A person closed it ({by})."
#: What a check found of which people are asked: what they see takes its place.
UNCLEAR: Final = "unclear"
#: So many checks that found no host are kept, the latest ones; more than any policy asks for.
_MOST_GONE: Final = 40
#: The columns of a case whose host somebody found, or of which it was decided anew: checks are counted from now on.
NOT_GONE: Final[Mapping[str, Any]] = {"gone_checks": 0, "gone_seen": None}


def gone_seen(case: Mapping[str, Any]) -> tuple[int, ...]:
    """Return when the checks in a row were that found no host, in microseconds, the earliest first."""
    return tuple(json.loads(case["gone_seen"])) if case["gone_seen"] else ()


def gone(seen: Sequence[int], counted: int) -> dict[str, Any]:
    """Return the columns of a case whose host was gone at these moments, of which the policy counts so many."""
    return {"gone_checks": counted, "gone_seen": json.dumps(list(seen[-_MOST_GONE:]))}


async def closed(
    ctx: Context,
    case: Row,
    outcome: Outcome,
    rests_on: str,
    by: str,
    event: Event,
    adds: tuple[Add, ...] = (),
    also: Mapping[str, Any] | None = None,
    reason: ActionReason | None = None,
) -> Transition:
    """Return the transition that closes an open case.

    Referrals that have not left are superseded; what may be with its partner, though no receipt says so, is taken back
    there. What is being sent for the first time is left to its sender, and what a partner accepted to the partner.

    `also` are more columns that change with it. `reason` is why it is unavailable, as peers who referred it are told:
    that a person looked and did not find it, unless something else is known.
    """
    now = ctx.now()
    values = {
        "state": CaseState.CLOSED,
        "outcome": outcome,
        "rests_on": rests_on,
        "closed_at": now,
        **look_at(None),
        **take_off_desk(),
    }
    changes = [Change(cases, {"id": case["id"]}, values | dict(also or {}), case["version"])]
    changes += await nothing_leaves(ctx, case["id"])
    changes += await done(ctx, case["id"], now, "removed" if outcome is Outcome.REMOVED else "gone")
    return Transition(now, tuple(changes), adds + _action(case["id"], outcome, by, now, reason), (), (event,))


async def nothing_leaves(ctx: Context, case_id: str) -> list[Change]:
    """Return what ends a case's referrals that have not left, and takes back what may be with its partner."""
    return [_dropped(row, ctx.now()) for row in await referral_rows(ctx, case_id) if _is_to_drop(row)]


async def done(ctx: Context, case_id: str, now: int, finding: str) -> list[Change]:
    """Return the change that finishes a case's open check, if it has one."""
    pending = select(follow_ups.c.id).where(and_(follow_ups.c.case_id == case_id, follow_ups.c.done_at.is_(None)))
    rows = await ctx.store.rows(pending)
    return [
        Change(follow_ups, {"id": row["id"]}, {"done_at": now, "finding": finding}, guard={"done_at": None})
        for row in rows
    ]


def _is_to_drop(row: Row) -> bool:
    return ReferralState(row["state"]) in UNSENT or (row["state"] == ReferralState.SENDING and may_have_arrived(row))


def _dropped(row: Row, now: int) -> Change:
    return taken_back(row, now, None) if may_have_arrived(row) else superseded(row)


def _action(case_id: str, outcome: Outcome, by: str, now: int, reason: ActionReason | None) -> tuple[Add, ...]:
    action = _ACTION.get(outcome)
    if action is None:
        return ()
    if outcome is Outcome.UNAVAILABLE and reason is None:
        reason = ActionReason.CONTENT_NOT_FOUND
    row = {"id": new_id(), "case_id": case_id, "action": action, "at": now, "by": by, "reason": reason}
    return (Add(actions, row),)
