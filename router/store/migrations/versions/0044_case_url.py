"""A location is found again after its case was closed."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("case_url", "cases", ["url_bidx", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("case_url", "cases")
