"""Keep the schema of a release, with a few rows: `python -m tests.store.keep_release`, once, when it is made.

Writes tests/store/released/VERSION/{sqlite,postgresql}.sql: what the engines themselves say a database of this version
is. A small story is played (a case that a partner has, one on the desk, one closed), and what the story leaves empty
gets a row, so that every table has one. Both files hold the same rows. Needs PostgreSQL's own `pg_dump`.
"""

import asyncio
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import apsw
import asyncpg
from sqlalchemy import Table, func, select

from router import __version__
from router.casework.desk import case_acts
from router.casework.people import tokens
from router.guard.seal import Keyring
from router.store.base import Add, Transition
from router.store.connect import DEFAULT_FILE, open_store
from router.store.schema.tables import metadata
from router.store.writer import Writer
from schemas.actor import ROUTER, Role
from schemas.vocabulary import Outcome
from tests import postgres_server
from tests.casebook import ANNA, FORM, Casebook, casebook
from tests.office import MASTER, token_for

FOLDER = Path(__file__).parent / "released"
KEYRING = Keyring.open(MASTER)
NOW = 1_764_000_000_000_000
#: A row for each table that the story does not write.
MORE = {
    "source_sent": {"source": "form", "partner": "hotline-nl", "day": NOW, "sent": 3},
    "sessions": {
        "digest": b"s" * 32, "account_id": "a", "csrf": "c", "started_at": NOW, "seen_at": NOW, "ends_at": NOW,
    },
    "idempotency": {"client": "source:form", "key": "k", "fingerprint": b"f" * 32, "answer": "{}", "at": NOW},
    "nonces": {"peer": "hotline-nl", "nonce": "n", "until": NOW},
    "house_reasons": {"id": "r1", "at": NOW, "sealed": b"sealed"},
    "stops": {"scope": "route:abroad", "since": NOW, "by": "person:anna", "reason": "a stop that was lifted"},
    "policies": {
        "version": 1, "published_at": NOW, "by": "router", "digest": b"p" * 32, "body": 'home = "BE"\nü = "\'"',
    },
    "directories": {"version": 1, "published_at": NOW, "by": "router", "body": '{"version": 1, "partners": []}'},
    "actions": {
        "id": "a", "case_id": "c", "referral_id": None, "action": "Removed", "at": NOW, "by": "hotline-nl",
        "reason": None,
    },
    "inbox": {
        "peer": "hotline-nl", "origin": "hotline-nl", "origin_reference": "o", "referral_id": "r",
        "body_digest": b"d" * 32, "receipt": "receipt", "case_id": "c", "taken_at": NOW, "withdrawn_at": None,
    },
    "partner_state": {
        "partner": "hotline-ca", "version": 1, "breaker": "closed", "failures": 0, "opened_until": None, "paused": None,
        "day": NOW, "sent_today": 0, "tokens": 1.5, "tokens_at": NOW,
    },
}  # fmt: skip


async def play(folder: Path) -> None:
    """Play the story, and fill what it left empty."""
    async with casebook(folder) as book:
        await book.accepted()
        await book.decided("https://two.example/desk", "r-2", FORM)
        await close(book, await book.decided("https://three.example/closed", "r-3", FORM))
        await token_for(book.ctx, Role.SUPERVISOR)
        await tokens.add_account(book.ctx, "berta", Role.ANALYST, ROUTER)
        for name, row in MORE.items():
            if not await count(book.ctx.store, metadata.tables[name]):
                await book.ctx.store.commit(Transition(NOW, adds=[Add(metadata.tables[name], row)]))


async def close(book: Casebook, case_id: str) -> None:
    """Let a person close a case."""
    row = await book.case(case_id)
    await case_acts.close(book.ctx, case_id, ANNA, "read twice", outcome=Outcome.NOT_ILLEGAL, version=row["version"])


async def count(store: Writer, table: Table) -> int:
    (row,) = await store.rows(select(func.count().label("rows")).select_from(table))
    return int(row["rows"])


def dump_sqlite(file: Path) -> str:
    """Return a database as SQL, in the form of SQLite's own shell."""
    with closing(sqlite3.connect(file)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


async def copy_to(dsn: str, file: Path) -> None:
    """Make the schema on PostgreSQL, and put the rows of a SQLite database in the place of what is there."""
    await (await open_store(dsn, file.parent, KEYRING)).close()
    source, target = apsw.Connection(str(file)), await asyncpg.connect(dsn)
    for table in metadata.sorted_tables:
        columns = [one.name for one in table.columns]
        named = ", ".join(f'"{one}"' for one in columns)
        rows = source.execute(f"SELECT {named} FROM {table.name}").fetchall()  # noqa: S608 - names of ours
        await target.execute(f"DELETE FROM {table.name}")  # noqa: S608 - as above
        await target.copy_records_to_table(table.name, records=rows, columns=columns)
    source.close()
    await target.close()


def dump_postgres(dsn: str, binaries: Path) -> str:
    """Return a database as PostgreSQL's own tool writes it, without what only its shell or one version understands."""
    words = [str(binaries / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", "--no-comments", dsn]
    text = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout
    kept = [line for line in text.splitlines() if not re.match(r"--|\\|SET |SELECT pg_catalog\.set_config", line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"


async def keep(folder: Path, dsn: str, binaries: Path) -> None:
    """Write both files into a folder. `dsn` is an empty database."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / DEFAULT_FILE
        await play(file.parent)
        (folder / "sqlite.sql").write_text(dump_sqlite(file), encoding="utf-8")
        await copy_to(dsn, file)
        (folder / "postgresql.sql").write_text(dump_postgres(dsn, binaries), encoding="utf-8")


async def main() -> None:
    """Keep this version, unless it is kept already: what is released is never written anew."""
    folder = FOLDER / __version__
    if folder.exists():
        sys.exit(f"{folder.name} is kept already")
    binaries = postgres_server.find_binaries()
    if binaries is None or not (binaries / "pg_dump").exists():
        sys.exit("PostgreSQL's pg_dump is needed: install Debian's `postgresql`")
    with postgres_server.running(binaries) as server:
        async with postgres_server.fresh_database(server) as dsn:
            await keep(folder, dsn, binaries)


if __name__ == "__main__":
    asyncio.run(main())
