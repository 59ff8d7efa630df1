"""Letters of police units that name no case: people are told of each until somebody has read it."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and the index of what waits."""
    op.add_column("unit_letters", sa.Column("nameless", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("unit_letters", sa.Column("read_at", sa.BigInteger()))
    op.add_column("unit_letters", sa.Column("read_by", sa.Text()))
    waits = sa.text("nameless = 1 AND read_at IS NULL")
    op.create_index("letter_unread", "unit_letters", ["partner"], sqlite_where=waits, postgresql_where=waits)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("letter_unread", "unit_letters")
    for column in ("nameless", "read_at", "read_by"):
        op.drop_column("unit_letters", column)
