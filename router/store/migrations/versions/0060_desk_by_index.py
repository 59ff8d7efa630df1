"""What stands on the desk for several reasons is counted by its index alone, however it is narrowed."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_ALSO = sa.text("desk_also IS NOT NULL")
_BEFORE = ["desk_also"]
_NOW = ["desk_also", "desk_code", "source", "hosting_country", "id"]


def upgrade() -> None:
    """Give the index what lists are narrowed by."""
    _replaced(_NOW)


def downgrade() -> None:
    """Take it away."""
    _replaced(_BEFORE)


def _replaced(columns: list[str]) -> None:
    op.drop_index("case_desk_also", "cases")
    op.create_index("case_desk_also", "cases", columns, sqlite_where=_ALSO, postgresql_where=_ALSO)
