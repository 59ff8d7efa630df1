"""What people ask of us about themselves, and an index of the accounts that items name."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the register and the index."""
    op.create_table(
        "requests",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("extended", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("agreed_by", sa.Text()),
        sa.Column("agreed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.Text()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
    )
    still = sa.text("closed_at IS NULL")
    op.create_index("request_due", "requests", ["due_on"], sqlite_where=still, postgresql_where=still)
    op.add_column("items", sa.Column("account_bidx", sa.LargeBinary()))
    named = sa.text("account_bidx IS NOT NULL")
    op.create_index("item_account", "items", ["account_bidx"], sqlite_where=named, postgresql_where=named)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("item_account", "items")
    op.drop_column("items", "account_bidx")
    op.drop_table("requests")
