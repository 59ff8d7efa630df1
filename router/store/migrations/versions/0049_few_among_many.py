"""What is few beside a million has an index of its own: what is still there, what an inbox did not take."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_FEW = {
    "case_still_there": ("cases", "id", "still_there > 0 AND state <> 'closed'"),
    "hub_item_unfit": ("hub_items", "read_at", "state = 'unfit'"),
    "hub_item_untold": ("hub_items", "ended_at", "state = 'untold'"),
}


def upgrade() -> None:
    """Add the indexes."""
    for name, (table, column, where) in _FEW.items():
        said = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=said, postgresql_where=said)


def downgrade() -> None:
    """Drop them."""
    for name, (table, _, _) in _FEW.items():
        op.drop_index(name, table)
