"""Of which closed case a location came back, and which people's sources reported it."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("cases", sa.Column("came_back_from", sa.Text()))
    op.add_column("cases", sa.Column("heard_from", sa.Text()))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("cases", "heard_from")
    op.drop_column("cases", "came_back_from")
