"""What is held of referrals (`case/gate`): it waits for the end, with its reason, and counts against nobody.

A referral of several steps keeps what is done of it. What is to be taken back at its partner waits as well: a partner
is called for that. Once the last embargo on its case is over it goes on by itself (`go_on`).
"""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import and_, select

from router.casework.believed import ended_by
from router.casework.case.embargo import ENDED, OPEN, hits
from router.casework.case.gate import Held, held_among, held_ids, hit, on_desk
from router.casework.case.next_look import look_at
from router.casework.case.record import Opened, case_row, case_rows, referral_rows
from router.casework.context import Context
from router.casework.referral.row import due_at
from router.errors import Conflict
from router.partners.answers import MENDING
from router.partners.base import Deferred, Reason
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import cases, embargo_hits, embargoes, referrals
from schemas.actor import ROUTER
from schemas.casefile import WaitCode
from schemas.embargo import Way
from schemas.states import REFERRAL, CaseState, ReferralState, step

#: Cases that go on in one look: a host with a million of them keeps nobody waiting.
_MOST = 200


async def put_off(ctx: Context, row: Row, held: Held) -> Deferred | None:
    """Date a claimed referral for the end of what holds it.

    Return what it is settled as where staff or another embargo were faster: that reads the row again.
    """
    after = step(REFERRAL, ReferralState(row["state"]), "defer")
    values = {"state": after, **due_at(held.until), "last_reason": held.reason, "last_text": held.text}
    changes = [Change(referrals, {"id": row["id"]}, values, row["version"])]
    case = await case_row(ctx, row["case_id"])
    if placed := on_desk(ctx, case, held):
        changes.append(Change(cases, {"id": case["id"]}, placed | look_at(held.until), case["version"]))
    adds = await hits(ctx, case["id"], held.by)
    events = hit(held, Way.REFERRAL, case["id"], row["id"])
    try:
        await ctx.store.commit(Transition(ctx.now(), tuple(changes), adds, (), events))
    except Conflict:
        return Deferred(Reason.UNEXPECTED, held.text, MENDING, counted=False)
    return None


async def none_is_held(ctx: Context, opened: Sequence[Opened], partner: str) -> bool:
    """Tell whether all of this may still leave: an embargo that is set between two calls of one attempt counts."""
    return not any(held.keeps_from(partner) for held in (await held_among(ctx, opened)).values())


async def free_to_withdraw(ctx: Context, rows: Sequence[Row]) -> list[Row]:
    """Return those of these referrals of which their partner may be told; the others wait until nothing holds them."""
    held, free = await held_ids(ctx, (row["case_id"] for row in rows)), list[Row]()
    for row in rows:
        if (by := held.get(row["case_id"])) is None or not by.keeps_from(row["partner"]):
            free.append(row)
            continue
        with suppress(Conflict):  # it is due again, and is asked about again then
            await ctx.store.commit(await _withheld(ctx, row, by))
    return free


async def _withheld(ctx: Context, row: Row, held: Held) -> Transition:
    change = Change(referrals, {"id": row["id"]}, due_at(held.until), row["version"])
    adds = await hits(ctx, row["case_id"], held.by)
    return Transition(ctx.now(), (change,), adds, (), hit(held, Way.WITHDRAWAL, row["case_id"], row["id"]))


async def go_on(ctx: Context) -> None:
    """End the embargoes whose date has come, and let go on what those held that are over. Once in a while is enough."""
    past = and_(embargoes.c.state == OPEN, embargoes.c.until <= await ended_by(ctx))
    for row in await ctx.store.rows(select(embargoes).where(past)):
        ended = Change(embargoes, {"id": row["id"]}, {"state": ENDED}, guard={"state": OPEN, "until": row["until"]})
        event = Event("embargo.lapsed", ROUTER.id, detail={"embargo": row["id"]})
        with suppress(Conflict):  # another worker was faster, or somebody gave it a later end
            await ctx.store.commit(Transition(ctx.now(), (ended,), events=(event,)))
    over = select(embargoes.c.id).where(embargoes.c.state == ENDED)
    waiting = and_(embargo_hits.c.resumed_at.is_(None), embargo_hits.c.embargo_id.in_(over))
    while found := await ctx.store.rows(select(embargo_hits).where(waiting).limit(_MOST)):
        known = await case_rows(ctx, (row["case_id"] for row in found))
        gone = [await _went_on(ctx, row, known.get(row["case_id"])) for row in found]
        if not any(gone):
            return


async def _went_on(ctx: Context, found: Row, case: Row | None) -> bool:
    """Have a case, and what of it waited, looked at now: what another embargo holds is put off again by that."""
    now, changes = ctx.now(), list[Change]()
    if case is not None and case["state"] != CaseState.CLOSED and (case["next_at"] or 0) > now:
        changes.append(Change(cases, {"id": case["id"]}, look_at(now), case["version"]))
    for row in await referral_rows(ctx, found["case_id"]):
        held = row["state"] == ReferralState.WITHDRAWING or row["last_reason"] == WaitCode.EMBARGO
        if held and row["state"] in (ReferralState.WAITING, ReferralState.WITHDRAWING) and row["next_at"] > now:
            changes.append(Change(referrals, {"id": row["id"]}, due_at(now), row["version"]))
    key = {"embargo_id": found["embargo_id"], "case_id": found["case_id"]}
    changes.append(Change(embargo_hits, key, {"resumed_at": now}, guard={"resumed_at": None}))
    event = Event("embargo.over", ROUTER.id, found["case_id"], None, {"embargo": found["embargo_id"]})
    try:
        await ctx.store.commit(Transition(now, tuple(changes), events=(event,)))
    except Conflict:  # it is being worked on: looked at again soon
        return False
    return True
