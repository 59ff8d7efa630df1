"""Read a hub's inbox, a turn at a time: what was listed is read and taken, then acknowledged, then lists are read on.

Everything is on disk before the next call: a process that dies between two calls costs one of them. What another tool
still works on is taken as well and never acknowledged (`Inbox.acknowledges`): such cases only watch, until we do.
"""

from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import and_, select, text

from router.casework.case.desk_entry import while_decided_anew
from router.casework.case.next_look import look_at
from router.casework.context import Context
from router.casework.intake import hub_items, hub_lists
from router.casework.intake.hub_lists import Windows
from router.delivery.send import meaning
from router.errors import Conflict, RouterError, StoreUnavailable
from router.guard.log import get_log
from router.partners.base import Deferred, Refused, Unknown
from router.partners.inbox import HandedIn, Inbox
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import cases, hub_inboxes
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.partner import Partner
from schemas.states import CASE, CaseState, step

#: How long an inbox that was read through rests; the public client looks each minute. Our own choice.
REST: Final = timedelta(minutes=5)
#: Until it is tried again that could not be read, when the hub does not say.
AGAIN: Final = timedelta(minutes=1)
#: Contents that are read, and acknowledged, in one turn at most: at a call a second a turn has time for so many.
IN_ONE_TURN: Final = 25
#: Cases that begin to be worked on in one turn, once the inbox is ours.
_GO_LIVE: Final = 50
_MICRO: Final = timedelta(microseconds=1)
#: After so many refusals to take our reference it is not told again.
_GIVE_UP: Final = "The hub does not take our reference for it: {}"

AnswerT = TypeVar("AnswerT")


async def pull(ctx: Context, partner: Partner, inbox: Inbox, row: Row, *, tells: bool = True) -> None:
    """Make one turn of a claimed inbox, and date the next one.

    Without `tells` it is only read, and the hub hears nothing: so a router that was put back and is not released yet.
    """
    windows = Windows.read(row["windows"])
    failed: Deferred | Refused | None = await _read_listed(ctx, partner, inbox)
    beginning = False
    if failed is None and inbox.acknowledges and tells:
        failed = await _acknowledge(ctx, partner, inbox)
        beginning = await _go_live(ctx, partner)
    over, stuck = True, False
    if failed is None:
        failed, over, stuck = await _walk(ctx, partner, inbox, windows)
    unsaid = inbox.acknowledges and tells
    left = beginning or not over or await hub_lists.is_any_left(ctx, partner.name, acknowledges=unsaid)
    full_since = (row["full_since"] or ctx.now()) if stuck else None
    if stuck and row["full_since"] is None:
        get_log("intake").warning("hub_list_is_full", partner=partner.name)
    values: dict[str, Any] = {
        "windows": windows.kept(),
        "full_since": full_since,
        "last_text": None if failed is None else failed.text,
        "due_at": ctx.now() + _wait(failed, left=left) // _MICRO,
    }
    with suppress(Conflict):  # our lease ran out: another process goes on
        change = Change(hub_inboxes, {"partner": partner.name}, values, row["version"])
        await ctx.store.commit(Transition(ctx.now(), (change,)))


def _wait(failed: Deferred | Refused | None, *, left: bool) -> timedelta:
    if failed is None:
        return timedelta(seconds=1) if left else REST
    wish = failed.retry_after if isinstance(failed, Deferred) else None
    return timedelta(seconds=max(wish, 1.0)) if wish is not None else AGAIN


async def _read_listed(ctx: Context, partner: Partner, inbox: Inbox) -> Deferred | None:
    """Read what was listed, oldest first; what the hub refuses, or fails at alone again and again, stops nothing."""
    for row in await hub_lists.listed(ctx, partner.name, IN_ONE_TURN):
        given = await _answer(inbox.read(row["number"]), partner)
        if isinstance(given, HandedIn):
            await _take(ctx, row, given, watching=not inbox.acknowledges)
        elif isinstance(given, Refused):
            await hub_items.failed(ctx, row, given.text, for_good=True)
        else:
            await hub_items.failed(ctx, row, given.text, for_good=False)
            if row["tries"] < hub_lists.STUBBORN:
                return given
    return None


async def _take(ctx: Context, row: Row, given: HandedIn, *, watching: bool) -> None:
    """Take one content. What keeps this one here keeps no other: it is read again, after those that failed less."""
    try:
        await hub_items.take(ctx, row, given, ctx.home, watching=watching)
    except StoreUnavailable:
        raise
    except RouterError as error:  # its case changed at this moment, or is damaged until it is restored
        with suppress(Conflict):  # another process has it
            await hub_items.failed(ctx, row, error.message, for_good=False)


async def _acknowledge(ctx: Context, partner: Partner, inbox: Inbox) -> Deferred | None:
    """Tell the hub what we have on disk."""
    for row in await hub_lists.unacknowledged(ctx, partner.name, IN_ONE_TURN):
        answer = await _answer(inbox.acknowledge(row["number"], row["reference"]), partner)
        if isinstance(answer, Deferred):
            return answer
        await hub_items.acknowledged(ctx, row, None if answer is None else _GIVE_UP.format(answer.text))
    return None


async def _walk(
    ctx: Context, partner: Partner, inbox: Inbox, windows: Windows
) -> tuple[Deferred | Refused | None, bool, bool]:
    """Read one page of each list. Return why one could not be read, whether all are read through, and what is full."""
    over, stuck = True, False
    for name in hub_lists.to_walk(inbox, windows):
        walked = await _answer(hub_lists.walk(ctx, partner.name, inbox, name, windows), partner)
        if isinstance(walked, Deferred | Refused):
            return walked, False, stuck
        if walked.failed is not None:
            return walked.failed, False, stuck
        if walked.adds or walked.changes:
            await ctx.store.commit(Transition(ctx.now(), walked.changes, walked.adds))
        over, stuck = over and walked.is_over, stuck or walked.is_stuck
    return None, over, stuck


async def _answer(asking: Awaitable[AnswerT], partner: Partner) -> AnswerT | Deferred | Refused:
    """Return what a call said; what kept it from saying anything is a reason to ask again later."""
    try:
        return await asking
    except Conflict:
        raise
    except RouterError as error:
        found = meaning(error, partner)
    return Deferred(found.reason, found.text) if isinstance(found, Unknown) else found


async def _go_live(ctx: Context, partner: Partner) -> bool:
    """Have cases that only watched be decided anew: the inbox is ours now. Return whether there may be more of them."""
    watching = and_(cases.c.source == partner.name, text("watching = 1"), cases.c.state != CaseState.CLOSED)
    rows = await ctx.store.rows(select(cases).where(watching).limit(_GO_LIVE))
    for row in rows:
        after = step(CASE, CaseState(row["state"]), "retrace")
        anew: dict[str, Any] = {} if after is None else {"state": after, **look_at(ctx.now())}
        if after is not None:
            anew |= while_decided_anew(row, DeskCode.WATCHING)
        change = Change(cases, {"id": row["id"]}, {"watching": 0, **anew}, row["version"])
        event = Event("case.live", ROUTER.id, row["id"])
        with suppress(Conflict):  # staff were faster: in the next turn
            await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))
    return len(rows) == _GO_LIVE
