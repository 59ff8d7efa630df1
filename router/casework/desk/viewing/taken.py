"""Taking a list of the desk to look at: who may, which of them, for how long, and the file for the room.

Each location that goes out is revealed to whoever takes it: by their mandate, from a network where locations are shown,
within the house's limits, written down as seen by them and in the audit, one by one. What may not be is named and left
out. All of it is committed before the file is given out, and the file itself is kept nowhere.
"""

import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import select

from router.casework.case.gate import held_rows
from router.casework.case.record import Opened, case_rows, open_case, open_rows
from router.casework.case.seen import handed_on, person, seen_of, taken
from router.casework.context import Context
from router.casework.desk.viewing.listed import dossiers_of, session
from router.casework.desk.viewing.table import Out, packed
from router.casework.people.exposure import allowance, shown_at_once
from router.casework.people.mandates import check_may_look
from router.casework.read.desk_page import page_of_desk
from router.clock import micros, moment
from router.errors import Conflict, Damaged, NotFound
from router.guard.access import Permission, require
from router.store.base import Add, Change, Event, Row, Transition, with_beside
from router.store.schema.tables import cases, leases, sightings, viewing_lines, viewings
from schemas.actor import Actor
from schemas.pages import DeskWanted
from schemas.report import WaysIn
from schemas.states import CaseState
from schemas.viewing import LETTERS, MOST, LeftOut, ViewingAsked, ViewingMade, ViewingSettings

_ROUNDS: Final = 8
_NAME, _TOKEN = 7, 12
_PAGE: Final = 50
_ONE_AT_A_TIME: Final = "You have the session {name} already: bring its results, give it back, or say that it was lost."
_NOTHING: Final = "Nothing is left to take: {why}"
_NOTHING_THERE: Final = "the desk has nothing of that now that nobody has."
_NO_ROOM: Final = "This router exports no sessions; run it from its data directory."
#: Why a location is left out, by its code, and what to do about it.
_LEFT_OUT: Final = {
    "not_on_desk": "It is not on the desk now.",
    "erased": "It was erased, or what is stored of it is damaged; see its page.",
    "held": "{by} has it until {until}; take it over on its page first.",
    "handed_on": "You handed it on today.",
    "rings": "It rings: somebody answers it here first; then it may be taken.",
    "embargo": "{text}",
    "too_many": "One session holds {most} at most; take it in the next one.",
    "pause": "You have looked at as much as the house wants you to for now; take it another time.",
}
#: Of a filter, what is simply not among what one is given.
_PASSED_OVER: Final = frozenset({"held", "handed_on"})


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is to be in a session, and who had each before."""

    opened: list[Opened]
    before: dict[str, Row]
    left_out: list[tuple[str, str, str]]  #: case, code, text


async def take(ctx: Context, asked: ViewingAsked, actor: Actor) -> ViewingMade:
    """Begin a session of one's own, with its file unless it is on screen.

    Raise NotAllowed (no mandate, not from here), Conflict (`room_key`, `one_at_a_time`, `nothing_to_take`).
    """
    require(actor, Permission.DESK_ACT)
    await check_may_look(ctx, actor)
    if not asked.on_screen and ctx.room is None:
        raise Conflict(_NO_ROOM, reason="room_key")
    for _ in range(_ROUNDS):
        await _check_one_at_a_time(ctx, actor)
        chosen = await _choose(ctx, asked, actor)
        _check_some_are_left(chosen)
        try:
            return await _taken(ctx, asked, actor, chosen)
        except Conflict as error:
            if error.reason not in {Conflict.code, "duplicate"}:
                raise  # else somebody took one of them first, or it moved on: what is left is chosen anew
    raise Conflict


async def left_out_of(ctx: Context, case_ids: Sequence[str], actor: Actor) -> tuple[LeftOut, ...]:
    """Return which of these would be in no session that is taken now, on screen or not. Raise NotAllowed."""
    require(actor, Permission.DESK_ACT)
    await check_may_look(ctx, actor)
    chosen = await _choose(ctx, ViewingAsked(cases=tuple(case_ids), on_screen=True), actor)
    return _named(chosen, await dossiers_of(ctx, (case_id for case_id, _, _ in chosen.left_out)))


def _house(ctx: Context) -> ViewingSettings:
    return ViewingSettings() if ctx.room is None else ctx.room.settings


async def _check_one_at_a_time(ctx: Context, actor: Actor) -> None:
    rows = await ctx.store.rows(select(viewings.c.name).where(viewings.c.open_by == person(actor)))
    if rows:
        raise Conflict(_ONE_AT_A_TIME.format(name=rows[0]["name"]), reason="one_at_a_time")


async def _choose(ctx: Context, asked: ViewingAsked, actor: Actor) -> _Chosen:
    """Return what may be taken, in the order asked for, up to as many as the house lets one take."""
    house = _house(ctx)
    most = min(house.most, asked.limit or house.most)
    chosen = _Chosen([], {}, [])
    if asked.cases:
        wanted = list(dict.fromkeys(asked.cases))
        known = await case_rows(ctx, wanted)
        chosen.left_out.extend((one, "not_on_desk", _LEFT_OUT["not_on_desk"]) for one in wanted if one not in known)
        await _sort(ctx, [known[one] for one in wanted if one in known], actor, chosen)
    else:
        filter_ = DeskWanted(reason=asked.reason, country=asked.country, source=asked.source)
        cursor: str | None = None
        while len(chosen.opened) < most:
            page = await page_of_desk(ctx, filter_, cursor, _PAGE, actor)
            await _sort(ctx, page.rows, actor, chosen)
            cursor = page.next
            if cursor is None:
                break
        # What somebody has, or one handed on, is passed over as `cases next` does; the rest is named, up to so many.
        named = [one for one in chosen.left_out if one[1] not in _PASSED_OVER]
        chosen.left_out[:] = named[:MOST]
    may = most if asked.on_screen else await allowance(ctx, actor, min(most, len(chosen.opened)))
    chosen.left_out.extend((one.id, "pause", _LEFT_OUT["pause"]) for one in chosen.opened[may:most])
    if asked.cases:
        too_many = _LEFT_OUT["too_many"].format(most=most)
        chosen.left_out.extend((one.id, "too_many", too_many) for one in chosen.opened[most:])
    del chosen.opened[may:]
    return chosen


def _check_some_are_left(chosen: _Chosen) -> None:
    """Raise Conflict (`nothing_to_take`) saying why none is."""
    if not chosen.opened:
        why = " ".join(dict.fromkeys(text for _, _, text in chosen.left_out)) or _NOTHING_THERE
        raise Conflict(_NOTHING.format(why=why), reason="nothing_to_take")


def _named(chosen: _Chosen, called: Mapping[str, tuple[str, ...]]) -> tuple[LeftOut, ...]:
    """Return what is left out, by its dossier numbers."""
    return tuple(
        LeftOut(case=case_id, dossiers=called.get(case_id, ()), code=code, text=text)
        for case_id, code, text in chosen.left_out
    )


async def _sort(ctx: Context, rows: Sequence[Row], actor: Actor, chosen: _Chosen) -> None:
    """Put cases where they belong: among those that may be taken, or among those left out, with why."""
    ids = [row["id"] for row in rows]
    held, away = await held_rows(ctx, rows), await handed_on(ctx, ids, actor)
    opened = await _opened(ctx, rows)
    for row in await ctx.store.rows(select(leases).where(leases.c.case_id.in_(ids))) if ids else []:
        chosen.before[row["case_id"]] = row
    for row in rows:
        case_id, lease = row["id"], chosen.before.get(row["id"])
        code, said = None, {}
        if row["state"] != CaseState.DESK:
            code = "not_on_desk"
        elif case_id not in opened:
            code = "erased"
        elif row["desk_alarm"] is not None:
            code = "rings"
        elif (hold := held.get(case_id)) is not None and hold.by:
            code, said = "embargo", {"text": hold.text}
        elif lease is not None and lease["until"] > ctx.now() and lease["by"] != person(actor):
            until = f"{moment(lease['until']).astimezone(ctx.zone):%H:%M %Z}"
            code, said = "held", {"by": lease["by"].partition(":")[2], "until": until}
        elif case_id in away:
            code = "handed_on"
        if code is None:
            chosen.opened.append(opened[case_id])
        else:
            chosen.left_out.append((case_id, code, _LEFT_OUT[code].format(**said)))


async def _opened(ctx: Context, rows: Sequence[Row]) -> dict[str, Opened]:
    """Return the cases of rows by id, opened together; one that is damaged fails alone, and is left out."""
    try:
        return await open_rows(ctx, rows)
    except Damaged:
        found = {}
        for row in rows:
            with suppress(NotFound, Damaged):
                found[row["id"]] = await open_case(ctx, row)
        return found


async def _taken(ctx: Context, asked: ViewingAsked, actor: Actor, chosen: _Chosen) -> ViewingMade:
    """Commit a session, then return it with its file. Raise Conflict when something moved on meanwhile."""
    now, name, opened = ctx.now(), f"S-{_drawn(_NAME)}", chosen.opened
    until = micros(ctx.clock.now() + _house(ctx).lasts)
    called = await dossiers_of(ctx, [*(one.id for one in opened), *(case_id for case_id, _, _ in chosen.left_out)])
    lines = [
        Out(number, called.get(one.id, ()), _drawn(_TOKEN), one.secrets.canonical, _ways_in(one))
        for number, one in enumerate(opened, 1)
    ]
    content, room = (None, None) if asked.on_screen else await _sealed(ctx, name, lines)
    digest = None if content is None else sha256(content).hexdigest()
    row = {
        "name": name, "by": person(actor), "open_by": person(actor), "opened_at": now, "until": until, "room": room,
        "digest": digest,
    }  # fmt: skip
    detail = {"viewing": name, "lines": len(lines), "digest": digest, "room": room}
    event = Event("viewing.opened" if asked.on_screen else "viewing.exported", actor.id, None, None, detail)
    made = with_beside(
        Transition(now, adds=(Add(viewings, row),), events=(event,)), _leased(ctx, row, lines, chosen, actor)
    )
    if not asked.on_screen:
        await _check_still(ctx, actor, opened)
        made = with_beside(made, await _revealed(ctx, [one.id for one in opened], actor, name))
    await ctx.store.commit(made)
    begun = (await session(ctx, name)).session
    file = None if content is None else b64encode(content).decode()
    return ViewingMade(
        session=begun, left_out=_named(chosen, called), file_name=f"{name}.zip.gpg" if file else None, file=file
    )


async def _check_still(ctx: Context, actor: Actor, opened: Sequence[Opened]) -> None:
    """Raise where what is in the file may not leave any more: to close it took a while, and this is asked right before.

    Conflict lets it be chosen anew; NotAllowed where somebody may not look by now.
    """
    await check_may_look(ctx, actor)
    held = await held_rows(ctx, [one.row for one in opened])
    if any(one.by for one in held.values()):
        raise Conflict


async def _sealed(ctx: Context, name: str, lines: Sequence[Out]) -> tuple[bytes, str]:
    assert ctx.room is not None  # `take`
    return await ctx.room.sealed(packed(name, lines), ctx.clock.now())


def _leased(ctx: Context, row: Row, lines: Sequence[Out], chosen: _Chosen, actor: Actor) -> Transition:
    """Return the lines of a session with the leases on them, for as long as each case is as it was read."""
    changes, adds = list[Change](), list[Add]()
    for line, one in zip(lines, chosen.opened, strict=True):
        as_read = {"version": one.row["version"], "state": CaseState.DESK}
        changes.append(Change(cases, {"id": one.id}, {}, guard=as_read))
        lease = taken(ctx, one.id, actor, chosen.before.get(one.id))
        lease = lease._replace(values={**lease.values, "until": row["until"], "viewing": row["name"]})
        if isinstance(lease, Change):
            changes.append(lease)
        else:
            adds.append(lease)
        place = {"token": line.token, "viewing": row["name"], "place": line.line, "case_id": one.id}
        adds.append(Add(viewing_lines, place | {"version": one.row["version"]}))
    return Transition(row["opened_at"], changes, adds)


async def _revealed(ctx: Context, ids: Sequence[str], actor: Actor, name: str) -> Transition:
    """Return what writes down that a person is given these locations: as seen, as so many reveals, and in the audit.

    Raise Conflict where the house's limits leave them fewer by now.
    """
    known, who = await seen_of(ctx, ids, actor), person(actor)
    rows = [{"case_id": one, "by": who} for one in ids]
    changes = [Change(sightings, row, {"at": ctx.now()}, guard=row) for row in rows if row["case_id"] in known]
    adds = [Add(sightings, row | {"at": ctx.now()}) for row in rows if row["case_id"] not in known]
    events = [Event("case.revealed", actor.id, one, None, {"viewing": name}) for one in ids]
    return Transition(ctx.now(), changes, [*adds, *await shown_at_once(ctx, actor, len(ids))], (), events)


def _ways_in(opened: Opened) -> tuple[WaysIn, ...]:
    return tuple(dict.fromkeys(one.ways_in for one in opened.items if one.ways_in is not None))


def _drawn(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))
