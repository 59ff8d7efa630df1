"""Referrals that are sent in several steps: how far each is, and whether its next call may have been made already."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. A referral that is on its way has not begun, and is in doubt only by its claims."""
    op.add_column("referrals", sa.Column("progress", sa.LargeBinary()))
    op.add_column("referrals", sa.Column("progress_step", sa.Text()))
    op.add_column("referrals", sa.Column("progress_text", sa.Text()))
    op.add_column("referrals", sa.Column("progress_at", sa.BigInteger()))
    op.add_column("referrals", sa.Column("in_doubt", sa.Integer(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """A column with what a partner has of a referral is not thrown away: restore a backup instead."""
    raise NotImplementedError
