"""When it was found out that a referral had gone to the wrong country."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier ones it stands in the audit chain only."""
    op.add_column("referrals", sa.Column("misrouted_at", sa.BigInteger()))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("referrals", "misrouted_at")
