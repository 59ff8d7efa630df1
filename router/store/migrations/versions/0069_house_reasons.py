"""Why a stop was lifted, a partner called again and the like is kept, sealed, beside the chain that names it."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "house_reasons",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_house_reasons_at", "house_reasons", ["at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("house_reasons")
