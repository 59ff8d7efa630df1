"""Alarms, and a place on the desk that keeps its dates until somebody answers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: How soon what stands on the desk now must be answered, from the day it is migrated: never without a date again.
_DUE = (
    "UPDATE cases SET desk_due = desk_since + {seconds}000000 WHERE desk_code IS NOT NULL AND desk_due IS NULL AND {of}"
)


def upgrade() -> None:
    """Add the columns and tables; nothing that was there changes, but what had no due time gets one."""
    for name, kind in (
        ("desk_asked", sa.Text()),
        ("desk_first_since", sa.BigInteger()),
        ("desk_alarm", sa.Text()),
        ("acknowledged_at", sa.BigInteger()),
    ):
        op.add_column("cases", sa.Column(name, kind))
    op.add_column("sources", sa.Column("may_ring", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE sources SET may_ring = 1 WHERE kind IN ('public', 'analyst', 'police', 'peer')")
    _alarms()
    on_desk = sa.text("desk_code IS NOT NULL")
    op.drop_index("case_desk", "cases")  # what orders the desk now; a program of before only asks more slowly
    op.create_index(
        "case_waiting", "cases", ["rank", "desk_first_since"], sqlite_where=on_desk, postgresql_where=on_desk
    )
    op.execute("UPDATE cases SET desk_asked = desk_code, desk_first_since = desk_since WHERE desk_code IS NOT NULL")
    op.execute(_DUE.format(seconds=900, of="urgency <> 'none'"))
    op.execute(_DUE.format(seconds=86400, of="urgency = 'none'"))
    _ring_what_waits()


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", sa.BigInteger()),
        sa.Column("claims", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("told", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("count", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("acknowledged_at", sa.BigInteger()),
        sa.Column("acknowledged_by", sa.Text()),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
    )
    dated, house = sa.text("next_at IS NOT NULL"), sa.text("case_id IS NULL AND resolved_at IS NULL")
    op.create_index("ix_alarms_case_id", "alarms", ["case_id"])
    op.create_index("alarm_due", "alarms", ["next_at"], sqlite_where=dated, postgresql_where=dated)
    op.create_index("alarm_house", "alarms", ["code"], unique=True, sqlite_where=house, postgresql_where=house)
    op.create_table(
        "alarm_ways",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )


def _ring_what_waits() -> None:
    """A child at risk who is on the desk already rings as one that comes now; a case has one place, so one alarm."""
    op.execute(
        "INSERT INTO alarms (id, case_id, code, placed_at, version, next_at)"
        " SELECT id, id, desk_code, desk_since, 0, desk_since FROM cases"
        " WHERE desk_code IS NOT NULL AND (urgency <> 'none' OR desk_code = 'child_at_risk')"
    )
    op.execute(
        "UPDATE cases SET desk_alarm = id"
        " WHERE desk_code IS NOT NULL AND (urgency <> 'none' OR desk_code = 'child_at_risk')"
    )


def downgrade() -> None:
    """Restore a backup instead: what rang since would be lost."""
    raise NotImplementedError
