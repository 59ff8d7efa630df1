"""What only watches is found without a look at every case: an inbox that becomes ours asks for it in each turn."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    watching = sa.text("watching = 1")
    op.create_index("case_watching", "cases", ["source"], sqlite_where=watching, postgresql_where=watching)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("case_watching", "cases")
