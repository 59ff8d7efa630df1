"""Viewing sessions: a list that somebody took from the desk to a closed room, and what came back of it."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and the column."""
    op.add_column("leases", sa.Column("viewing", sa.Text()))
    op.create_table(
        "viewings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("open_by", sa.Text()),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("room", sa.Text()),
        sa.Column("digest", sa.Text()),
        sa.Column("ended_as", sa.Text()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ended_by", sa.Text()),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("open_by", name="viewing_open_by"),
    )
    op.create_table(
        "viewing_lines",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("viewing", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.BigInteger()),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("said", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("viewing_line_of", "viewing_lines", ["viewing", "place"])
    op.create_index("viewing_line_case", "viewing_lines", ["case_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("viewing_lines")
    op.drop_table("viewings")
    op.drop_column("leases", "viewing")
