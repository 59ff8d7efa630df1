"""Who has seen which location, the second look at what was called not illegal, and how an act is undone."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the column."""
    op.add_column("cases", sa.Column("undo", sa.Text()))
    op.create_table(
        "sightings",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "by", name="sightings_pk"),
    )
    op.create_table(
        "second_looks",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("second", sa.Text()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("agrees", sa.Integer()),
    )
    op.create_index("second_look_of", "second_looks", ["case_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("second_looks")
    op.drop_table("sightings")
    op.drop_column("cases", "undo")
