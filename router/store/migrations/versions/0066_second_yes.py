"""A version of the policy keeps who proposed it and who gave the second yes."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    for name in ("proposed_by", "confirmed_by"):
        op.add_column("policies", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for name in ("confirmed_by", "proposed_by"):
        op.drop_column("policies", name)
