"""Trails of cases for a magistrate; and which version of the program wrote an epoch of the audit chain."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and the column."""
    op.create_table(
        "trails",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("agreed_by", sa.Text()),
        sa.Column("made_at", sa.BigInteger()),
        sa.Column("json_digest", sa.Text()),
        sa.Column("text_digest", sa.Text()),
        sa.Column("papers", sa.LargeBinary()),
    )
    op.create_index("ix_trails_case_id", "trails", ["case_id"])
    op.add_column("epochs", sa.Column("program", sa.Text()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("epochs", "program")
    op.drop_table("trails")
