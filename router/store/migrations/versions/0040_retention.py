"""What is erased of a closed case, what is held beyond its time, and the record of what was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, the indexes and the tables."""
    op.add_column("cases", sa.Column("erased", sa.Text()))
    op.create_index("case_kept", "cases", ["closed_at", "id", "erased"])
    op.create_index("inbox_case", "inbox", ["case_id"])
    op.create_table(
        "legal_holds",
        sa.Column("case_id", sa.Text(), primary_key=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("erasures")
    op.drop_table("legal_holds")
    op.drop_index("inbox_case", "inbox")
    op.drop_index("case_kept", "cases")
    op.drop_column("cases", "erased")
