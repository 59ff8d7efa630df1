"""Dates that our clock measured while it was not believed are marked where figures are kept, when they are written.

The clock is in doubt while `meta` says so (`casework/believed`). What partners date themselves is their own clock's; so
is a report that says when the public made it.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

#: Of each table: which of its dates are ours, by the condition on which a new row has one of them.
_DATES: Final = {
    "figure_cases": {
        "received_at": "NEW.received_at = NEW.opened_at",
        "opened_at": "1 = 1",
        **{name: f"NEW.{name} IS NOT NULL" for name in ("seen_at", "gone_since", "closed_at")},
    },
    "figure_referrals": {name: f"NEW.{name} IS NOT NULL" for name in ("first_sent_at", "accepted_at")},
}
_CHANGE: Final = {
    "figure_cases": ("seen_at", "gone_since", "closed_at"),
    "figure_referrals": ("first_sent_at", "accepted_at"),
}
_CASE: Final = {"figure_cases": "NEW.id", "figure_referrals": "NEW.case_id"}
_MARK: Final = """
    INSERT INTO figure_doubts (id, what, case_id)
    SELECT NEW.id, one.what, {case} FROM ({dates}) AS one
    WHERE EXISTS (SELECT 1 FROM meta WHERE name IN ('clock_stopped', 'clock_apart')) ON CONFLICT DO NOTHING;"""
_SIGN: Final = "SELECT NEW.sign AS what WHERE NEW.\"by\" IN ('router', 'staff')"


def upgrade() -> None:
    """Make the table, and what writes it. Of what is there already nobody can tell."""
    op.create_table(
        "figure_doubts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "what", name="figure_doubts_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_figure_doubts_case_id", "figure_doubts", ["case_id"])
    for table, dates in _DATES.items():
        _trigger(f"{table}_doubt", "INSERT", table, _mark(dates, _CASE[table]))
        changed = {name: f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _CHANGE[table]}
        anew = " OR ".join(f"(what = '{name}' AND {differs})" for name, differs in changed.items())
        forget = f"DELETE FROM figure_doubts WHERE id = NEW.id AND ({anew});"  # noqa: S608 - our own names
        given = {name: f"{dates[name]} AND {differs}" for name, differs in changed.items()}
        _trigger(
            f"{table}_doubted", f"UPDATE OF {', '.join(changed)}", table, forget + _mark(given, _CASE[table]),
            f"WHEN ({' OR '.join(changed.values())})",
        )  # fmt: skip
    _trigger("figure_signs_doubt", "INSERT", "figure_signs", _MARK.format(case="NEW.case_id", dates=_SIGN))


def _mark(dates: dict[str, str], case: str) -> str:
    each = (f"SELECT '{name}' AS what WHERE {when}" for name, when in dates.items())
    return _MARK.format(case=case, dates=" UNION ALL ".join(each))


def _trigger(name: str, event: str, table: str, body: str, when: str = "") -> None:
    does = f"{when} BEGIN {body} END"
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
            f" AS $figure$ BEGIN {body} RETURN NULL; END $figure$"
        )
        does = f"FOR EACH ROW {when} EXECUTE FUNCTION {name}()"
    op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} {does}")


def downgrade() -> None:
    """What was measured in doubt stands here only: restore a backup instead."""
    raise NotImplementedError
