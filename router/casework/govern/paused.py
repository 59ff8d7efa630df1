"""A router that was put back from a backup does nothing by itself until two people release it.

What happened after the backup's point is not in its store: it would send again what went, ask what was answered, and
keep what was erased. So the mark of the restore stands in the store itself, and workers leave everything as it is.
Reports are taken meanwhile: nothing that somebody brings is lost.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson
from sqlalchemy import select

from router.casework.context import Context
from router.clock import moment
from router.errors import Conflict
from router.store.base import Add, Change, Event, Remove, Store, Transition, with_beside
from router.store.schema.audit import meta
from schemas.actor import Actor

#: The row of `meta` that says so, and the one that stays when it was released.
MARK: Final = "paused"
AGAIN: Final = "send_again_since"


@dataclass(frozen=True, slots=True)
class Paused:
    """That this store was put back. Moments are microseconds since the epoch."""

    point: int  #: all that was committed before this moment is in the store
    restored_at: int
    ledger: int | None = None  #: the last line of the ledger that was given with it; None without one

    def mark(self) -> tuple[str, bytes]:
        """Return the row of `meta` that keeps it."""
        return MARK, orjson.dumps(asdict(self))

    @property
    def text(self) -> str:
        """What it is, and what ends it."""
        return (
            f"Put back from a backup of {moment(self.point):%Y-%m-%d %H:%M} UTC, and paused: reports are taken, and"
            " nothing is sent, asked or looked up. Two people end it with `release`."
        )


async def paused(store: Store) -> Paused | None:
    """Return that the store is paused; None when it works. Raise StoreUnavailable."""
    found = await _kept(store, MARK)
    return None if found is None else Paused(**orjson.loads(found))


async def in_force(store: Store) -> str | None:
    """Return the same as JSON."""
    found = await _kept(store, MARK)
    return None if found is None else found.decode()


async def send_again_since(store: Store) -> int | None:
    """Return since when sources send again what they sent: the point of the backup that was put back; None for never.

    A report that is here already is known by its reference, so whoever sends too much does no harm.
    """
    waiting = await paused(store)
    if waiting is not None:
        return waiting.point
    found = await _kept(store, AGAIN)
    return None if found is None else int(found)


async def released(ctx: Context, actor: Actor, beside: Transition) -> int:
    """Let the router work, `beside` in the same commit. Raise Conflict when it works already."""
    found = await _kept(ctx.store, MARK)
    if found is None:
        raise Conflict("This router works already; nothing is to be released.", reason="not_paused")
    waiting = Paused(**orjson.loads(found))
    said = {"point": f"{moment(waiting.point):%Y-%m-%d %H:%M} UTC", "ledger": waiting.ledger}
    older = await _kept(ctx.store, AGAIN)
    point = str(waiting.point).encode()
    kept: dict[str, Any] = (
        {"adds": [Add(meta, {"name": AGAIN, "value": point})]}
        if older is None
        else {"changes": [Change(meta, {"name": AGAIN}, {"value": point})]}
    )
    ended = Transition(
        ctx.now(),
        [Change(meta, {"name": MARK}, {}, guard={"value": found})],
        removes=[Remove(meta, {"name": MARK})],
        events=[Event("router.released", actor.id, detail=said)],
    )
    await ctx.store.commit(with_beside(with_beside(ended, Transition(0, **kept)), beside))
    return 0


async def _kept(store: Store, name: str) -> bytes | None:
    found = await store.rows(select(meta.c.value).where(meta.c.name == name))
    return bytes(found[0]["value"]) if found else None
