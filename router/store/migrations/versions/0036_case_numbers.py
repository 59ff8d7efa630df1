"""What others call a case, as people typed it with an act that belongs to no referral of ours to them."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "case_numbers",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number", name="case_numbers_pk"),
    )
    op.create_index("case_number", "case_numbers", ["number"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("case_numbers")
