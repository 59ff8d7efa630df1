"""When the checks in a row were that found no host, so that the policy's distance between them can be judged."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("cases", sa.Column("gone_seen", sa.Text()))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("cases", "gone_seen")
