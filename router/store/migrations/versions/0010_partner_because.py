"""Why a partner is not called, and how far its clock is from ours: staff read what to mend, not only that it failed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of a partner that is down at this moment the reason stays unknown until its next try."""
    op.add_column("partner_state", sa.Column("because", sa.Text()))
    op.add_column("partner_state", sa.Column("clock_ahead", sa.Integer()))


def downgrade() -> None:
    """Forget both."""
    op.drop_column("partner_state", "clock_ahead")
    op.drop_column("partner_state", "because")
