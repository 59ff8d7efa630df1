"""Links after a loss: who agreed that it is the person who asks, and what people are told of their accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and the table."""
    op.add_column("tokens", sa.Column("asked_at", sa.BigInteger()))
    op.add_column("tokens", sa.Column("yes_by", sa.Text()))
    op.create_table(
        "account_news",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_account_news_account_id", "account_news", ["account_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("account_news")
    for name in ("yes_by", "asked_at"):
        op.drop_column("tokens", name)
