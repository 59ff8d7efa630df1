"""What partners are reminded of: since when, and who took the one digest of a partner's day."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and the table."""
    for name in ("still_there_at", "reminded_at"):
        op.add_column("referrals", sa.Column(name, sa.BigInteger()))
    op.create_table(
        "reminders",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "day", name="reminders_pk"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("reminders")
    for name in ("reminded_at", "still_there_at"):
        op.drop_column("referrals", name)
