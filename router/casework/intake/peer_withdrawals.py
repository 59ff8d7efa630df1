"""What peers take back of what they sent us, or were about to send us; and what they say is there still.

A withdrawal can overtake its referral: the sender's request was cut, staff there recalled it, and the cut request (or
its repetition) comes in after all. So a withdrawal of something that never came is remembered, as a row of the inbox
without a case, and the referral is answered as withdrawn when it comes.

What a peer hears that reminds us is the same whether the case is open, closed, held or asked about already.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import ask, is_asked
from router.casework.case.gate import held_ids
from router.casework.case.record import case_rows
from router.casework.context import Context
from router.errors import Conflict, Unavailable
from router.store.base import Add, Change, Event, Row, Transition
from router.store.schema.tables import cases, decisions, inbox
from schemas.casefile import DeskCode
from schemas.decision import DeskCall
from schemas.states import CaseState
from schemas.vocabulary import SourceKind

#: The case of a referral that was taken back before it came: it has none.
NO_CASE: Final = ""
#: What a referral's id looks like (schemas.exchange.ReferralMessage); nothing else could ever come.
_REFERRAL_ID: Final = re.compile(r"[0-9a-f-]{36}")
_ROUNDS: Final = 8
_SEES_IT: Final = "{partner} sees it there still: look whether it is gone, and what became of it."
_TOOK_IT_BACK: Final = "{peer} took its referral back; say what is to be done."


def never_came(row: Row) -> bool:
    """Tell whether a row of the inbox only remembers that a referral was taken back before it came."""
    return bool(row["case_id"] == NO_CASE)


async def known(ctx: Context, sender: str, referral_ids: Sequence[str]) -> dict[str, Row]:
    """Return what the inbox holds of a peer's referrals, by id."""
    rows = await ctx.store.rows(
        select(inbox).where(and_(inbox.c.peer == sender, inbox.c.referral_id.in_(referral_ids)))
    )
    return {row["referral_id"]: row for row in rows}


async def take_back(ctx: Context, sender: str, referral_ids: Sequence[str]) -> None:
    """Mark a peer's referrals withdrawn, all in one commit; those already withdrawn stay as they are.

    Raise Unavailable when their cases keep changing meanwhile.
    """
    for _ in range(_ROUNDS):
        transition = await _transition(ctx, sender, tuple(dict.fromkeys(referral_ids)))
        if transition is None:
            return
        with suppress(Conflict):  # a case moved on, or the referral came in this moment: look again
            await ctx.store.commit(transition)
            return
    raise Unavailable("These referrals are being worked on just now; ask again shortly.", retry_after=5.0)


async def _transition(ctx: Context, sender: str, referral_ids: Sequence[str]) -> Transition | None:
    rows = await known(ctx, sender, referral_ids)
    came = [row for row in rows.values() if row["withdrawn_at"] is None]
    ahead = [one for one in referral_ids if one not in rows and _REFERRAL_ID.fullmatch(one)]
    if not came and not ahead:
        return None
    now = ctx.now()
    changes = [_withdrawn(row, now) for row in came] + await _asked(ctx, sender, came)
    events = [_event(sender, one, rows.get(one)) for one in (*(row["referral_id"] for row in came), *ahead)]
    return Transition(now, tuple(changes), tuple(_remembered(sender, one, now) for one in ahead), (), tuple(events))


def _withdrawn(row: Row, now: int) -> Change:
    key = {"peer": row["peer"], "referral_id": row["referral_id"]}
    return Change(inbox, key, {"withdrawn_at": now}, guard={"withdrawn_at": None})


async def _asked(ctx: Context, sender: str, came: Sequence[Row]) -> list[Change]:
    """Tell the desk, once a case: others may have reported the same location, so nothing is closed.

    A case that is still to be decided is told by its decision (`question`).
    """
    ids = sorted({row["case_id"] for row in came})
    found = await ctx.store.rows(select(cases).where(cases.c.id.in_(ids))) if ids else []
    text = _TOOK_IT_BACK.format(peer=sender)
    return [change for case in found for change in ask(case, DeskCode.OVERRULED, text, ctx.now())]


async def question(ctx: Context, case: Row) -> tuple[DeskCall, ...]:
    """Return what a decision asks people about a peer's case: it was taken back since the decision before, if any.

    Only the case's opener is looked for; where others had reported the location before, it has to be decided anyway.
    """
    if case["source_kind"] != SourceKind.PEER:
        return ()
    before = await ctx.store.rows(select(decisions.c.decided_at).where(decisions.c.id == case["decision_id"]))
    names = ("origin", "origin_reference")  # with the peer, an index of the inbox
    opener = and_(inbox.c.peer == case["source"], *(inbox.c[name] == case[name] for name in names))
    since = inbox.c.withdrawn_at > (before[0]["decided_at"] if before else 0)
    of_case = and_(opener, inbox.c.case_id == case["id"], since)
    if not await ctx.store.rows(select(inbox.c.referral_id).where(of_case).limit(1)):
        return ()
    return (DeskCall(code=DeskCode.OVERRULED, text=_TOOK_IT_BACK.format(peer=case["source"])),)


def _remembered(sender: str, referral_id: str, now: int) -> Add:
    nothing: dict[str, Any] = {"origin": "", "origin_reference": "", "body_digest": b"", "receipt": ""}
    row = {"peer": sender, "referral_id": referral_id, "case_id": NO_CASE, "taken_at": now, "withdrawn_at": now}
    return Add(inbox, row | nothing)


def _event(sender: str, referral_id: str, row: Row | None) -> Event:
    case_id = None if row is None else row["case_id"]
    return Event("inbox.withdrawn", f"peer:{sender}", case_id, None, {"referral": referral_id, "came": row is not None})


async def reminded(ctx: Context, sender: str, referral_ids: Sequence[str]) -> tuple[str, ...]:
    """Ask people about the open cases of these referrals of a peer; return the ids that are of its referrals."""
    if not referral_ids:
        return ()
    rows = await known(ctx, sender, tuple(dict.fromkeys(referral_ids)))
    theirs = {one: row for one, row in rows.items() if not never_came(row)}
    found = await case_rows(ctx, {row["case_id"] for row in theirs.values()})
    held = await held_ids(ctx, found)
    for case_id, case in found.items():
        if case["state"] == CaseState.CLOSED or case_id in held or is_asked(case, DeskCode.LOOK):
            continue
        asked = ask(case, DeskCode.LOOK, _SEES_IT.format(partner=sender), ctx.now())
        event = Event("peer.reminded", f"peer:{sender}", case_id, None, {"partner": sender})
        with suppress(Conflict):  # it is being worked on, and is said again on another day
            await ctx.store.commit(Transition(ctx.now(), tuple(asked), events=(event,)))
    return tuple(sorted(theirs))
