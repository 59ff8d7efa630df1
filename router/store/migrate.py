"""Bring a database's schema up to date: Alembic renders the SQL, our own drivers run it in one transaction.

Alembic's offline mode needs no second driver; the price is that a revision cannot read data to decide what to do. The
engine reads the revision it starts from under the migration lock, so that two starting processes do the work once.
"""

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep, StampStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from router.errors import CannotStart
from router.store.engine import Engine

SCRIPTS = ScriptDirectory(str(Path(__file__).parent / "migrations"))


class _Statements(list[str]):
    """Takes what Alembic prints, a statement at a time, and leaves its comments out."""

    def write(self, text: str) -> None:
        statement = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip().removesuffix(";")
        if statement:
            self.append(statement)

    def flush(self) -> None:
        """Nothing is held back."""


def newest() -> str:
    """Return the revision this program knows."""
    head = SCRIPTS.get_current_head()
    assert head is not None  # there is a first revision
    return head


def check_known(revision: str | None) -> None:
    """Raise CannotStart when the schema is newer than this program."""
    try:
        SCRIPTS.get_revisions(revision or "base")
    except CommandError:
        raise CannotStart(
            f"The database's schema {revision} is newer than this program ({newest()}); install the newer version."
        ) from None


def migration(dialect: str, revision: str | None) -> list[str]:
    """Return the statements that lead from a revision to the newest one. Raise CannotStart for an unknown one."""
    check_known(revision)
    statements = _Statements()

    def steps(_heads: object, _context: MigrationContext) -> list[StampStep | MigrationStep]:
        return list(SCRIPTS._upgrade_revs("head", revision or "base"))  # noqa: SLF001 - as Alembic's own cookbook does

    context = MigrationContext.configure(
        dialect_name=dialect,
        opts={"as_sql": True, "starting_rev": revision, "output_buffer": statements, "fn": steps, "script": SCRIPTS},
    )
    with Operations.context(context):
        context.run_migrations()
    return list(statements)


async def migrate(engine: Engine) -> None:
    """Bring the schema of an open engine up to date. Raise CannotStart when it is newer than this program."""
    await engine.migrate(migration)
