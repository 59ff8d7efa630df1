"""Why something is stopped is sealed; what is there in the clear is sealed at the next start, which has the keys."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the sealed column."""
    op.add_column("stops", sa.Column("sealed", sa.LargeBinary()))


def downgrade() -> None:
    """Drop the sealed column, and the reasons in it."""
    op.drop_column("stops", "sealed")
