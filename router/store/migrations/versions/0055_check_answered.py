"""What a person saw at a check takes the place of `unclear` in the figures: the sign of a check follows its finding."""

from typing import Final

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

#: As in 0039, where a second finding of a check was counted beside the first.
_CHECK: Final = """
    INSERT INTO figure_signs (id, sign, case_id, at, "by")
    VALUES (NEW.id, 'check_' || NEW.finding, NEW.case_id, NEW.done_at, 'router')
    ON CONFLICT DO NOTHING;
    DELETE FROM figure_signs WHERE id = NEW.id AND sign <> 'check_' || NEW.finding;"""
_WHEN: Final = "WHEN (NEW.done_at IS NOT NULL AND NEW.finding IS NOT NULL)"


def upgrade() -> None:
    """Write the trigger anew."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION figure_check() RETURNS trigger LANGUAGE plpgsql"
            f" AS $figure$ BEGIN {_CHECK} RETURN NULL; END $figure$"
        )
    else:
        op.execute("DROP TRIGGER figure_check")
        op.execute(
            f"CREATE TRIGGER figure_check AFTER UPDATE OF done_at, finding ON follow_ups {_WHEN} BEGIN {_CHECK} END"
        )


def downgrade() -> None:
    """What was counted by its last finding stays so."""
