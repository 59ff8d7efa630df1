"""What police are to be asked about, and when a partner was asked last, are found by indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    for name, column in (("referral_to_ask", "still_there_at"), ("referral_asked", "reminded_at")):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "referrals", ["partner", column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them."""
    for name in ("referral_asked", "referral_to_ask"):
        op.drop_index(name, "referrals")
