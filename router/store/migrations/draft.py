"""Write the snapshot of the first revision from the tables, while nothing has been released yet.

    python -m router.store.migrations.draft

After the first release the snapshot is frozen, and each change of the tables gets a revision of its own.
"""

from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import base as postgresql
from sqlalchemy.dialects.sqlite import base as sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from router.store.schema.tables import metadata

FOLDER = Path(__file__).parent / "versions"
DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.SQLiteDialect(),
    "postgresql": postgresql.PGDialect(),  # type: ignore[no-untyped-call] # SQLAlchemy gives it no types
}
BETWEEN = ";\n\n"


def statements(dialect: Dialect) -> list[str]:
    """Return what creates all tables and their indexes, in a stable order."""
    made = []
    for table in metadata.sorted_tables:
        made.append(CreateTable(table).compile(dialect=dialect))
        made += [
            CreateIndex(index).compile(dialect=dialect) for index in sorted(table.indexes, key=lambda i: str(i.name))
        ]
    return ["\n".join(line.rstrip() for line in str(text).strip().splitlines()) for text in made]


def snapshot(dialect: str) -> str:
    """Return the text of the snapshot for a dialect."""
    return BETWEEN.join(statements(DIALECTS[dialect])) + ";\n"


if __name__ == "__main__":
    for dialect_name in DIALECTS:
        (FOLDER / f"0001_first.{dialect_name}.sql").write_text(snapshot(dialect_name), encoding="utf-8")
