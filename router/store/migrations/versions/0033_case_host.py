"""The cases of one host are found, and its open ones counted, by an index."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("case_host", "cases", ["host_bidx", "closed_at", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("case_host", "cases")
