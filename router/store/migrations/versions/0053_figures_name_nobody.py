"""Figures keep of whom an act was only what kind they are, and checks that nobody had time for are found by an index.

Whoever of the staff decided or saw something stood in what figures are made of, which no purge removes.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_NOT_CHECKED = sa.text("finding = 'not_checked'")


#: SQL that says of what kind whoever acted is, and who decided; `{by}` stands for the column.
_WHO: Final = """CASE WHEN {by} IN ('policy', 'router', 'staff') THEN {by}
    WHEN {by} LIKE 'person:%' OR {by} LIKE 'local:%' THEN 'staff' ELSE 'partner' END"""
_HOW: Final = "CASE WHEN {by} IS NULL OR {by} = 'policy' THEN {by} ELSE 'staff' END"
_REFERRAL: Final = """
    INSERT INTO figure_referrals (id, case_id, partner, route, is_copy, created_at, first_sent_at, accepted_at, state,
        misrouted_at, decided_by)
    VALUES (NEW.id, NEW.case_id, NEW.partner, NEW.route, NEW.is_copy, NEW.created_at, NEW.first_sent_at,
        NEW.accepted_at, NEW.state, NEW.misrouted_at, (SELECT {who} FROM decisions WHERE id = NEW.decision_id))
    ON CONFLICT DO NOTHING;
    UPDATE figure_cases SET referred_at = NEW.created_at WHERE id = NEW.case_id AND referred_at IS NULL;""".replace(
    "{who}", _HOW.replace("{by}", 'decisions."by"')
)
_ACTION: Final = """
    INSERT INTO figure_signs (id, sign, case_id, at, "by")
    VALUES (NEW.id, NEW.action, NEW.case_id, NEW.at, {who}) ON CONFLICT DO NOTHING;""".replace(
    "{who}", _WHO.replace("{by}", 'NEW."by"')
)
_SECOND_LOOK: Final = """
    INSERT INTO figure_signs (id, sign, case_id, at, "by")
    VALUES (NEW.id, CASE WHEN NEW.agrees = 1 THEN 'second_look_agrees' ELSE 'second_look_differs' END, NEW.case_id,
        NEW.answered_at, 'staff') ON CONFLICT DO NOTHING;"""
#: Triggers of 0039 that are written anew: name, event, table, body, condition.
_TRIGGERS: Final = (
    ("figure_referral", "INSERT", "referrals", _REFERRAL, ""),
    ("figure_action", "INSERT", "actions", _ACTION, ""),
    (
        "figure_second_look", "UPDATE OF agrees", "second_looks", _SECOND_LOOK,
        "WHEN (NEW.agrees IS NOT NULL AND NEW.answered_at IS NOT NULL)",
    ),
)  # fmt: skip
_THERE: Final = (
    'UPDATE figure_signs SET "by" = ' + _WHO.replace("{by}", '"by"'),  # noqa: S608 - our own names
    "UPDATE figure_referrals SET decided_by = " + _HOW.replace("{by}", "decided_by"),  # noqa: S608 - our own names
)


def upgrade() -> None:
    """Write the triggers anew, and forget the names that are there."""
    on_postgresql = op.get_context().dialect.name == "postgresql"
    for name, event, table, body, when in _TRIGGERS:
        if on_postgresql:
            op.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
                f" AS $figure$ BEGIN {body} RETURN NULL; END $figure$"
            )
        else:
            op.execute(f"DROP TRIGGER {name}")
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} {when} BEGIN {body} END")
    for said in _THERE:
        op.execute(said)
    op.create_index(
        "follow_up_not_checked", "follow_ups", ["case_id"], sqlite_where=_NOT_CHECKED, postgresql_where=_NOT_CHECKED
    )


def downgrade() -> None:
    """Nobody knows the names any more, which was the purpose."""
    op.drop_index("follow_up_not_checked", "follow_ups")
