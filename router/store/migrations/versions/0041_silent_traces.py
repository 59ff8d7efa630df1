"""Whose host is looked up on the policy's days."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "silent_traces",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
    )
    for column in ("case_id", "due_at"):
        op.create_index(f"ix_silent_traces_{column}", "silent_traces", [column])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("silent_traces")
