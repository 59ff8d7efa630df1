"""Whether police asked that nobody be told of a case is asked before anything leaves: without a look at all answers."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_unit_answers_case_id", "unit_answers", ["case_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_unit_answers_case_id", "unit_answers")
