"""A case is found by the number that a police unit gave it, without a look at every referral."""

from alembic import op
from sqlalchemy import text

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BY_PEOPLE = text("by_people = 1")


def upgrade() -> None:
    """Index units' numbers by themselves."""
    op.drop_index("referral_receipt", "referrals")
    _index("receipt", "partner")
    op.create_index("ix_unit_answers_number", "unit_answers", ["number"])


def downgrade() -> None:
    """Index them by their unit again."""
    op.drop_index("ix_unit_answers_number", "unit_answers")
    op.drop_index("referral_receipt", "referrals")
    _index("partner", "receipt")


def _index(*columns: str) -> None:
    op.create_index(
        "referral_receipt", "referrals", list(columns), sqlite_where=_BY_PEOPLE, postgresql_where=_BY_PEOPLE
    )
