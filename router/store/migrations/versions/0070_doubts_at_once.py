"""Whether our clock was in doubt is asked before a date is marked for it, on PostgreSQL once a statement.

What revision 0063 marks stays what it was. There each row called a function, which looked for marks to take away and
wrote those that were due; nearly always there are none. On SQLite the look is the trigger's own condition, on
PostgreSQL the first thing of a trigger that is called once for all rows of a statement. What figures keep of a changed
case is written a statement at a time there too, as revision 0057 does with the rest: else it would call the other for
each row.
"""

from typing import Final

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

#: As in revision 0063, with the row's name left open: which dates of a table are ours, by when a row has one.
_DATES: Final = {
    "figure_cases": {
        "received_at": "{row}.received_at = {row}.opened_at",
        "opened_at": "1 = 1",
        **{name: f"{{row}}.{name} IS NOT NULL" for name in ("seen_at", "gone_since", "closed_at")},
    },
    "figure_referrals": {name: f"{{row}}.{name} IS NOT NULL" for name in ("first_sent_at", "accepted_at")},
}
_CHANGE: Final = {
    "figure_cases": ("seen_at", "gone_since", "closed_at"),
    "figure_referrals": ("first_sent_at", "accepted_at"),
}
_CASE: Final = {"figure_cases": "id", "figure_referrals": "case_id"}
_IN_DOUBT: Final = "EXISTS (SELECT 1 FROM meta WHERE name IN ('clock_stopped', 'clock_apart'))"
#: As in revision 0039, of all cases that a statement changed, and only where something is kept otherwise.
_CASE_CHANGED: Final = """
    UPDATE figure_cases AS kept SET site_type = added.site_type, assessment = added.assessment,
        assessed_at = added.assessed_at, staff_assessment = added.staff_assessment,
        staff_assessed_at = added.staff_assessed_at, outcome = added.outcome, closed_at = added.closed_at,
        verdict = CASE WHEN kept.referred_at IS NULL THEN added.verdict ELSE kept.verdict END,
        country = CASE WHEN kept.referred_at IS NULL THEN added.hosting_country ELSE kept.country END,
        moved = CASE WHEN added.moved_from IS NULL THEN kept.moved ELSE 1 END,
        gone_since = (added.gone_seen::json ->> 0)::bigint
    FROM added WHERE kept.id = added.id
        AND (kept.site_type IS DISTINCT FROM added.site_type OR kept.assessment <> added.assessment
            OR kept.assessed_at IS DISTINCT FROM added.assessed_at
            OR kept.staff_assessment IS DISTINCT FROM added.staff_assessment
            OR kept.staff_assessed_at IS DISTINCT FROM added.staff_assessed_at
            OR kept.outcome IS DISTINCT FROM added.outcome OR kept.closed_at IS DISTINCT FROM added.closed_at
            OR (kept.referred_at IS NULL AND (kept.verdict IS DISTINCT FROM added.verdict
                OR kept.country IS DISTINCT FROM added.hosting_country))
            OR (kept.moved = 0 AND added.moved_from IS NOT NULL)
            OR kept.gone_since IS DISTINCT FROM (added.gone_seen::json ->> 0)::bigint);"""


def upgrade() -> None:
    """Write the triggers anew."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER figure_case_changed ON cases")
        _trigger("figure_case_changed", "UPDATE", "cases", "NEW TABLE AS added", _CASE_CHANGED)
    made = _on_postgresql if op.get_context().dialect.name == "postgresql" else _on_sqlite
    for table in _DATES:
        made(table)


def _marks(table: str, row: str, when: dict[str, str]) -> str:
    """Return what marks those dates of a row that it has by `when`."""
    each = " UNION ALL ".join(f"SELECT '{name}' AS what WHERE {so.format(row=row)}" for name, so in when.items())
    return f"SELECT {row}.id, one.what, {row}.{_CASE[table]} FROM {{rows}} ({each}) AS one"  # noqa: S608 - our names


def _changed(table: str, old: str, new: str) -> dict[str, str]:
    return {name: f"{new}.{name} IS DISTINCT FROM {old}.{name}" for name in _CHANGE[table]}


def _anew(table: str, old: str, new: str) -> str:
    return " OR ".join(f"(what = '{name}' AND {so})" for name, so in _changed(table, old, new).items())


def _given(table: str, old: str, new: str) -> dict[str, str]:
    return {name: f"{_DATES[table][name]} AND {so}" for name, so in _changed(table, old, new).items()}


def _on_sqlite(table: str) -> None:
    op.execute(f"DROP TRIGGER {table}_doubt")
    op.execute(f"DROP TRIGGER {table}_doubted")
    added = _marks(table, "NEW", _DATES[table]).format(rows="")
    op.execute(
        f"CREATE TRIGGER {table}_doubt AFTER INSERT ON {table} WHEN {_IN_DOUBT}"
        f" BEGIN INSERT INTO figure_doubts (id, what, case_id) {added} WHERE true ON CONFLICT DO NOTHING; END"
    )
    differs = " OR ".join(_changed(table, "OLD", "NEW").values())
    marked = "EXISTS (SELECT 1 FROM figure_doubts WHERE id = NEW.id)"
    changed = _marks(table, "NEW", _given(table, "OLD", "NEW")).format(rows="")
    op.execute(
        f"CREATE TRIGGER {table}_doubted AFTER UPDATE OF {', '.join(_CHANGE[table])} ON {table}"  # noqa: S608 - likewise
        f" WHEN ({differs}) AND ({_IN_DOUBT} OR {marked}) BEGIN"
        f" DELETE FROM figure_doubts WHERE id = NEW.id AND ({_anew(table, 'OLD', 'NEW')});"
        f" INSERT INTO figure_doubts (id, what, case_id) {changed} WHERE {_IN_DOUBT} ON CONFLICT DO NOTHING; END"
    )


def _on_postgresql(table: str) -> None:
    op.execute(f"DROP TRIGGER {table}_doubt ON {table}")
    op.execute(f"DROP TRIGGER {table}_doubted ON {table}")
    added = _marks(table, "added", _DATES[table]).format(rows="added CROSS JOIN LATERAL")
    _trigger(
        f"{table}_doubt", "INSERT", table, "NEW TABLE AS added",
        f"IF {_IN_DOUBT} THEN"
        f" INSERT INTO figure_doubts (id, what, case_id) {added} ON CONFLICT DO NOTHING; END IF;",
    )  # fmt: skip
    rows = "added JOIN gone ON gone.id = added.id CROSS JOIN LATERAL"
    changed = _marks(table, "added", _given(table, "gone", "added")).format(rows=rows)
    _trigger(
        f"{table}_doubted", "UPDATE", table, "OLD TABLE AS gone NEW TABLE AS added",
        f"IF {_IN_DOUBT} OR EXISTS (SELECT 1 FROM figure_doubts WHERE id IN (SELECT id FROM added)) THEN"  # noqa: S608 - our own names
        f" DELETE FROM figure_doubts AS kept USING added, gone WHERE kept.id = added.id AND gone.id = added.id"
        f" AND ({_anew(table, 'gone', 'added')});"
        f" INSERT INTO figure_doubts (id, what, case_id) {changed} WHERE {_IN_DOUBT} ON CONFLICT DO NOTHING; END IF;",
    )  # fmt: skip


def _trigger(name: str, event: str, table: str, rows: str, does: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $figure$ BEGIN {does} RETURN NULL; END $figure$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    """What was measured in doubt stands here only: restore a backup instead."""
    raise NotImplementedError
