"""Who may report to us: a row for each source, put there at the first start and with each source's token."""

import tomllib
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

import router.data
from router.errors import Conflict
from router.store.base import Add, Event, Store, Transition
from router.store.tables import sources
from schemas.actor import ROUTER
from schemas.vocabulary import Lane, SourceKind

_SHIPPED: Final = Path(router.data.__file__).parent / "sources.toml"


async def ensure_sources(store: Store, now: int) -> None:
    """Put the shipped sources there when there are none: the first start."""
    if await store.rows(select(sources.c.name).limit(1)):
        return
    table: dict[str, dict[str, Any]] = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    adds = tuple(Add(sources, _row(name, given)) for name, given in table.items())
    event = Event("sources.added", ROUTER.id, detail={"sources": sorted(table)})
    try:
        await store.commit(Transition(now, adds=adds, events=(event,)))
    except Conflict:
        return  # another process started at the same moment


def _row(name: str, given: dict[str, Any]) -> dict[str, Any]:
    kind, lane = SourceKind(given["kind"]), Lane(given["lane"])
    return {"name": name, "kind": kind, "assesses": int(given["assesses"]), "lane": lane, "daily_cap": None}
