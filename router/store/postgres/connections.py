"""The connections of one process to PostgreSQL: one that writes, one that listens, a few that read."""

import asyncio
from typing import Any, Final

import asyncpg

from router.errors import CannotStart, StoreUnavailable
from router.store.postgres.errors import DRIVER_ERRORS, is_lost, lost, translated

READERS: Final = 4
#: In seconds. Nothing of ours takes that long: who does not answer is gone, and is asked again on a new connection.
COMMAND_TIMEOUT: Final = 60.0
CONNECT_TIMEOUT: Final = 10.0
CLOSE_TIMEOUT: Final = 2.0
CHANNEL: Final = "referral_router"
#: A commit that is not on disk would be acknowledged and then lost.
DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")


class Connections:
    """Opens connections when they are first needed, and again after they were lost."""

    def __init__(self, dsn: str) -> None:
        """`dsn` as asyncpg takes it."""
        self._dsn = dsn
        self._writer: asyncpg.Connection | None = None
        self._listener: asyncpg.Connection | None = None
        self._reading = asyncio.Semaphore(READERS)
        self._idle: list[asyncpg.Connection] = []  #: readers; a pool of the driver's own logs others' error texts
        self._news = asyncio.Event()
        self.notified = 0  #: counts the notices of commits

    async def open(self) -> None:
        """Connect and check what durability rests on. Raise CannotStart, StoreUnavailable."""
        writer = await self.writer()
        for setting in DURABLE:
            if await writer.fetchval("SELECT current_setting($1)", setting) == "off":
                raise CannotStart(f"PostgreSQL runs with {setting} = off and can lose reports; turn it on.")
        await self.listen()

    async def close(self) -> None:
        """Close all connections, without waiting for a server that is gone."""
        for connection in (self._writer, self._listener, *self._idle):
            if connection is not None and not connection.is_closed():
                try:
                    await connection.close(timeout=CLOSE_TIMEOUT)
                except DRIVER_ERRORS:
                    connection.terminate()

    async def writer(self) -> asyncpg.Connection:
        """Return the connection that writes, opened anew when it was lost. Raise StoreUnavailable."""
        if self._writer is None or self._writer.is_closed():
            self._writer = await self._connect()
        return self._writer

    def drop_writer(self) -> None:
        """Give up a connection whose state is not known."""
        if self._writer is not None:
            self._writer.terminate()
            self._writer = None

    async def _connect(self) -> asyncpg.Connection:
        try:
            return await asyncpg.connect(self._dsn, **self._options())
        except DRIVER_ERRORS as error:
            raise _unreachable(error) from None

    @staticmethod
    def _options() -> dict[str, Any]:
        return {
            "timeout": CONNECT_TIMEOUT,
            "command_timeout": COMMAND_TIMEOUT,
            "statement_cache_size": 512,
            # Just-in-time compilation costs more than the short statements of ours take.
            "server_settings": {"application_name": "referral-router", "timezone": "UTC", "jit": "off"},
        }

    async def fetch(self, text: str, parameters: tuple[Any, ...]) -> list[asyncpg.Record]:
        """Read on one of the reading connections; one that was lost while idle is replaced once.

        Raise StoreUnavailable, BadInput for a value that no row can have.
        """
        async with self._reading:
            connection = self._idle.pop() if self._idle else None
            if connection is not None:
                try:
                    return await self._fetch(connection, text, parameters)
                except _LostError:
                    self._drop_idle()  # what ended one of them, a firewall or a restart, ended them all
            try:
                return await self._fetch(await self._connect(), text, parameters)
            except _LostError:
                raise lost() from None

    async def _fetch(
        self, connection: asyncpg.Connection, text: str, parameters: tuple[Any, ...]
    ) -> list[asyncpg.Record]:
        try:
            return list(await connection.fetch(text, *parameters))
        except DRIVER_ERRORS as error:
            if is_lost(error, connection):
                connection.terminate()
                raise _LostError from None
            raise translated(error) from None
        finally:
            if not connection.is_closed():
                self._idle.append(connection)

    def _drop_idle(self) -> None:
        while self._idle:
            self._idle.pop().terminate()

    # ------------------------------------------------------------------ notices

    async def listen(self) -> None:
        """Listen for commits, on a connection of its own. Raise StoreUnavailable."""
        if self._listener is None or self._listener.is_closed():
            self._listener = await self._connect()
            await self._listener.add_listener(CHANNEL, self._on_notice)
            self._on_notice()  # what was committed before we listened must not be missed

    def _on_notice(self, *_: object) -> None:
        self.notified += 1
        self._news.set()
        self._news = asyncio.Event()

    async def notice(self, seconds: float) -> None:
        """Return at the next notice of a commit, or after that many seconds. Raise StoreUnavailable."""
        news = self._news
        await self.listen()
        try:
            await asyncio.wait_for(news.wait(), seconds)
        except TimeoutError:
            return


class _LostError(Exception):
    """A connection ended; nothing came of what it was asked."""


def _unreachable(error: Exception) -> Exception:
    if isinstance(error, (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)):
        return CannotStart("PostgreSQL does not let us in; check user, password and database name of its address.")
    found = translated(error)
    return found if isinstance(found, StoreUnavailable) else lost()
