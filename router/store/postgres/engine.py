"""PostgreSQL as the engine: any number of processes, no coordinator but the database.

Groups are written in batches on one connection. Claims skip what others hold. Every commit sends a notice, so that a
worker in another process wakes at once. When the connection is lost while COMMIT is under way, PostgreSQL is asked what
became of that very transaction before anybody is answered.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import ARRAY, Dialect, any_, bindparam, cast, literal
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.base import Executable

from router.ahead import Turns
from router.errors import Conflict, StoreUnavailable
from router.guard.log import get_log
from router.store import statements
from router.store.base import NOTHING, Claim, LookUp, Quota, Row, Transition
from router.store.batches import Plan, plan
from router.store.chain import Head
from router.store.engine import Clash, Migration, Outcome
from router.store.group_commit import settle
from router.store.postgres.batch import Batches
from router.store.postgres.connections import CHANNEL, Connections
from router.store.postgres.errors import DRIVER_ERRORS, is_lost, is_worth_another_try, lost, translated
from router.store.quota import admit, counters
from router.store.sql_text import compiler_for

T = TypeVar("T")

#: A transaction that met a deadlock, a serialization failure or a lost connection is tried so often.
TRIES: Final = 5
#: How long the fate of a COMMIT is asked after, in seconds: a crashed server recovers within it, as a rule.
ASK_SECONDS: Final = 30.0
#: Any number that only we use, for `pg_advisory_xact_lock`.
MIGRATION_LOCK: Final = 0x7265665F726F7574
#: Another one, for whoever sums up.
TALLY_LOCK: Final = MIGRATION_LOCK + 1
#: Transactions of one process after which it sums up, and after its first: one counts a dozen keys, or hundreds where
#: it takes in a thousand reports, and a figure reads them all (57,000 such rows: 180 ms).
SUM_UP_EVERY: Final = 32


def dialect() -> Dialect:
    """Return how statements are written for the driver."""
    made: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call] # SQLAlchemy gives it no types
    return made


class PostgresEngine:
    """The tables in a PostgreSQL database. See `Engine` for what each method promises."""

    def __init__(self, dsn: str) -> None:
        """`dsn` names server, user and database."""
        self._compiler = compiler_for(dialect)
        self._batches = Batches(self._compiler.dialect)
        self._connections = Connections(dsn)
        self._turns = Turns()  # one transaction at a time on the writing connection
        self._head = Head.fresh()
        self._look_ups: dict[LookUp, str] = {}
        self._since_summed = SUM_UP_EVERY  #: transactions since this process last summed up what they counted

    async def open(self) -> None:
        """Connect. Raise CannotStart, StoreUnavailable."""
        await self._connections.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._connections.close()

    async def rows(self, statement: Executable) -> list[Row]:
        """Return the rows of a SELECT."""
        return [dict(record) for record in await self._connections.fetch(*self._compiler.compile(statement))]

    async def look_up(self, lookup: LookUp, values: Sequence[str]) -> list[Row]:
        """Return the rows that have one of these values; one parameter for all keeps the statement prepared."""
        text = self._look_ups.get(lookup)
        if text is None:
            among = any_(cast(bindparam("values"), ARRAY(lookup.by.type)))
            found = lookup.rows.where(lookup.by == among).compile(dialect=self._compiler.dialect)
            text = self._look_ups[lookup] = str(found)
        return [dict(record) for record in await self._connections.fetch(text, (list(values),))]

    async def check(self) -> None:
        """Nothing is seen from here without a commit: the files are the server's."""

    def mark(self) -> int:
        """Return what `changed` compares with."""
        return self._connections.notified

    async def changed(self, since: object, seconds: float) -> None:
        """Return when something was committed after the mark, or after that many seconds."""
        if self._connections.notified == since:
            await self._connections.notice(seconds)

    # ------------------------------------------------------------------ writing

    async def apply(self, group: Sequence[Transition]) -> list[Outcome]:
        """Commit the group; return an outcome for each transition."""
        return await settle(group, self._transact)

    async def _transact(self, group: Sequence[Transition]) -> set[int]:
        async def work(connection: asyncpg.Connection) -> tuple[Plan, set[int]]:
            planned = plan(group, self._head)
            return planned, await self._run(connection, planned)

        planned, lost_fences = await self._in_transaction(work, keep=lambda result: not result[1])
        if not lost_fences:
            self._head = planned.head
            await self._sum_up_now_and_then()
        return lost_fences

    async def _sum_up_now_and_then(self) -> None:
        """Keep what a figure is added up from small, however many transactions there were."""
        self._since_summed += 1
        if self._since_summed >= SUM_UP_EVERY:
            self._since_summed = 0
            try:
                await self._in_transaction(self._sum_up, keep=bool)
            except StoreUnavailable:
                get_log("store").warning("tallies_not_summed")  # what was committed is; the next one sums up more

    @staticmethod
    async def _sum_up(connection: asyncpg.Connection) -> bool:
        """Put what each transaction counted (`schema/tallies`) into one row a key; one process at a time."""
        free = await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", TALLY_LOCK)
        if free:
            await connection.execute(_SUM_UP)
            await connection.execute("DELETE FROM tallies WHERE part = 0 AND n = 0")
        return bool(free)

    async def _run(self, connection: asyncpg.Connection, planned: Plan) -> set[int]:
        fences = {owner for batch in planned.changes for owner in await self._batches.change(connection, batch)}
        if not fences:
            for shape, rows in planned.removes.items():
                await self._batches.remove(connection, shape, rows)
            for shape, rows in planned.adds.items():
                await self._batches.add(connection, shape, rows)
        return fences

    async def _in_transaction(
        self, work: Callable[[asyncpg.Connection], Awaitable[T]], *, keep: Callable[[T], bool]
    ) -> T:
        """Run work in a transaction; commit it when its result is to be kept. Tried again where that can help."""
        async with self._turns:
            for attempt in range(1, TRIES + 1):
                try:
                    return await self._try(work, keep)
                except _AgainError as again:
                    if attempt == TRIES:
                        raise translated(again.cause) from None
                    # Two that met in a deadlock must not meet again in step.
                    await asyncio.sleep(random.uniform(0, 0.02) * 2**attempt)  # noqa: S311 - spreads, hides nothing
        raise lost()

    async def _try(self, work: Callable[[asyncpg.Connection], Awaitable[T]], keep: Callable[[T], bool]) -> T:
        connection = await self._connections.writer()
        transaction = connection.transaction()
        try:
            await transaction.start()
            result = await work(connection)
            if not keep(result):
                await transaction.rollback()
                return result
            number = await connection.fetchval(_LAST_WORDS, CHANNEL)
        except asyncio.CancelledError:
            self._connections.drop_writer()  # the server rolls back what it was told so far
            raise
        except Exception as error:
            await self._undo(connection, transaction, error)
            raise
        await self._commit(transaction, number)
        return result

    async def _undo(self, connection: asyncpg.Connection, transaction: Any, error: Exception) -> None:
        """Roll back; then raise our error for the driver's one, or ask for another try. Nothing was committed."""
        if is_lost(error, connection):
            self._connections.drop_writer()
            raise _AgainError(error) from None
        try:
            await transaction.rollback()
        except DRIVER_ERRORS:
            self._connections.drop_writer()
        if is_worth_another_try(error):
            raise _AgainError(error) from None
        if isinstance(error, DRIVER_ERRORS):
            raise translated(error) from None

    async def _commit(self, transaction: Any, number: str) -> None:
        try:
            await transaction.commit()
        except DRIVER_ERRORS as error:
            self._connections.drop_writer()
            if not await self._was_committed(number):
                raise _AgainError(error) from None

    async def _was_committed(self, number: str) -> bool:
        """Ask what became of a transaction whose COMMIT got no answer. Raise StoreUnavailable when nobody can say."""
        deadline = asyncio.get_running_loop().time() + ASK_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            try:
                connection = await self._connections.writer()
                status = await connection.fetchval("SELECT pg_xact_status($1::text::xid8)", number)
            except asyncpg.InvalidParameterValueError:
                return False  # the server never heard of it: another one took over
            except (StoreUnavailable, *DRIVER_ERRORS):
                status = "unreachable"
            if status in {"committed", "aborted"}:
                return bool(status == "committed")
            await asyncio.sleep(0.1)
        # Neither chain head is certain now, so the next events open a new epoch.
        self._head = Head.fresh()
        raise StoreUnavailable(
            "The database was lost while it committed; read again what became of it.", reason="commit_unknown"
        )

    async def claim(self, claim: Claim, beside: Transition = NOTHING) -> list[Row]:
        """Lease rows for a worker. What is beside it comes first: a group locks its rows by table too (`batches`)."""
        key = statements.key_of(claim.table).name

        async def work(connection: asyncpg.Connection) -> tuple[Plan, list[Row]]:
            planned = plan([beside], self._head)
            if await self._run(connection, planned):
                raise Conflict
            found = await self._find(connection, statements.claimable(claim))
            if claim.quota is not None:
                found = await self._admitted(connection, claim.quota, found)
            keys = [row[key] for row in found]
            if not keys:
                return planned, []
            # One parameter for all keys: the statement stays prepared, however many there are.
            column = statements.key_of(claim.table)
            chosen = column == any_(literal(keys, ARRAY(column.type)))
            taken = await self._find(connection, statements.take(claim, chosen))
            return planned, statements.in_order(keys, taken, key)

        try:
            planned, rows = await self._in_transaction(work, keep=lambda made: bool(made[1]))
        except Clash:
            raise Conflict(reason="duplicate") from None
        if rows:
            self._head = planned.head
        return rows

    async def _admitted(self, connection: asyncpg.Connection, quota: Quota, found: list[Row]) -> list[Row]:
        taken, counts = admit(quota, found, await self._find(connection, counters(quota)))
        for count in counts:
            await self._find(connection, count)
        return taken

    async def _find(self, connection: asyncpg.Connection, statement: Executable) -> list[Row]:
        """Run a statement within a transaction; return its rows."""
        text, parameters = self._compiler.compile(statement)
        return [dict(record) for record in await connection.fetch(text, *parameters)]

    # ------------------------------------------------------------------ schema

    async def revision(self) -> str | None:
        """Return the schema's revision."""
        if await self._connections.fetch("SELECT to_regclass('alembic_version')::text AS name", ()) == [(None,)]:
            return None
        found = await self._connections.fetch("SELECT version_num FROM alembic_version", ())
        return found[0]["version_num"] if found else None

    async def migrate(self, migration: Migration) -> None:
        """Run the statements that lead to the newest revision."""

        async def work(connection: asyncpg.Connection) -> bool:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            steps = migration("postgresql", await self.revision())
            for step in steps:
                await connection.execute(step)
            return bool(steps)

        await self._in_transaction(work, keep=bool)

    async def scrub(self) -> None:
        """Let PostgreSQL reuse, and so overwrite, the room of erased keys. Its WAL ages out by itself."""
        async with self._turns:
            connection = await self._connections.writer()
            await connection.execute("VACUUM case_keys")


#: Only what was committed is seen and taken, and nobody else changes it: each transaction writes rows of its own.
_SUM_UP: Final = """
    WITH given AS (DELETE FROM tallies WHERE part <> 0
      RETURNING kind, state, reason, source, country, partner, mark, n)
    INSERT INTO tallies AS kept (kind, state, reason, source, country, partner, mark, part, n)
    SELECT kind, state, reason, source, country, partner, mark, 0, sum(n) FROM given
      GROUP BY kind, state, reason, source, country, partner, mark HAVING sum(n) <> 0
    ON CONFLICT (kind, state, reason, source, country, partner, mark, part) DO UPDATE SET n = kept.n + excluded.n
"""

#: A transaction's last statement: its number, should COMMIT not be answered, and the notice to the other processes.
_LAST_WORDS: Final = "SELECT pg_current_xact_id()::text FROM (SELECT pg_notify($1, '')) AS noticed"


class _AgainError(Exception):
    """Nothing was committed, and trying again may help."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause
