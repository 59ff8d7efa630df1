"""A database's schema as the engine itself describes it, so that two of them can be compared whatever made them."""

import re
from collections.abc import Iterable
from pathlib import Path

import apsw
import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import base as postgresql
from sqlalchemy.dialects.sqlite import base as sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from router.store.schema.tables import metadata

DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.SQLiteDialect(), "postgresql": postgresql.PGDialect()}
#: Alembic's own table, and its index.
BOOKKEEPING = "alembic_version"
#: A rule stands on a line of its own; SQLite has no catalogue of them.
_RULE = re.compile(r"^\s*CONSTRAINT \w+ CHECK .*?(?=,?[ \t]*$)", re.MULTILINE)


def statements_of_tables(dialect: str) -> list[str]:
    """Return what creates the tables of this program and their indexes, straight from their definition."""
    made: list[CreateTable | CreateIndex] = []
    for table in metadata.sorted_tables:
        made += [CreateTable(table), *map(CreateIndex, sorted(table.indexes, key=lambda one: str(one.name)))]
    return [str(one.compile(dialect=DIALECTS[dialect])) for one in made]


def sqlite_schema(path: Path, statements: Iterable[str] = ()) -> dict[str, str]:
    """Run the statements on a SQLite file; return each column, rule and index of it, with what it says.

    Not the text of its tables: a column that was added later stands elsewhere there than one that was made with them.
    """
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    found = {}
    tables = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'"
    ).fetchall()
    for table, text in tables:
        for _, column, *said in connection.execute("SELECT * FROM pragma_table_info(?)", (table,)):
            found[f"{table}.{column}"] = f"{said}"
        for index, unique, origin in connection.execute(
            'SELECT name, "unique", origin FROM pragma_index_list(?)', (table,)
        ).fetchall():
            columns = connection.execute("SELECT name FROM pragma_index_info(?)", (index,)).fetchall()
            found[f"{table}/{index}"] = f"{unique} {origin} {columns}"
        found[f"{table}/rules"] = f"{sorted(' '.join(rule.split()) for rule in _RULE.findall(str(text)))}"
    indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    found |= {str(name): " ".join(str(text).split()) for name, text in indexes}
    connection.close()
    return {name: text for name, text in found.items() if BOOKKEEPING not in name}


#: Columns, rules and indexes as PostgreSQL itself describes them.
_POSTGRES = """
    SELECT table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default)
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT conrelid::regclass || '/' || conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
"""


async def postgres_schema(dsn: str, statements: Iterable[str] = ()) -> dict[str, str]:
    """Run the statements on a PostgreSQL database; return each column, rule and index of it, with what it says."""
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    rows = await connection.fetch(_POSTGRES)
    await connection.close()
    return {name: text for name, text in rows if not name.startswith(BOOKKEEPING)}
