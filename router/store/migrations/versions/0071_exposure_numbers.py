"""What one person reveals is numbered, so that two acts of the same moment cannot both be the last that is let through.

What was revealed before has no number, nor has what no limit depends on; the first number is the first act after this.
"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    op.add_column("exposures", sa.Column("number", sa.BigInteger()))
    op.create_index("exposure_number", "exposures", ["by", "number"], unique=True)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("exposure_number", "exposures")
    op.drop_column("exposures", "number")
