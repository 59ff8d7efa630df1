"""Where a partner says that something moved, and where we found it: the country beside the act."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier moves the country stands in the audit chain only."""
    op.add_column("actions", sa.Column("moved_to", sa.Text()))


def downgrade() -> None:
    """What a partner said is not thrown away: restore a backup instead."""
    raise NotImplementedError
