"""Half-done referrals are found by an index that holds nothing else, so that they go before what has not begun."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    begun = sa.text("progress_step IS NOT NULL AND next_at IS NOT NULL")
    op.create_index(
        "referral_begun", "referrals", ["partner", "rank", "next_at"], sqlite_where=begun, postgresql_where=begun
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("referral_begun", "referrals")
