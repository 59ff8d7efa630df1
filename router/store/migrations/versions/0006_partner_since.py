"""Since when a partner is not called: staff are told why something waits, and for how long it has."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of a partner that is not called at this moment it stays unknown."""
    op.add_column("partner_state", sa.Column("since", sa.BigInteger()))


def downgrade() -> None:
    """Forget since when."""
    op.drop_column("partner_state", "since")
