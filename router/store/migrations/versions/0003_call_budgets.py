"""How often a partner is called by dialects that make several calls for one referral, shared by all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; every budget is free."""
    op.create_table(
        "call_budgets",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Forget the pace: it begins anew."""
    op.drop_table("call_budgets")
