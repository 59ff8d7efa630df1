"""A router that was put back from a backup does nothing by itself until two people release it.

What happened after the backup's point is not in its store: it would send again what went, ask what was answered, and
keep what was erased. So the mark of the restore stands in the store itself, and workers leave everything as it is.
Reports are taken meanwhile: nothing that somebody brings is lost.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson
from sqlalchemy import select

from router.casework.case.status_changes import send_again
from router.casework.context import Context
from router.casework.intake import left_before
from router.casework.intake.left_before import AGAIN
from router.clock import moment
from router.errors import Conflict
from router.store.base import Add, Change, Event, Remove, Store, Transition, with_beside
from router.store.schema.tables import meta, sources, status_news
from schemas.actor import Actor

#: The row of `meta` that says so, the one of what was asked before it is released, and the one that stays afterwards.
MARK: Final = "paused"
WALKED: Final = "walked"
_WALKING: Final = (
    "A worker still asks partners what became of what left after the backup, and reads hubs' lists from then on; look"
    " in a minute (`doctor` says how far it is). If no worker runs, start one."
)


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
    def since(self) -> str:
        """The backup's moment, as people read it."""
        return f"{moment(self.point):%Y-%m-%d %H:%M} UTC"

    @property
    def text(self) -> str:
        """What it is, and what ends it."""
        return (
            f"Put back from a backup of {self.since}, and paused: reports are taken, and nothing is sent, asked or"
            " looked up. Two people end it with `release`."
        )


async def paused(store: Store) -> Paused | None:
    """Return that the store is paused; None when it works. Raise StoreUnavailable."""
    found = await _kept(store, MARK)
    return None if found is None else Paused(**orjson.loads(found))


@dataclass(frozen=True, slots=True)
class Walked:
    """What partners said, before the release, of what left after the backup."""

    restored_at: int  #: which restore it belongs to
    there: int  #: referrals that their partner has
    never: int  #: that it never got
    silent: int  #: of which nobody said anything

    @property
    def text(self) -> str:
        """What was done before the release, and what is left to people."""
        return (
            f"Of what left after the backup, partners have {self.there} and never got {self.never}; of {self.silent}"
            " nobody said anything, so people are asked. Hubs' lists were read from then on."
        )


async def walked(store: Store) -> Walked | None:
    """Return what came of asking partners for the restore that waits for its release; None: it is still to be done."""
    waiting, found = await paused(store), await _kept(store, WALKED)
    done = None if found is None else Walked(**orjson.loads(found))
    return done if waiting is not None and done is not None and done.restored_at == waiting.restored_at else None


async def said(store: Store, waiting: Paused) -> str:
    """Return in sentences that it is paused, and what came of asking partners once that is done."""
    done = await walked(store)
    return waiting.text if done is None else f"{waiting.text} {done.text}"


async def note_walk(ctx: Context, done: Walked) -> None:
    """Keep it. Raise Conflict when another process did so at this moment."""
    kept, older = orjson.dumps(asdict(done)), await _kept(ctx.store, WALKED)
    if older is None:
        await ctx.store.commit(Transition(ctx.now(), adds=[Add(meta, {"name": WALKED, "value": kept})]))
    else:
        again = Change(meta, {"name": WALKED}, {"value": kept}, guard={"value": older})
        await ctx.store.commit(Transition(ctx.now(), [again]))


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
    return await left_before.send_again_since(store)


async def released(ctx: Context, actor: Actor, beside: Transition) -> int:
    """Let the router work, `beside` in the same commit, and have sources told what they send again.

    Raise Conflict: it works already, or partners are asked yet.
    """
    found = await _kept(ctx.store, MARK)
    if found is None:
        raise Conflict("This router works already; nothing is to be released.", reason="not_paused")
    waiting = Paused(**orjson.loads(found))
    if await walked(ctx.store) is None:
        raise Conflict(_WALKING, reason="walking")
    said = {"point": waiting.since, "ledger": waiting.ledger}
    older = await _kept(ctx.store, AGAIN)
    point = str(waiting.point).encode()
    kept: dict[str, Any] = (
        {"adds": [Add(meta, {"name": AGAIN, "value": point})]}
        if older is None
        else {"changes": [Change(meta, {"name": AGAIN}, {"value": point})]}
    )
    hear = await ctx.store.rows(select(sources.c.name).where(sources.c.status_hook.is_not(None)))
    ended = Transition(
        ctx.now(),
        [Change(meta, {"name": MARK}, {}, guard={"value": found})],
        [Add(status_news, send_again(row["name"], waiting.point, ctx.now())) for row in hear],
        removes=[Remove(meta, {"name": MARK})],
        events=[Event("router.released", actor.id, detail=said)],
    )
    await ctx.store.commit(with_beside(with_beside(ended, Transition(0, **kept)), beside))
    return 0


async def _kept(store: Store, name: str) -> bytes | None:
    found = await store.rows(select(meta.c.value).where(meta.c.name == name))
    return bytes(found[0]["value"]) if found else None
