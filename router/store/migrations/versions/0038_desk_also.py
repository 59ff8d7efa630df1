"""A case is found by each reason for which people have it, not only by the most urgent one."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_DESK = sa.text("desk_code IS NOT NULL")
_ALSO = sa.text("desk_also IS NOT NULL")
_ORDERS = {
    "case_waiting": ("rank", "desk_first_since", "id"),
    "case_oldest": ("desk_first_since", "id"),
    "case_desk_due": ("desk_due", "id"),
}
_NARROWED = ("desk_code", "source", "hosting_country", "desk_also")
#: The codes of what else is asked of a case, one after the other.
_CODES = {
    "sqlite": "SELECT group_concat(json_extract(value, '$.code'), ',') FROM json_each(desk_more)",
    "postgresql": "SELECT string_agg(one ->> 'code', ',') FROM json_array_elements(CAST(desk_more AS json)) AS one",
}


def upgrade() -> None:
    """Add the column, fill it from what is asked, and let the desk's indexes hold it."""
    op.add_column("cases", sa.Column("desk_also", sa.Text()))
    codes = _CODES[op.get_context().dialect.name]
    op.execute(f"UPDATE cases SET desk_also = ',' || ({codes}) || ',' WHERE desk_more IS NOT NULL")  # noqa: S608 - ours
    op.create_index("case_desk_also", "cases", ["desk_also"], sqlite_where=_ALSO, postgresql_where=_ALSO)
    for name, order in _ORDERS.items():
        op.drop_index(name, "cases")
        op.create_index(name, "cases", [*order, *_NARROWED], sqlite_where=_DESK, postgresql_where=_DESK)


def downgrade() -> None:
    """Drop the column, and let the indexes be as they were."""
    for name, order in _ORDERS.items():
        op.drop_index(name, "cases")
        op.create_index(name, "cases", [*order, *_NARROWED[:-1]], sqlite_where=_DESK, postgresql_where=_DESK)
    op.drop_index("case_desk_also", "cases")
    op.drop_column("cases", "desk_also")
