"""Open the store a URL names: connect, bring the schema up to date, recognise the master key, start the writer."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from router.errors import CannotStart, Conflict
from router.guard.anchor import Anchors
from router.guard.seal import Keyring
from router.store.base import Add, Transition
from router.store.engine import Engine
from router.store.migrate import check_known, migrate, newest
from router.store.postgres import snapshot as postgres_snapshot
from router.store.postgres.engine import PostgresEngine
from router.store.schema.audit import meta
from router.store.sqlite import snapshot as sqlite_snapshot
from router.store.sqlite.engine import SqliteEngine
from router.store.writer import Writer

DEFAULT_FILE = "router.db"
MASTER_CHECK = "master_check"
_EMPTY = (
    "The key here has seen a database, and this one is empty: what was taken is not in it. Put the database back, or"
    " restore a backup; if a new one is meant, run `init --new-database` and start again."
)
_MARKED = select(meta.c.value).where(meta.c.name == MASTER_CHECK)


async def open_store(
    url: str | None,
    data_dir: Path,
    keyring: Keyring,
    *,
    upgrade: bool = True,
    anchors: Anchors | None = None,
    seen: Path | None = None,
) -> Writer:
    """Return the running store of `sqlite:///path`, `postgresql://...`, or of None: a file in the data directory.

    Without `upgrade`, a database that is not there or has an old schema is a reason not to start. `seen` is the mark
    that the keys have seen a database: it is left here, and once it is there an empty one is refused.
    Raise CannotStart, StoreUnavailable.
    """
    engine = engine_of(url, data_dir)
    must_be_known = _has_seen_one(seen)
    if _is_absent(engine):
        if must_be_known:
            _refuse_empty()
        if not upgrade:
            raise CannotStart("There is no database yet; `serve` or `migrate` makes one.", reason="no_database")
    try:
        await engine.open()
        if must_be_known and not await _knows_a_key(engine):
            _refuse_empty()
        await _agree_on_schema(engine, upgrade=upgrade)
        writer = Writer(engine, keyring, anchors)
        writer.start()
    except BaseException:
        await engine.close()
        raise
    try:
        await _recognise(writer, keyring)
    except BaseException:
        await writer.close()
        raise
    if seen is not None:
        _note(seen)
    return writer


def _has_seen_one(seen: Path | None) -> bool:
    return seen is not None and seen.exists()


def _refuse_empty() -> NoReturn:
    raise CannotStart(_EMPTY, reason="empty_database")


def _note(seen: Path) -> None:
    """Leave the mark that there is a database that was made under the key beside it."""
    try:
        seen.touch(mode=0o600)
    except OSError:
        raise CannotStart(f"The data directory cannot be written (its file {seen.name}); make it writable.") from None


def _is_absent(engine: Engine) -> bool:
    return isinstance(engine, SqliteEngine) and not engine.path.exists()


async def is_made(url: str | None, data_dir: Path) -> bool:
    """Tell whether the database a URL names was made under some master key. Raise as `open_store` does.

    Asked where that key is missing: what was sealed under it no other key opens.
    """
    engine = engine_of(url, data_dir)
    if _is_absent(engine):
        return False
    try:
        await engine.open()
        return await _knows_a_key(engine)
    finally:
        await engine.close()


async def _knows_a_key(engine: Engine) -> bool:
    revision = await engine.revision()
    check_known(revision)
    return revision is not None and bool(await engine.rows(_MARKED))


def engine_of(url: str | None, data_dir: Path) -> Engine:
    """Return the engine of a URL, not opened yet. A relative SQLite path lies in the data directory."""
    scheme = urlsplit(url).scheme if url else "sqlite"
    if scheme == "sqlite":
        path = unquote(urlsplit(url).path.removeprefix("/")) if url else DEFAULT_FILE
        return SqliteEngine(data_dir / path)
    if scheme in {"postgresql", "postgres"}:
        return PostgresEngine(str(url))
    raise CannotStart("The database must be given as sqlite:///path or postgresql://user@host/name.", field="database")


async def snapshot(url: str | None, data_dir: Path, target: Path) -> str:
    """Write what a store holds at this moment into a new file, while others work with it; return the engine's name.

    Raise CannotStart for no store or one of another schema than this program's, StoreUnavailable.
    """
    engine = engine_of(url, data_dir)
    if isinstance(engine, PostgresEngine):
        await postgres_snapshot.take(str(url), target)
        return "postgresql"
    if _is_absent(engine):
        raise CannotStart("There is no database yet; `serve` or `migrate` makes one.", reason="no_database")
    assert isinstance(engine, SqliteEngine)  # for the type checker
    await asyncio.to_thread(sqlite_snapshot.take, engine.path, target)
    return "sqlite"


async def _agree_on_schema(engine: Engine, *, upgrade: bool) -> None:
    """See that the schema is this program's. Where it is, nothing is locked and nothing rendered."""
    revision = await engine.revision()
    check_known(revision)
    if revision == newest():
        return
    if not upgrade:
        raise CannotStart("The database's schema is older than this program; run the verb `migrate` first.")
    await migrate(engine)


async def _recognise(writer: Writer, keyring: Keyring) -> None:
    """Compare the master key with the one the database was made under; a new database takes it on."""
    if not await writer.rows(_MARKED):
        mark = Add(meta, {"name": MASTER_CHECK, "value": keyring.check_value()})
        with suppress(Conflict):  # another process was first; its value is judged like any other
            await writer.commit(Transition(0, adds=[mark]))
    (known,) = await writer.rows(_MARKED)
    if not keyring.accepts(known["value"]):
        raise CannotStart("The master key is not the one this database was made with; restore the right key file.")
