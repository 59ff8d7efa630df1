"""What we said to a peer is not ours: when, whose we believe it to be, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("inbox", sa.Column("returned_at", sa.BigInteger()))
    op.add_column("inbox", sa.Column("returned", sa.LargeBinary()))
    op.add_column("cases", sa.Column("given_back_at", sa.BigInteger()))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("cases", "given_back_at")
    op.drop_column("inbox", "returned")
    op.drop_column("inbox", "returned_at")
