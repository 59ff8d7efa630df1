"""Nothing stands on the desk without a date by which somebody must answer: held by the database itself.

Since 0005 every place on the desk has one. SQLite adds no rule to a table that is there, and copying a million cases
for one is no way to start: two triggers say the same.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_RULE = "(desk_code IS NULL AND desk_asked IS NULL) OR desk_due IS NOT NULL"
_NEW = "(NEW.desk_code IS NOT NULL OR NEW.desk_asked IS NOT NULL) AND NEW.desk_due IS NULL"
_TRIGGERS = {"insert": "INSERT", "update": "UPDATE OF desk_code, desk_asked, desk_due"}


def upgrade() -> None:
    """Add the rule."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE cases ADD CONSTRAINT desk_is_due CHECK ({_RULE})")
        return
    for name, event in _TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER desk_is_due_{name} BEFORE {event} ON cases WHEN {_NEW}"
            " BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: desk_is_due'); END"
        )


def downgrade() -> None:
    """Drop it."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE cases DROP CONSTRAINT desk_is_due")
        return
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER desk_is_due_{name}")
