"""A case may be with people for several reasons at once: what else is asked, and which referral each is about."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_COLUMNS = ("desk_about", "desk_more")


def upgrade() -> None:
    """Add the columns."""
    for name in _COLUMNS:
        op.add_column("cases", sa.Column(name, sa.Text()))


def downgrade() -> None:
    """Drop them."""
    for name in _COLUMNS:
        op.drop_column("cases", name)
