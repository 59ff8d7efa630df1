"""Who may report to us: listed, added, changed. The usual ones are put there at the first start."""

import tomllib
from pathlib import Path
from typing import Any, Final

from sqlalchemy import and_, select

import router.data
from router.casework.context import Context
from router.casework.deliver.source_cap import reopened, start_of_day
from router.casework.govern.paused import send_again_since
from router.casework.govern.status_hook import check_kind, hearing, named
from router.clock import moment
from router.errors import BadInput, Conflict
from router.store.base import Add, Change, Event, Row, Store, Transition
from router.store.schema.tables import source_sent, sources
from schemas.actor import ROUTER, Actor
from schemas.source import SourceChange, SourceGiven, SourceView, StatusView
from schemas.vocabulary import Lane, SourceKind

_SHIPPED: Final = Path(router.data.__file__).parent / "sources.toml"


async def ensure_sources(store: Store, now: int) -> None:
    """Put the shipped sources there when there are none: the first start."""
    if await store.rows(select(sources.c.name).limit(1)):
        return
    table: dict[str, dict[str, Any]] = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    adds = tuple(Add(sources, _row(SourceGiven(name=name, **_read(given)))) for name, given in table.items())
    event = Event("sources.added", ROUTER.id, detail={"sources": sorted(table)})
    try:
        await store.commit(Transition(now, adds=adds, events=(event,)))
    except Conflict:
        return  # another process started at the same moment


def _read(given: dict[str, Any]) -> dict[str, Any]:
    return {"kind": SourceKind(given["kind"]), "lane": Lane(given["lane"]), "assesses": given["assesses"]}


def _row(given: SourceGiven) -> dict[str, Any]:
    kept = {"name": given.name, "kind": given.kind, "assesses": int(given.assesses), "lane": given.placed}
    return kept | {"daily_cap": given.daily_cap, "may_ring": int(given.rings)}


async def list_sources(ctx: Context) -> list[SourceView]:
    """Return all sources by name, with what counted today against the cap of each that has one."""
    today = start_of_day(ctx.now())
    counted = await ctx.store.rows(select(source_sent).where(and_(source_sent.c.day == today, source_sent.c.sent > 0)))
    rows = await ctx.store.rows(select(sources).order_by(sources.c.name))
    since = await send_again_since(ctx.store)
    again = {"send_again_since": None if since is None else moment(since)}
    hears = {row["name"]: await hearing(ctx, row) for row in rows}
    found = [
        _view(row, {one["partner"]: one["sent"] for one in counted if one["source"] == row["name"]}, hears[row["name"]])
        for row in rows
    ]
    return [one.model_copy(update=again) for one in found]


async def add_source(ctx: Context, given: SourceGiven, actor: Actor) -> SourceView:
    """Add a source of reports. Raise Conflict when the name is taken."""
    row = _row(given)
    said = {"source": row["name"], "kind": row["kind"], "assesses": given.assesses, "lane": row["lane"]}
    event = Event("source.added", actor.id, detail=said | {"daily_cap": row["daily_cap"]})
    try:
        await ctx.store.commit(Transition(ctx.now(), adds=(Add(sources, row),), events=(event,)))
    except Conflict:
        raise Conflict("There is a source with this name; choose another.", field="name") from None
    return _view(row, {})


async def change_source(ctx: Context, name: str, given: SourceChange, actor: Actor) -> SourceView:
    """Change what is named of a source. Raise NotFound, BadInput when nothing is named, Conflict.

    What waits for a cap that is wider now, or gone, is due at once, as far as there is room.
    """
    row = await named(ctx, name)
    if given.kind is not None:
        check_kind(row, given.kind)
    values = given.model_dump(exclude_none=True, exclude={"uncapped"})
    if given.uncapped:
        values["daily_cap"] = None
    if not values:
        raise BadInput("Name what is to change: its kind, whether it assesses or may ring, its lane or its daily cap.")
    values |= {flag: int(values[flag]) for flag in ("assesses", "may_ring") if flag in values}
    changes = [Change(sources, {"name": name}, values, guard={key: row[key] for key in (*values, "status_hook")})]
    if "daily_cap" in values:
        changes += await reopened(ctx, name, values["daily_cap"])
    event = Event("source.changed", actor.id, detail={"source": name, **values})
    await ctx.store.commit(Transition(ctx.now(), tuple(changes), events=(event,)))
    (now,) = [one for one in await list_sources(ctx) if one.name == name]
    return now


def _view(row: Row, sent_today: dict[str, int], status: StatusView | None = None) -> SourceView:
    return SourceView(
        name=row["name"],
        kind=SourceKind(row["kind"]),
        assesses=bool(row["assesses"]),
        lane=Lane(row["lane"]),
        daily_cap=row["daily_cap"],
        may_ring=bool(row["may_ring"]),
        status=status,
        sent_today=sent_today,
    )
