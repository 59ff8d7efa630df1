"""Who has which item of the desk before them, and who handed one on today."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "leases",
        sa.Column("case_id", sa.Text(), primary_key=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
    op.create_index("lease_by", "leases", ["by", "until"])
    op.create_table(
        "passed_on",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "by", name="passed_on_pk"),
    )
    op.create_index("passed_on_by", "passed_on", ["by", "until"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("passed_on")
    op.drop_table("leases")
