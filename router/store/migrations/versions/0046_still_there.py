"""At how many checks a person saw it still there: the policy's rules ask for that number."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Of what was seen before nothing is counted."""
    op.add_column("cases", sa.Column("still_there", sa.Integer(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("cases", "still_there")
