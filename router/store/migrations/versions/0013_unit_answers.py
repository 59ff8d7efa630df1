"""What a police unit was handed, in which bundle, and what it said of that: brought by people, not by its system."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, the table and what finds a number again."""
    op.add_column("referrals", sa.Column("by_people", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("referrals", sa.Column("bundle", sa.Text()))
    op.create_index("ix_referrals_bundle", "referrals", ["bundle"])
    of_units = sa.text("by_people = 1")
    op.create_index(
        "referral_receipt",
        "referrals",
        ["partner", "receipt"],
        sqlite_where=of_units,
        postgresql_where=of_units,
    )
    op.create_table(
        "unit_answers",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("until", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
    )
    op.create_index("ix_unit_answers_referral_id", "unit_answers", ["referral_id"])


def downgrade() -> None:
    """Forget what units said."""
    op.drop_table("unit_answers")
    op.drop_index("referral_receipt", "referrals")
    op.drop_index("ix_referrals_bundle", "referrals")
    op.drop_column("referrals", "bundle")
    op.drop_column("referrals", "by_people")
