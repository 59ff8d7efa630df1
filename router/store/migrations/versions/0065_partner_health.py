"""How partners stand, as people ask: who paused them and why, when they last answered, since when the oldest waits."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.add_column("partner_state", sa.Column("answered_at", sa.BigInteger()))
    op.create_table(
        "partner_pauses",
        sa.Column("partner", sa.Text(), primary_key=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    where = sa.text("state = 'waiting'")
    columns = ["partner", "created_at"]
    op.create_index("referral_oldest", "referrals", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("referral_oldest", "referrals")
    op.drop_table("partner_pauses")
    op.drop_column("partner_state", "answered_at")
