"""What police units write, and nobody can prove that they did: people are told, read it, and type what follows.

A letter that the unit's pinned key signed gives its receipt by itself. Any other is believed by people only, whatever
it says: nothing is done on it here but to put its cases on the desk, once.

One that names no case of ours has no place on the desk. It is counted by an alarm of the house, until somebody says
that they read it (`desk/letter_read`), or it lies there no more.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import TO_BE_DECIDED, ask
from router.casework.case.record import case_rows
from router.casework.context import Context
from router.casework.read.letters import rows_named
from router.clock import micros
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.store.base import Add, Change, Event, Row, Transition
from router.store.schema.tables import unit_letters
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.letter import Letter
from schemas.partner import Partner
from schemas.states import CaseState, ReferralState

_UNSIGNED: Final = (
    "{partner} wrote about this, and nothing proves that it was them: read it here, and type what they say."
)
_SIGNED: Final = "{partner} wrote about this again: read it here, and type what they say."
#: While these last, a signed letter may still be taken for the receipt by itself.
_UNDER_WAY: Final = frozenset({ReferralState.WAITING, ReferralState.SENDING})


async def tell(ctx: Context) -> None:
    """Put on the desk what units wrote since the last look. A unit whose folder cannot be read costs no other."""
    for partner in (await ctx.governance.directory()).partners:
        try:
            found = await _lying_there(ctx, partner)
            for letter in await _new(ctx, found):
                with suppress(Conflict):  # staff were faster, or another worker: it is looked at again soon
                    await _told(ctx, letter)
            await _gone(ctx, partner, {one.id for one in found})
        except RouterError as error:
            get_log("casework").warning("letters_unreadable", partner=partner.name, code=error.code)


async def _lying_there(ctx: Context, partner: Partner) -> Sequence[Letter]:
    dialect = ctx.dialects.get(partner.dialect)
    return await dialect.letters(partner) if dialect is not None and partner.enabled else ()


async def _gone(ctx: Context, partner: Partner, there: set[str]) -> None:
    """Nobody can read any more what lies there no longer."""
    waits = and_(unit_letters.c.nameless == 1, unit_letters.c.read_at.is_(None))
    wanted = select(unit_letters.c.id).where(waits, unit_letters.c.partner == partner.name)
    for row in await ctx.store.rows(wanted) if partner.enabled else ():
        if row["id"] not in there:
            gone = {"read_at": ctx.now(), "read_by": ROUTER.id}
            change = Change(unit_letters, {"id": row["id"]}, gone, guard={"read_at": None})
            event = Event("unit.letter_gone", ROUTER.id, detail={"partner": partner.name})
            with suppress(Conflict):  # somebody read it
                await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))


async def _new(ctx: Context, found: Sequence[Letter]) -> Sequence[Letter]:
    """Return those of these letters that nobody was told of, the oldest first."""
    ids = select(unit_letters.c.id).where(unit_letters.c.id.in_([one.id for one in found]))
    known = {row["id"] for row in await ctx.store.rows(ids)}
    return [one for one in reversed(found) if one.id not in known]


async def _told(ctx: Context, letter: Letter) -> None:
    rows = await rows_named(ctx, letter)
    if letter.is_signed and any(row["state"] in _UNDER_WAY for row in rows):
        return
    asking = [row for row in rows if not _was_taken(letter, row)]
    cases = await case_rows(ctx, {row["case_id"] for row in asking})
    if any(case["state"] in TO_BE_DECIDED for case in cases.values()):
        return  # once it is decided, people are asked
    now, text = ctx.now(), (_SIGNED if letter.is_signed else _UNSIGNED).format(partner=letter.partner)
    changes: list[Change] = []
    for case in cases.values():
        if case["state"] != CaseState.CLOSED:
            changes += ask(case, DeskCode.LETTER, text, now)
    told = Add(unit_letters, {"id": letter.id, "partner": letter.partner, "at": now, "nameless": int(not rows)})
    signed = {"partner": letter.partner, "signed": letter.is_signed}
    events = tuple(Event("unit.wrote", ROUTER.id, row["case_id"], row["id"], signed) for row in asking)
    events = events if rows else (Event("unit.wrote", ROUTER.id, detail=signed),)
    await ctx.store.commit(Transition(now, tuple(changes), (told,), (), events))


def _was_taken(letter: Letter, row: Row) -> bool:
    """Tell whether a letter was taken for the receipt; what the unit signs later says more than that."""
    in_time = row["accepted_at"] is not None and micros(letter.at) <= row["accepted_at"]
    return letter.is_signed and in_time and row["receipt"] == letter.numbers[row["id"]]
