"""What left after the backup that a store was put back from, of cases that it does not have."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "left_before_restore",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("url_bidx", sa.LargeBinary(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("dialect", sa.Text()),
        sa.Column("left_at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.Text()),
        sa.Column("their_report", sa.Text()),
        sa.Column("their_item", sa.Text()),
        sa.Column("taken_back_at", sa.BigInteger()),
    )
    op.create_index("left_before_url", "left_before_restore", ["url_bidx"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("left_before_restore")
