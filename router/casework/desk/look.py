"""What a person saw who looked whether it is gone, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from router.casework.case.acts import ANSWERED_BY_A_LOOK
from router.casework.case.close import NOT_GONE, UNCLEAR
from router.casework.case.desk_entry import NOBODY_WORKS_ON_IT, answer, is_asked, put_on_desk, while_decided_anew
from router.casework.case.next_look import check_due, look_at, next_look
from router.casework.case.record import referral_rows
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.desk.act import case_for, retry_on_conflict
from router.casework.desk.case_acts import close, retraced
from router.casework.people.exposure import looked
from router.casework.referral.check_dates import check_dates
from router.casework.referral.row import is_at_work
from router.clock import micros
from router.errors import BadInput
from router.store.base import Add, Change, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, follow_ups, referrals
from schemas.actor import Actor
from schemas.acts import Finding
from schemas.casefile import DeskCode
from schemas.states import CASE, CaseState, ReferralState, step
from schemas.vocabulary import Outcome

#: How far off a check may be dated: what is further off was dated by a clock that is wrong.
LONGEST: Final = timedelta(days=80)
#: What closes the case, and on what that rests.
_GONE: Final[Mapping[Finding, str]] = {
    Finding.GONE: "A person saw that it is gone ({by}).",
    Finding.CONTENT_GONE: "A person saw that the page stays and its content is gone ({by}).",
}
_WHICH: Final = "Say what you saw: one of {words}."
_UNTIL: Final = "Say until when the police keep it up: a date within {days} days."


@dataclass(frozen=True, slots=True)
class _Seen:
    """What somebody saw that closes nothing: the event's name, what the case keeps of it, and the next check."""

    act: str
    values: Mapping[str, Any] = field(default_factory=dict)
    there: bool = False  #: where the policy asked for a look first, it is decided anew
    until: datetime | None = None  #: it is not looked at before


async def look(
    ctx: Context,
    case_id: str,
    actor: Actor,
    reason: str,
    *,
    finding: str,
    until: datetime | None = None,
    version: int | None = None,
) -> None:
    """Record what a person saw.

    Gone closes the case, whether the page stays or not; moved traces it again; what is there, what nobody could see and
    what the police keep up (`until` a date) date the next check. Where the policy asked for a look before it leaves,
    what is there is decided anew; so it is where a rule asks for it after so many checks that found it there.

    Raise NotFound, BadInput, Conflict.
    """
    try:
        saw = Finding(finding)
    except ValueError:
        raise BadInput(_WHICH.format(words=", ".join(Finding)), field="finding") from None
    match saw:
        case Finding.GONE | Finding.CONTENT_GONE:
            rests_on = _GONE[saw]
            await close(ctx, case_id, actor, reason, outcome=Outcome.REMOVED, rests_on=rests_on, version=version)
        case Finding.MOVED:
            await _seen_elsewhere(ctx, case_id, actor, reason, version=version)
        case Finding.STILL_THERE:
            there = _Seen("case.still_there", {"last_seen_at": ctx.now(), **NOT_GONE}, there=True)
            await _looked(ctx, case_id, actor, reason, there, version=version)
        case Finding.CANNOT_SEE:
            await _looked(ctx, case_id, actor, reason, _Seen("case.not_seen"), version=version)
        case Finding.POLICE_KEEPS:
            kept = _Seen("case.police_keeps", until=_within(ctx, until))
            await _looked(ctx, case_id, actor, reason, kept, version=version)
            return
    await looked(ctx, actor)


def _within(ctx: Context, until: datetime | None) -> datetime:
    now = ctx.clock.now()
    if until is None or not now < until <= now + LONGEST:
        raise BadInput(_UNTIL.format(days=LONGEST.days), field="until")
    return until


@retry_on_conflict
async def _seen_elsewhere(ctx: Context, case_id: str, actor: Actor, reason: str, *, version: int | None) -> None:
    """What a person saw stands, also while an embargo holds the case: it is traced once that is over."""
    case, after = await case_for(ctx, case_id, version, "retrace")
    await retraced(ctx, case, after, actor, reason, *ANSWERED_BY_A_LOOK, also={"still_there": 0})


@retry_on_conflict
async def _looked(ctx: Context, case_id: str, actor: Actor, reason: str, saw: _Seen, *, version: int | None) -> None:
    case, after = await case_for(ctx, case_id, version, "refer", decided=True)
    now, rows, due = ctx.now(), await referral_rows(ctx, case_id), await check_due(ctx, case_id)
    until, said = (None, None) if saw.until is None else (micros(saw.until), saw.until.isoformat())
    event = await acted(ctx, saw.act, actor, reason, case_id, until=said)
    values, adds, dated = dict(saw.values), list[Add](), list[Change]()
    asked_first = is_asked(case, DeskCode.SEEN_LONG_AGO)
    if asked_first and saw.there:  # now the policy says whom it goes to
        anew = step(CASE, CaseState(case["state"]), "retrace")
        values |= {"state": anew, **look_at(now), **while_decided_anew(case, *ANSWERED_BY_A_LOOK)}
    elif asked_first or (until is None and not is_asked(case, *ANSWERED_BY_A_LOOK)):
        pass  # nobody asked for it, or the question stands: it is worth knowing all the same
    elif not any(is_at_work(row) for row in rows):  # nobody who could do anything about it has it
        values |= answer(case, after, now, ANSWERED_BY_A_LOOK)
        if values["desk_code"] is None:
            values |= put_on_desk(case | values, NOBODY_WORKS_ON_IT, now)
    else:
        then = until or due or (await check_dates(ctx)).again(case, rows)
        if due is None:
            adds.append(Add(follow_ups, {"id": new_id(), "case_id": case_id, "due_at": then}))
        elif then != due:
            dated.append(Change(follow_ups, {"case_id": case_id}, {"due_at": then}, guard={"done_at": None}))
        values |= answer(case, after, now, ANSWERED_BY_A_LOOK) | look_at(next_look(ctx, rows, then))
        if saw.there:
            values |= await _once_more(ctx, case)
            dated += await _answered(ctx, case_id)
        if saw.there or until is not None:  # of what police keep up nobody is reminded
            dated += _reminds(rows, now if saw.there else None)
    changes = [Change(cases, {"id": case_id}, values, case["version"])] if values else []
    await ctx.store.commit(Transition(now, (*changes, *dated), tuple(adds), (), (event,)))


async def _answered(ctx: Context, case_id: str) -> list[Change]:
    """Return the change of the check that asked for this look: what the person saw is what it found."""
    done = select(follow_ups.c.id, follow_ups.c.finding).where(
        follow_ups.c.case_id == case_id, follow_ups.c.done_at.is_not(None)
    )
    for row in await ctx.store.rows(done.order_by(follow_ups.c.done_at.desc(), follow_ups.c.id.desc()).limit(1)):
        if row["finding"] == UNCLEAR:
            found = {"finding": Finding.STILL_THERE}
            return [Change(follow_ups, {"id": row["id"]}, found, guard={"finding": UNCLEAR})]
    return []


def _reminds(rows: Sequence[Row], seen_at: int | None) -> list[Change]:
    """Return the changes of the referrals whose partners are to be reminded from then on; None: of which none is."""
    behind = {row["supersedes"] for row in rows if row["state"] == ReferralState.ACCEPTED}
    theirs = (row for row in rows if row["state"] == ReferralState.ACCEPTED and not row["is_copy"])
    asked = {row["id"]: None if row["id"] in behind else seen_at for row in theirs}
    differs = (row for row in rows if row["id"] in asked and asked[row["id"]] != row["still_there_at"])
    return [
        Change(referrals, {"id": row["id"]}, {"still_there_at": asked[row["id"]]}, guard={"state": row["state"]})
        for row in differs
    ]


async def _once_more(ctx: Context, case: Row) -> dict[str, Any]:
    """Return what changes once a check found it there again: where the policy names that number, it is decided anew."""
    _, policy = await ctx.governance.policy()
    times = int(case["still_there"]) + 1
    counted = {"still_there": times}
    if not policy.escalates(times):
        return counted
    anew = step(CASE, CaseState(case["state"]), "retrace")
    return counted | {"state": anew, **look_at(ctx.now()), **while_decided_anew(case, *ANSWERED_BY_A_LOOK)}
