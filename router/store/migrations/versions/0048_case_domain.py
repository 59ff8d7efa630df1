"""A registrable domain is found again: the blind index of each case's, filled while the router works.

What stands sealed only the router opens, so cases of before have none until `intake/domains` looked at them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index."""
    op.add_column("cases", sa.Column("domain_bidx", sa.LargeBinary()))
    op.create_index("case_domain", "cases", ["domain_bidx", "id"])


def downgrade() -> None:
    """Drop both."""
    op.drop_index("case_domain", "cases")
    op.drop_column("cases", "domain_bidx")
