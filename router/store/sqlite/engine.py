"""The embedded engine: one file, one writing thread a process, a few reading ones.

All writing happens in one thread under BEGIN IMMEDIATE, so several processes may share the file: the lock is waited
for, never met half-way through a transaction. Readers see the last commit (WAL) and never wait for the writer.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import apsw
import orjson
from sqlalchemy import bindparam, column, func, select, table
from sqlalchemy.sql.base import Executable

from router.ahead import Turns
from router.errors import Conflict
from router.store import statements
from router.store.base import NOTHING, Claim, LookUp, Quota, Row, Transition
from router.store.batches import ChangeBatch, ChangeShape, Plan, RowShape, plan
from router.store.chain import Head
from router.store.engine import Clash, Migration, Outcome, as_dicts, read_end
from router.store.group_commit import settle
from router.store.quota import admit, counters
from router.store.sql_text import compiler_for
from router.store.sqlite import connection as sqlite_connection
from router.store.sqlite.files import LEAST_TO_OPEN, Files
from router.store.sqlite.many_rows import insert_rows, pieces, with_rows

P = ParamSpec("P")
T = TypeVar("T")

READERS = 3
#: How often another process's commits are looked for, once for all who wait; reading the counter costs microseconds.
WATCH_SECONDS = 0.01
#: Seconds for which emptying the journal waits for who reads, while nobody can commit.
_SCRUB_SECONDS = 0.05
#: Texts by what they are made of: the same for every store of a process, as `compiler_for` says.
_CHANGES: Final[dict[ChangeShape, tuple[str, str]]] = {}
_REMOVES: Final[dict[RowShape, str]] = {}
_LOOK_UPS: Final[dict[LookUp, str]] = {}


class SqliteEngine:
    """The tables in one SQLite file. See `Engine` for what each method promises."""

    def __init__(self, path: Path) -> None:
        """`path` is the database file; its folder is made when missing."""
        self.path = path
        self._files = Files(path)
        self._compiler = compiler_for(sqlite_connection.dialect)
        self._changes, self._removes, self._look_ups = _CHANGES, _REMOVES, _LOOK_UPS
        self._writing = ThreadPoolExecutor(1, "store-writer")
        self._turns = Turns()  # at that thread
        self._reading = ThreadPoolExecutor(READERS, "store-reader")
        self._reader = threading.local()
        self._asked: list[tuple[str, str, asyncio.Future[list[Row]]]] = []  #: look-ups of this round of the loop
        self._connections: list[apsw.Connection] = []
        self._watching: asyncio.Task[None] | None = None
        self._watch_until = 0.0
        self._head = Head.fresh()

    async def open(self) -> None:
        """Open the file. Raise CannotStart, StoreUnavailable."""
        sqlite_connection.check_version()
        if self.path.parent.is_dir():
            self._files.check_room(LEAST_TO_OPEN)
        sqlite_connection.make_private(self.path)
        self._db = await self._write(self._connect, write=True)
        self._watch = sqlite_connection.connect_watch(self.path)
        self._connections.append(self._watch)
        await self.revision()  # whoever has read once has all three files
        self._files.remember()

    def _connect(self, *, write: bool) -> apsw.Connection:
        connection = sqlite_connection.connect(self.path, write=write)
        self._connections.append(connection)
        return connection

    async def close(self) -> None:
        """Write the journal back into the file and close every connection.

        Where other files stand under the names now, nothing is written and nothing removed: they are somebody else's.
        """
        if self._watching is not None:
            self._watching.cancel()
        self._writing.shutdown()
        self._reading.shutdown()
        if not self._files.can_be_saved:
            for connection in self._connections:
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        for connection in reversed(self._connections):  # the writer last: it writes the journal back
            connection.close()

    async def _write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._turns:
            return await asyncio.get_running_loop().run_in_executor(self._writing, lambda: work(*args, **kwargs))

    # ------------------------------------------------------------------ reading

    async def rows(self, statement: Executable) -> list[Row]:
        """Return the rows of a SELECT."""
        text, parameters = self._compiler.compile(statement)
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, text, parameters)

    async def look_up(self, lookup: LookUp, values: Sequence[str]) -> list[Row]:
        """Return the rows that have one of these values; one parameter for all keeps the statement prepared."""
        text = self._look_ups.get(lookup)
        if text is None:
            among = select(func.json_each(bindparam("values")).table_valued("value").c.value)
            text = self._look_ups[lookup] = str(
                lookup.rows.where(lookup.by.in_(among)).compile(dialect=self._compiler.dialect)
            )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Row]] = loop.create_future()
        self._asked.append((text, orjson.dumps(values).decode(), future))
        if len(self._asked) == 1:
            loop.call_soon(self._ask)
        return await future

    def _ask(self) -> None:
        """Hand all look-ups of this round of the loop to one thread: to hand one over costs as much as to answer it."""
        asked, self._asked = self._asked, []
        given = [(text, values) for text, values, _ in asked]
        futures = [future for _, _, future in asked]
        try:
            answered = asyncio.get_running_loop().run_in_executor(self._reading, self._read_each, given)
        except RuntimeError as error:  # closed meanwhile
            for future in futures:
                future.set_exception(error)
        else:
            answered.add_done_callback(partial(_answer, futures))

    def _read_each(self, given: Sequence[tuple[str, str]]) -> list[list[Row] | Exception]:
        """Return the rows of each, or why it has none: what fails one fails no other."""
        found: list[list[Row] | Exception] = []
        for text, values in given:
            try:
                found.append(self._read(text, (values,)))
            except Exception as error:  # noqa: BLE001 - it is the answer to whoever asked
                found.append(error)
        return found

    def _read(self, text: str, parameters: tuple[Any, ...]) -> list[Row]:
        connection: apsw.Connection | None = getattr(self._reader, "connection", None)
        if connection is None:
            connection = self._reader.connection = self._connect(write=False)
        return _fetch(connection, text, parameters)

    async def changed(self, since: object, seconds: float) -> None:
        """Return when something was committed after the mark, or after that many seconds."""
        self._watch_until = max(self._watch_until, asyncio.get_running_loop().time() + seconds)
        now = self.mark()
        if now != since:
            return
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._moved_on(now), name="store-watch")
            self._watching.add_done_callback(read_end)
        await asyncio.wait((self._watching,), timeout=seconds)
        if self._watching.done():
            self._watching.result()

    async def _moved_on(self, since: object) -> None:
        """Look for all who wait, as long as one of them does."""
        while self.mark() == since and asyncio.get_running_loop().time() < self._watch_until:
            self._files.check()
            await asyncio.sleep(WATCH_SECONDS)

    async def check(self) -> None:
        """Raise StoreUnavailable when what is committed now would be lost, or has no room."""
        self._files.check()
        self._files.check_room()

    def mark(self) -> object:
        """Return the counter that moves with every commit of another connection, and this one never commits."""
        try:
            return self._watch.pragma("data_version")
        except apsw.Error as error:
            raise sqlite_connection.translated(error) from None

    # ------------------------------------------------------------------ writing

    async def apply(self, group: Sequence[Transition]) -> list[Outcome]:
        """Commit the group; return an outcome for each transition."""
        return await settle(group, self._transact)

    async def _transact(self, group: Sequence[Transition]) -> set[int]:
        return await self._write(self._commit, group)

    def _commit(self, group: Sequence[Transition]) -> set[int]:
        planned = plan(group, self._head)
        lost = self._in_transaction(lambda: self._run(planned), keep=lambda lost: not lost)
        if not lost:
            self._head = planned.head
        return lost

    def _in_transaction(self, work: Callable[[], T], *, keep: Callable[[T], bool]) -> T:
        """Run work between BEGIN IMMEDIATE and COMMIT; roll back when it raises or its result is not to be kept.

        Raise StoreLost when the files are not those any more, before and after: nobody is told that it was kept.
        """
        self._files.check()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                result = work()
                self._db.execute("COMMIT" if keep(result) else "ROLLBACK")
                self._files.check()
                return result
            finally:
                # SQLite itself rolls back on a full disk; everything else is ours to undo.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
        except sqlite_connection.ERRORS as error:
            raise sqlite_connection.translated(error) from None

    def _run(self, planned: Plan) -> set[int]:
        lost = {owner for batch in planned.changes for owner in self._change(batch)}
        if not lost:
            for shape, rows in planned.removes.items():
                self._db.executemany(self._remove_text(shape), rows)
            for shape, rows in planned.adds.items():
                insert_rows(self._db, shape, rows)
        return lost

    def _change(self, batch: ChangeBatch) -> list[int]:
        """Run a batch of changes in few steps; return the owners of those that found no row."""
        text, found = self._change_text(batch.shape), set[tuple[Any, ...]]()
        for start, size in pieces(len(batch.rows)):
            rows = batch.rows[start : start + size]
            found.update(self._db.execute(with_rows(text, len(rows[0]), size), tuple(chain.from_iterable(rows))))
        if len(found) == len(batch.rows):
            return []
        keys = len(batch.shape.keys)
        return [owner for row, owner in zip(batch.rows, batch.owners, strict=True) if row[:keys] not in found]

    def _change_text(self, shape: ChangeShape) -> tuple[str, str]:
        """Return what stands before the rows that are changed, and after them."""
        known = self._changes.get(shape)
        if known is None:
            places = statements.change_places(shape)
            given = table("given", *(column(place, shape.table.c[name].type) for place, name in places.items()))
            change = statements.change(shape, dict(given.c)).returning(*(shape.table.c[name] for name in shape.keys))
            state = change.compile(dialect=self._compiler.dialect).construct_expanded_state({})
            assert not state.positional_parameters
            known = self._changes[shape] = f"WITH given ({', '.join(places)}) AS (VALUES ", f") {state.statement}"
        return known

    def _remove_text(self, shape: RowShape) -> str:
        known = self._removes.get(shape)
        if known is None:
            source: statements.Source = {place: bindparam(place) for place in statements.row_places(shape)}
            statement = statements.remove(shape, source).compile(dialect=self._compiler.dialect)
            known = self._removes[shape] = str(statement)
        return known

    async def claim(self, claim: Claim, beside: Transition = NOTHING) -> list[Row]:
        """Lease rows for a worker."""
        try:
            return await self._write(self._claim, claim, beside)
        except Clash:
            raise Conflict(reason="duplicate") from None

    def _claim(self, claim: Claim, beside: Transition) -> list[Row]:
        key = statements.key_of(claim.table).name
        planned = plan([beside], self._head)

        def work() -> list[Row]:
            if self._run(planned):
                raise Conflict
            found = self._find(statements.claimable(claim))
            if claim.quota is not None:
                found = self._admitted(claim.quota, found)
            keys = [row[key] for row in found]
            if not keys:
                return []
            # One parameter for all keys: the statement stays prepared, however many there are.
            chosen = select(func.json_each(orjson.dumps(keys).decode()).table_valued("value").c.value)
            take = statements.take(claim, statements.key_of(claim.table).in_(chosen))
            return statements.in_order(keys, self._find(take), key)

        rows = self._in_transaction(work, keep=bool)
        if rows:
            self._head = planned.head
        return rows

    def _admitted(self, quota: Quota, found: list[Row]) -> list[Row]:
        taken, counts = admit(quota, found, self._find(counters(quota)))
        for count in counts:
            self._find(count)
        return taken

    def _find(self, statement: Executable) -> list[Row]:
        """Run a statement within the writer's transaction; return its rows."""
        return _fetch(self._db, *self._compiler.compile(statement))

    # ------------------------------------------------------------------ schema

    async def revision(self) -> str | None:
        """Return the schema's revision."""
        return await self._write(self._revision)

    def _revision(self) -> str | None:
        known = _fetch(self._db, "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'", ())
        found = _fetch(self._db, "SELECT version_num FROM alembic_version", ()) if known else []
        return found[0]["version_num"] if found else None

    async def migrate(self, migration: Migration) -> None:
        """Run the statements that lead to the newest revision."""
        await self._write(self._migrate, migration)

    def _migrate(self, migration: Migration) -> None:
        def work() -> bool:
            steps = migration("sqlite", self._revision())
            for step in steps:
                self._db.execute(step)
            return bool(steps)

        self._in_transaction(work, keep=bool)

    async def scrub(self) -> None:
        """Empty the journal, which still holds what secure_delete overwrote in the file."""
        await self._write(self._truncate)

    def _truncate(self) -> None:
        """Nobody's commit waits while a reader stands in the way: it is tried again in a later round."""
        sqlite_connection.wait_for_lock(self._db, _SCRUB_SECONDS)
        try:
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as error:
            raise sqlite_connection.translated(error) from None
        finally:
            sqlite_connection.wait_for_lock(self._db, sqlite_connection.BUSY_SECONDS)


def _answer(asked: Sequence["asyncio.Future[list[Row]]"], read: "asyncio.Future[list[list[Row] | Exception]]") -> None:
    """Give each who asked its rows, or what kept them from being read."""
    if read.cancelled():
        for future in asked:
            future.cancel()
        return
    error = read.exception()
    for future, found in zip(asked, [error] * len(asked) if error else read.result(), strict=True):
        if future.done():
            continue  # who asked has gone
        if isinstance(found, list):
            future.set_result(found)
        else:
            future.set_exception(found)


def _fetch(connection: apsw.Connection, text: str, parameters: tuple[Any, ...]) -> list[Row]:
    try:
        cursor = connection.execute(text, parameters)
        names = [column[0] for column in cursor.get_description()]
        return as_dicts(names, cursor.fetchall())
    except apsw.ExecutionCompleteError:
        return []  # there was no row
    except sqlite_connection.ERRORS as error:
        raise sqlite_connection.translated(error) from None
