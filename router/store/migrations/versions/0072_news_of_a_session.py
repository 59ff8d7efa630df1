"""News of an account keeps by which session it came, which is not the one to say that it is known."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    op.add_column("account_news", sa.Column("session", sa.Text()))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("account_news", "session")
