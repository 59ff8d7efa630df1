"""The first schema, as a snapshot for each database."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    dialect = op.get_context().dialect.name
    snapshot = Path(__file__).with_name(f"0001_first.{dialect}.sql").read_text(encoding="utf-8")
    for statement in snapshot.removesuffix(";\n").split(";\n\n"):
        # A colon would otherwise be read as the start of a parameter.
        op.execute(statement.replace(":", r"\:"))


def downgrade() -> None:
    """There is nothing before the first schema: restore a backup instead."""
    raise NotImplementedError
