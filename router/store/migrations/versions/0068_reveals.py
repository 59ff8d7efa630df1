"""Who revealed what, newest first, and of one person, is found by indexes that hold reveals and nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    where = sa.text("act = 'case.revealed'")
    for name, columns in (
        ("audit_revealed", ["at", "epoch", "seq"]),
        ("audit_revealed_by", ["actor", "at", "epoch", "seq"]),
    ):
        op.create_index(name, "audit", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them."""
    for name in ("audit_revealed_by", "audit_revealed"):
        op.drop_index(name, "audit")
