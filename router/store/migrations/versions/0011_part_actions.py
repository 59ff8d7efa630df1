"""What partners did with parts of what they were given: a hub works on each file of a page by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "part_actions",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("moved_to", sa.Text()),
        sa.UniqueConstraint("referral_id", "part", "action", "at"),
    )
    op.create_index("ix_part_actions_referral_id", "part_actions", ["referral_id"])


def downgrade() -> None:
    """What a partner said is not thrown away: restore a backup instead."""
    raise NotImplementedError
