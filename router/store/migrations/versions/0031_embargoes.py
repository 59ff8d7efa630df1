"""Embargoes: what must not leave until a date, and which cases that held."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "embargoes",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ask", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False, server_default=sa.text("'[]'")),
    )
    op.create_index("embargo_state", "embargoes", ["state"])
    op.create_table(
        "embargo_hits",
        sa.Column("embargo_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("resumed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("embargo_id", "case_id"),
    )
    op.create_index("ix_embargo_hits_case_id", "embargo_hits", ["case_id"])
    held = sa.text("resumed_at IS NULL")
    op.create_index("embargo_held", "embargo_hits", ["embargo_id"], sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    """What must not leave is not forgotten: restore a backup instead."""
    raise NotImplementedError
