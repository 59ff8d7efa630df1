"""Our own number of a report. Reports that are there get theirs at the next start, which can draw one."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and that no number is given twice."""
    op.add_column("reports", sa.Column("dossier", sa.Text()))
    op.create_index("report_dossier", "reports", ["dossier"], unique=True)


def downgrade() -> None:
    """A number that partners and police know is not thrown away: restore a backup instead."""
    raise NotImplementedError
