"""What went to the wrong country, and what was sent back, are counted for figures."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_COUNTED = {
    "referral_misrouted": "misrouted_at IS NOT NULL",
    "referral_bounced": "last_reason IN ('refused', 'not_ours')",
}


def upgrade() -> None:
    """Add an index of each."""
    for name, where in _COUNTED.items():
        said = sa.text(where)
        op.create_index(name, "referrals", ["id"], sqlite_where=said, postgresql_where=said)


def downgrade() -> None:
    """Take them away."""
    for name in _COUNTED:
        op.drop_index(name, "referrals")
