"""Items that are pages and files, each with an assessment of its own; when a location was last seen there."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what a report was assessed as is what each of its items was."""
    unassessed = sa.text("'unassessed'")
    op.add_column("items", sa.Column("assessment", sa.Text(), nullable=False, server_default=unassessed))
    op.add_column("items", sa.Column("heard_at", sa.BigInteger()))
    op.execute(
        "UPDATE items SET assessment = (SELECT assessment FROM reports WHERE reports.id = items.report_id),"
        " heard_at = (SELECT heard_at FROM reports WHERE reports.id = items.report_id)"
        " WHERE EXISTS (SELECT 1 FROM reports WHERE reports.id = items.report_id)"
    )
    for name, column in (("item_reference", "reference_bidx"), ("item_parent", "parent_bidx")):
        op.add_column("items", sa.Column(column, sa.LargeBinary()))
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "items", [column], sqlite_where=given, postgresql_where=given)
    op.add_column("cases", sa.Column("last_seen_at", sa.BigInteger()))


def downgrade() -> None:
    """What was found of an item is not thrown away: restore a backup instead."""
    raise NotImplementedError
