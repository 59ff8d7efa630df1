"""The one who commits: collects what the rooms hand over, and commits it in groups.

There is no delay: while one group is being written, the next one gathers. A caller is answered when its transition is
on disk, or with the reason why it is not. What is urgent (`router/ahead`) is the next group, with nothing else in it.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from router.ahead import ahead, goes_ahead
from router.errors import Conflict, StoreLost, StoreUnavailable
from router.guard import ledger
from router.guard.anchor import Anchors
from router.guard.log import get_log
from router.guard.seal import Keyring
from router.store.base import NOTHING, Add, Change, Claim, LookUp, Remove, Row, Transition
from router.store.checkpoint import write_checkpoint
from router.store.coalesce import Coalescer
from router.store.engine import Engine, Outcome, read_end, unusable_value
from router.store.for_ledger import ForLedger
from router.store.migrate import check_known
from router.store.schema.audit import meta
from router.store.schema.tables import case_keys

#: One fsync is shared by at most so many transitions, or by transitions with about so many rows.
GROUP_TRANSITIONS = 200
GROUP_ROWS = 8_000
#: How often a claimer looks whether the schema is still one it knows.
SCHEMA_CHECK_SECONDS = 10.0
#: A commit so long ago says nothing any more of whether the next one is taken; then one is made to see.
PROOF_SECONDS = 5.0
#: After a commit was refused, what has to fit before we are ready again: where a report does not, a small row may.
ROOM_BYTES = 1024 * 1024
_ROOM = "room"

#: What one caller handed over, and where it waits for what became of each.
Waiting = tuple[Sequence[Transition], "asyncio.Future[list[Outcome]]"]


class Writer:
    """The store as every room sees it (see `base.Store`); one a process."""

    def __init__(self, engine: Engine, keyring: Keyring, anchors: Anchors | None = None) -> None:
        """`engine` is open and its schema up to date; `start` must follow.

        `keyring` signs checkpoints, whose newest root `anchors` keep outside the database.
        """
        self._engine = engine
        self._keyring = keyring
        self._anchors = anchors
        kept = None if anchors is None else ledger.of(anchors.receiver, anchors.name, keyring)
        self._told = None if kept is None else ForLedger(kept, engine.rows)
        self._check_at = 0.0
        self._urgent: deque[Waiting] = deque()
        self._rest: deque[Waiting] = deque()
        self._arrived = asyncio.Event()
        self._closing = False  #: takes nothing new
        self._stopping = False  #: ends when nothing is waiting
        self._erased = False  #: a case's key was removed since the last scrub
        self._latest = 0  #: the newest business time committed
        self._refused = False  #: a commit failed for the store's sake since one of some size was taken
        self._proved = 0.0  #: when something was last committed, by the loop's clock
        self._proving = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()  #: set by our own next commit, or `wake`
        self._look_ups: dict[LookUp, Coalescer[str, list[Row]]] = {}

    def start(self) -> None:
        """Begin to commit."""
        self._task = asyncio.create_task(self._run(), name="store-writer")

    async def close(self) -> None:
        """Commit what is waiting, sign the audit chain, then let go of the database. A second call does nothing."""
        if self._closing:
            return
        self._closing = True
        try:
            with suppress(StoreUnavailable):  # what is not signed now is signed by whoever runs next
                sign = self.rows, self._sign, self._keyring, self._latest
                await write_checkpoint(*sign, apart=0, anchors=self._anchors)
        finally:
            self._stopping = True
            self._arrived.set()
            if self._task:
                await self._task
            await self._engine.close()

    async def rows(self, statement: Select[Any]) -> list[Row]:
        """Return the rows of a SELECT."""
        return await self._engine.rows(statement)

    async def look_up(self, lookup: LookUp, values: Iterable[str]) -> Mapping[str, list[Row]]:
        """Return rows by value, asked for together with what others ask for at this moment."""
        wanted = tuple(dict.fromkeys(values))
        if not wanted:
            return {}
        _check_usable(wanted)
        asking = self._look_ups.get(lookup)
        if asking is None:
            asking = self._look_ups[lookup] = Coalescer(partial(self._look_up, lookup))
        return {value: rows for value, rows in zip(wanted, await asking(wanted), strict=True) if rows}

    async def _look_up(self, lookup: LookUp, values: Sequence[str]) -> list[list[Row]]:
        found: dict[str, list[Row]] = {value: [] for value in values}
        for row in await self._engine.look_up(lookup, tuple(found)):
            found[row[lookup.by.name]].append(row)
        return [found[value] for value in values]

    async def commit(self, transition: Transition) -> None:
        """Make the transition durable. Raise Conflict or StoreUnavailable."""
        (outcome,) = await self.commit_all([transition])
        if outcome is not None:
            raise outcome

    async def commit_all(self, transitions: Sequence[Transition]) -> list[Outcome]:
        """Make them durable together; return what became of each."""
        if self._closing:
            return [StoreUnavailable("The router is stopping; try again shortly.", retry_after=1.0)] * len(transitions)
        return await self._enqueue(transitions)

    async def _sign(self, checkpoint: Transition) -> None:
        """Commit the last checkpoint, when nothing else is taken any more."""
        (outcome,) = await self._enqueue([checkpoint])
        if outcome is not None:
            raise outcome

    async def _enqueue(self, transitions: Sequence[Transition]) -> list[Outcome]:
        future: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        (self._urgent if goes_ahead() else self._rest).append((transitions, future))
        self._arrived.set()
        return await future

    async def checkpoint(self, at: int) -> bool:
        """Sign the audit chain, at most once a minute of business time (`at`, microseconds). For the worker loop.

        After an erasure it also empties what the database keeps beside its tables; where somebody who reads it stands
        in the way, such as a tool that copies it all the time, in a later round. Raise StoreUnavailable.
        """
        if self._erased:
            try:
                await self._engine.scrub()
                self._erased = False
            except StoreLost:
                raise
            except StoreUnavailable as error:
                get_log("store").warning("not_scrubbed_yet", exc_info=error)
        return await write_checkpoint(self.rows, self.commit, self._keyring, at, anchors=self._anchors)

    async def ready(self) -> None:
        """Raise StoreUnavailable when what is committed now would not be taken and kept.

        A full disk, a quota or a lock shows only to those who write: so where nobody did lately, a row is written as it
        is.
        """
        await self._engine.check()
        async with self._proving:  # whoever asks meanwhile is answered by the same proof
            if self._refused:
                await self._prove_room()
            if asyncio.get_running_loop().time() - self._proved >= PROOF_SECONDS:
                await self._prove()

    async def _prove(self) -> None:
        for row in await self.rows(select(meta).limit(1)):
            with suppress(Conflict):  # it was removed meanwhile: that was a commit too
                await self.commit(Transition(0, [Change(meta, {"name": row["name"]}, {"value": row["value"]})]))

    async def _prove_room(self) -> None:
        room = {"name": _ROOM}
        added = Add(meta, {**room, "value": bytes(ROOM_BYTES)})
        with suppress(Conflict):  # another process looks as well
            await self.commit(Transition(0, adds=[added], removes=[Remove(meta, room)]))
            await self.commit(Transition(0, removes=[Remove(meta, room)]))
        self._refused = False

    async def claim(self, claim: Claim, beside: Transition = NOTHING) -> list[Row]:
        """Lease rows for a worker. Raise CannotStart when another process has brought in a newer schema."""
        await self._check_schema()
        return await self._engine.claim(claim, beside)

    async def _check_schema(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._check_at:
            check_known(await self._engine.revision())
            self._check_at = now + SCHEMA_CHECK_SECONDS

    def mark(self) -> object:
        """Return this moment: what is committed from now on wakes who waits since it."""
        return self._news, self._engine.mark()

    def wake(self) -> None:
        """Let those of this process who wait for work look again."""
        self._news.set()
        self._news = asyncio.Event()

    async def wait_for_work(self, seconds: float, since: object) -> None:
        """Return when something was committed after the mark by any process, or after that many seconds.

        It may have come just after a look that found nothing: so the mark is taken before the look.
        """
        assert isinstance(since, tuple)
        ours, theirs = since
        if ours.is_set():
            return
        news = asyncio.ensure_future(ours.wait())
        anyone = asyncio.create_task(self._engine.changed(theirs, seconds))
        anyone.add_done_callback(read_end)
        try:
            await asyncio.wait((news, anyone), return_when=asyncio.FIRST_COMPLETED)
            if anyone.done():
                anyone.result()
        finally:
            news.cancel()
            anyone.cancel()

    # ------------------------------------------------------------------ committing

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while line := self._urgent or self._rest:
                with ahead(urgent=line is self._urgent):
                    await self._settle(_next_group(line))
            if self._stopping:
                return

    async def _settle(self, group: list[Waiting]) -> None:
        if not group:
            return
        outcomes = await self._apply([transition for transitions, _ in group for transition in transitions])
        at = 0
        for transitions, future in group:
            if not future.done():
                future.set_result(outcomes[at : at + len(transitions)])
            at += len(transitions)

    async def _apply(self, group: list[Transition]) -> list[Outcome]:
        try:
            if self._told is not None:
                await self._told.before(group)
            outcomes = await self._engine.apply(group)
        except Exception as error:  # noqa: BLE001 - a caller must get an answer, whatever went wrong
            outcomes = [error] * len(group)
        for transition, outcome in zip(group, outcomes, strict=True):
            if outcome is None:
                self._latest = max(self._latest, transition.at)
                self._erased |= any(remove.table is case_keys for remove in transition.removes)
                self._erased |= any(event.act == "case.erased" for event in transition.events)
        if self._told is not None:
            await self._told.after([one for one, outcome in zip(group, outcomes, strict=True) if outcome is None])
        self._refused |= any(isinstance(outcome, StoreUnavailable) for outcome in outcomes)
        if None in outcomes:
            self._proved = asyncio.get_running_loop().time()
            self.wake()
        return outcomes


def _next_group(waiting: deque[Waiting]) -> list[Waiting]:
    """Take from a line what is committed next. What one caller handed over stays together, however much it is."""
    group: list[Waiting] = []
    count = rows = 0
    while waiting and rows < GROUP_ROWS:
        transitions, future = waiting[0]
        if group and count + len(transitions) > GROUP_TRANSITIONS:
            break
        waiting.popleft()
        if future.cancelled():
            continue  # its caller gave up before it was begun
        group.append((transitions, future))
        count += len(transitions)
        rows += sum(len(one.adds) + len(one.changes) + len(one.events) for one in transitions)
    return group


def _check_usable(values: Sequence[str]) -> None:
    """Refuse what no row can have here: within the group, it would fail the others' question too."""
    try:
        if b"\0" not in "".join(values).encode():
            return
    except UnicodeEncodeError:
        pass
    raise unusable_value()
