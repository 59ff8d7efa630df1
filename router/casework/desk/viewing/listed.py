"""Viewing sessions and their lines as people see them, and what a case is called: no location is opened for it."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import and_, case, func, select, tuple_

from router.casework.case.seen import person
from router.casework.context import Context
from router.clock import moment, moment_or_none
from router.errors import NotAllowed, NotFound
from router.guard.access import Permission
from router.store.base import LookUp, Row
from router.store.schema.tables import items, reports, viewing_lines, viewings
from schemas.actor import Actor
from schemas.viewing import Ended, ViewingFile, ViewingLine, Viewings, ViewingView

#: Sessions on one page of their list.
PAGE: Final = 50
_NONE: Final = "There is no viewing session of this name; see the list of them."
_NOT_YOURS: Final = "This is the session of somebody else: its person does that, or a supervisor."
_CALLED: Final = LookUp(
    select(items.c.case_id, reports.c.dossier)
    .select_from(items.join(reports, items.c.report_id == reports.c.id))
    .order_by(items.c.added_at, items.c.id),
    items.c.case_id,
)


async def sessions(ctx: Context, *, cursor: str | None = None, limit: int = PAGE) -> Viewings:
    """Return a page of the sessions: those that are open first, then those that ended, the newest first of each.

    `cursor` is a place: whether the last one of the page before was open when that was read, and its name; what ends
    while somebody turns pages takes no other one with it. Raise NotFound for one of no session.
    """
    order = (case((viewings.c.ended_at.is_(None), 1), else_=0), viewings.c.opened_at, viewings.c.name)
    wanted = select(viewings).order_by(*(one.desc() for one in order)).limit(limit + 1)
    if cursor is not None:
        was_open, name = cursor.split(".")
        last = await session_row(ctx, name)
        wanted = wanted.where(tuple_(*order) < (int(was_open), last["opened_at"], name))
    rows = await ctx.store.rows(wanted)
    (there,) = await ctx.store.rows(select(func.count().label("n")).select_from(viewings))
    following = _place(rows[limit - 1]) if len(rows) > limit else None
    return Viewings(items=tuple(await _views(ctx, rows[:limit])), total=int(there["n"]), next=following)


def _place(row: Row) -> str:
    return f"{int(row['ended_at'] is None)}.{row['name']}"


async def session(ctx: Context, name: str) -> ViewingFile:
    """Return a session with its lines: what was in it, by dossier number. Raise NotFound."""
    row = await session_row(ctx, name)
    lines = await lines_of(ctx, name)
    called = await dossiers_of(ctx, (one["case_id"] for one in lines))
    (view,) = await _views(ctx, [row])
    shown = (
        ViewingLine(
            line=one["place"],
            token=one["token"],
            case=one["case_id"],
            dossiers=called.get(one["case_id"], ()),
            done=one["done_at"] is not None,
        )
        for one in lines
    )
    return ViewingFile(session=view, lines=tuple(shown))


async def session_row(ctx: Context, name: str) -> Row:
    """Return the row of a session. Raise NotFound."""
    rows = await ctx.store.rows(select(viewings).where(viewings.c.name == name))
    if not rows:
        raise NotFound(_NONE)
    return rows[0]


def check_may_end(row: Row, actor: Actor) -> None:
    """Raise NotAllowed unless somebody may end this session: it is theirs, or they supervise."""
    if row["by"] != person(actor) and Permission.MANDATE_GIVE not in actor.permissions:
        raise NotAllowed(_NOT_YOURS, reason="other_person")


async def lines_of(ctx: Context, name: str) -> list[Row]:
    """Return the lines of a session, in their order."""
    wanted = select(viewing_lines).where(viewing_lines.c.viewing == name)
    return await ctx.store.rows(wanted.order_by(viewing_lines.c.place))


async def dossiers_of(ctx: Context, case_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return by case our numbers of its reports, the first one first."""
    found = await ctx.store.look_up(_CALLED, set(case_ids))
    return {one: tuple(dict.fromkeys(row["dossier"] for row in rows if row["dossier"])) for one, rows in found.items()}


async def _views(ctx: Context, rows: Sequence[Row]) -> list[ViewingView]:
    of = viewing_lines.c.viewing
    asked = select(of, func.count().label("lines"), func.count(viewing_lines.c.done_at).label("done"))
    names = [row["name"] for row in rows]
    counted = await ctx.store.rows(asked.where(and_(of.in_(names))).group_by(of)) if names else []
    by_name = {one["viewing"]: one for one in counted}
    found = []
    for row in rows:
        count = by_name.get(row["name"], {"lines": 0, "done": 0})
        waits = count["lines"] - count["done"]
        found.append(
            ViewingView(
                name=row["name"],
                by=row["by"].partition(":")[2],
                opened_at=moment(row["opened_at"]),
                until=moment(row["until"]),
                on_screen=row["digest"] is None,
                room=row["room"],
                digest=row["digest"],
                lines=count["lines"],
                done=count["done"],
                overdue=row["ended_at"] is None and row["until"] <= ctx.now() and waits > 0,
                ended_as=None if row["ended_as"] is None else Ended(row["ended_as"]),
                ended_at=moment_or_none(row["ended_at"]),
                ended_by=row["ended_by"],
            )
        )
    return found
