"""What figures are made of is kept apart from what is erased, by triggers; and what was published, word for word.

The triggers are written once for both engines: their bodies are the SQL that SQLite and PostgreSQL share. What is there
already is taken over.
"""

from typing import Final, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_CLOSED = sa.text("state = 'closed'")


class _Trigger(NamedTuple):
    """What is done after an event of a table; `{gone}` stands for the first moment of a JSON list of them."""

    name: str
    event: str
    table: str
    does: str
    when: str = ""


_REPORT: Final = """
    INSERT INTO figure_reports (id, source, received_at, taken_at)
    VALUES (NEW.id, NEW.source, NEW.received_at, NEW.taken_at) ON CONFLICT DO NOTHING;"""
_ITEM: Final = """
    INSERT INTO figure_items (id, report_id, case_id, position, added_at)
    VALUES (NEW.id, NEW.report_id, NEW.case_id, NEW.position, NEW.added_at) ON CONFLICT DO NOTHING;"""
_CASE: Final = """
    INSERT INTO figure_cases (id, received_at, opened_at, source, source_kind, kind, site_type, assessment, assessed_at,
        staff_assessment, staff_assessed_at, verdict, country, outcome, closed_at, came_back)
    VALUES (NEW.id, NEW.received_at, NEW.opened_at, NEW.source, NEW.source_kind, NEW.kind, NEW.site_type,
        NEW.assessment, NEW.assessed_at, NEW.staff_assessment, NEW.staff_assessed_at, NEW.verdict, NEW.hosting_country,
        NEW.outcome, NEW.closed_at,
        CASE WHEN EXISTS (SELECT 1 FROM cases AS before WHERE before.url_bidx = NEW.url_bidx
            AND before.state = 'closed' AND before.id <> NEW.id) THEN 1 ELSE 0 END)
    ON CONFLICT DO NOTHING;"""
_OF_CASE: Final = (
    *("site_type", "assessment", "assessed_at", "staff_assessment", "staff_assessed_at", "outcome", "closed_at"),
    *("verdict", "hosting_country", "moved_from", "gone_seen"),
)
_CASE_CHANGED: Final = """
    UPDATE figure_cases SET site_type = NEW.site_type, assessment = NEW.assessment, assessed_at = NEW.assessed_at,
        staff_assessment = NEW.staff_assessment, staff_assessed_at = NEW.staff_assessed_at, outcome = NEW.outcome,
        closed_at = NEW.closed_at,
        verdict = CASE WHEN referred_at IS NULL THEN NEW.verdict ELSE verdict END,
        country = CASE WHEN referred_at IS NULL THEN NEW.hosting_country ELSE country END,
        moved = CASE WHEN NEW.moved_from IS NULL THEN moved ELSE 1 END,
        gone_since = {gone} WHERE id = NEW.id;"""
_TRACE: Final = """
    UPDATE figure_cases SET traced_at = NEW.traced_at,
        provider = CASE WHEN referred_at IS NULL THEN NEW.provider ELSE provider END,
        seen_at = CASE WHEN NEW.outcome = 'ok' THEN NEW.traced_at ELSE seen_at END
    WHERE id = NEW.case_id AND (traced_at IS NULL OR traced_at <= NEW.traced_at);"""
_REFERRAL: Final = """
    INSERT INTO figure_referrals (id, case_id, partner, route, is_copy, created_at, first_sent_at, accepted_at, state,
        misrouted_at, decided_by)
    VALUES (NEW.id, NEW.case_id, NEW.partner, NEW.route, NEW.is_copy, NEW.created_at, NEW.first_sent_at,
        NEW.accepted_at, NEW.state, NEW.misrouted_at, (SELECT "by" FROM decisions WHERE id = NEW.decision_id))
    ON CONFLICT DO NOTHING;
    UPDATE figure_cases SET referred_at = NEW.created_at WHERE id = NEW.case_id AND referred_at IS NULL;"""
_OF_REFERRAL: Final = ("first_sent_at", "accepted_at", "state", "misrouted_at", "last_reason")
_REFERRAL_CHANGED: Final = """
    UPDATE figure_referrals SET first_sent_at = NEW.first_sent_at, accepted_at = NEW.accepted_at, state = NEW.state,
        misrouted_at = NEW.misrouted_at,
        sent_back = CASE WHEN NEW.last_reason IN ('refused', 'not_ours') THEN 1 ELSE sent_back END
    WHERE id = NEW.id;"""
_ACTION: Final = """
    INSERT INTO figure_signs (id, sign, case_id, at, "by") VALUES (NEW.id, NEW.action, NEW.case_id, NEW.at, NEW."by")
    ON CONFLICT DO NOTHING;"""
_CHECK: Final = """
    INSERT INTO figure_signs (id, sign, case_id, at, "by")
    VALUES (NEW.id, 'check_' || NEW.finding, NEW.case_id, NEW.done_at, 'router') ON CONFLICT DO NOTHING;"""
_SECOND_LOOK: Final = """
    INSERT INTO figure_signs (id, sign, case_id, at, "by")
    VALUES (NEW.id, CASE WHEN NEW.agrees = 1 THEN 'second_look_agrees' ELSE 'second_look_differs' END, NEW.case_id,
        NEW.answered_at, coalesce(NEW."second", NEW."first")) ON CONFLICT DO NOTHING;"""


def _update_of(columns: tuple[str, ...]) -> str:
    return f"UPDATE OF {', '.join(columns)}"


def _differs(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{one} IS DISTINCT FROM NEW.{one}" for one in columns)


_TRIGGERS: Final = (
    _Trigger("figure_report", "INSERT", "reports", _REPORT),
    _Trigger("figure_item", "INSERT", "items", _ITEM),
    _Trigger("figure_case", "INSERT", "cases", _CASE),
    _Trigger("figure_case_changed", _update_of(_OF_CASE), "cases", _CASE_CHANGED, _differs(_OF_CASE)),
    _Trigger("figure_trace", "INSERT", "traces", _TRACE),
    _Trigger("figure_referral", "INSERT", "referrals", _REFERRAL),
    _Trigger(
        "figure_referral_changed", _update_of(_OF_REFERRAL), "referrals", _REFERRAL_CHANGED, _differs(_OF_REFERRAL)
    ),
    _Trigger("figure_action", "INSERT", "actions", _ACTION),
    _Trigger(
        "figure_check", "UPDATE OF done_at, finding", "follow_ups", _CHECK,
        "NEW.done_at IS NOT NULL AND NEW.finding IS NOT NULL",
    ),
    _Trigger(
        "figure_second_look", "UPDATE OF agrees", "second_looks", _SECOND_LOOK,
        "NEW.agrees IS NOT NULL AND NEW.answered_at IS NOT NULL",
    ),
)  # fmt: skip

#: What is there at the upgrade, as the triggers would have kept it; where it was first, as far as rows still say it.
_THERE: Final = (
    """INSERT INTO figure_reports (id, source, received_at, taken_at)
    SELECT id, source, received_at, taken_at FROM reports""",
    """INSERT INTO figure_items (id, report_id, case_id, position, added_at)
    SELECT id, report_id, case_id, position, added_at FROM items""",
    """INSERT INTO figure_cases (id, received_at, opened_at, source, source_kind, kind, site_type, assessment,
        assessed_at, staff_assessment, staff_assessed_at, verdict, country, outcome, closed_at, came_back, moved,
        traced_at, seen_at, referred_at)
    SELECT id, received_at, opened_at, source, source_kind, kind, site_type, assessment, assessed_at,
        staff_assessment, staff_assessed_at, verdict, coalesce(moved_from, hosting_country), outcome, closed_at,
        CASE WHEN EXISTS (SELECT 1 FROM cases AS before WHERE before.url_bidx = cases.url_bidx
            AND before.closed_at <= cases.opened_at AND before.id <> cases.id) THEN 1 ELSE 0 END,
        CASE WHEN moved_from IS NULL THEN 0 ELSE 1 END, traced_at,
        (SELECT max(traces.traced_at) FROM traces WHERE traces.case_id = cases.id AND traces.outcome = 'ok'),
        (SELECT min(created_at) FROM referrals WHERE referrals.case_id = cases.id)
    FROM cases""",
    """INSERT INTO figure_referrals (id, case_id, partner, route, is_copy, created_at, first_sent_at, accepted_at,
        state, misrouted_at, decided_by, sent_back)
    SELECT id, case_id, partner, route, is_copy, created_at, first_sent_at, accepted_at, state, misrouted_at,
        (SELECT decisions."by" FROM decisions WHERE decisions.id = referrals.decision_id),
        CASE WHEN last_reason IN ('refused', 'not_ours') THEN 1 ELSE 0 END
    FROM referrals""",
    """INSERT INTO figure_signs (id, sign, case_id, at, "by") SELECT id, action, case_id, at, "by" FROM actions""",
    """INSERT INTO figure_signs (id, sign, case_id, at, "by")
    SELECT id, 'check_' || finding, case_id, done_at, 'router' FROM follow_ups
    WHERE done_at IS NOT NULL AND finding IS NOT NULL""",
    """INSERT INTO figure_signs (id, sign, case_id, at, "by")
    SELECT id, CASE WHEN agrees = 1 THEN 'second_look_agrees' ELSE 'second_look_differs' END, case_id, answered_at,
        coalesce("second", "first") FROM second_looks WHERE agrees IS NOT NULL AND answered_at IS NOT NULL""",
)


def upgrade() -> None:
    """Make the tables, keep them written, and take over what is there."""
    op.add_column("traces", sa.Column("provider", sa.Text()))
    op.create_index("case_closed_url", "cases", ["url_bidx"], sqlite_where=_CLOSED, postgresql_where=_CLOSED)
    _tables()
    on_postgresql = op.get_context().dialect.name == "postgresql"
    gone = "(NEW.gone_seen::json ->> 0)::bigint" if on_postgresql else "json_extract(NEW.gone_seen, '$[0]')"
    for one in _TRIGGERS:
        body, when = one.does.replace("{gone}", gone), f"WHEN ({one.when})" if one.when else ""
        does = f"{when} BEGIN {body} END"
        if on_postgresql:
            op.execute(
                f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql"
                f" AS $figure$ BEGIN {body} RETURN NULL; END $figure$"
            )
            does = f"FOR EACH ROW {when} EXECUTE FUNCTION {one.name}()"
        op.execute(f"CREATE TRIGGER {one.name} AFTER {one.event} ON {one.table} {does}")
    for said in _THERE:
        op.execute(said)


def _tables() -> None:
    op.create_table(
        "figure_reports",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("figure_report_received", "figure_reports", ["received_at", "id"])
    op.create_table(
        "figure_items",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_figure_items_report_id", "figure_items", ["report_id"])
    _case_tables()
    op.create_table(
        "figure_signs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sign", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sign", name="figure_signs_pk"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "figure_marks",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "what", "value", name="figure_marks_pk"),
        sqlite_with_rowid=False,
    )
    for table in ("figure_items", "figure_referrals", "figure_signs", "figure_marks"):
        op.create_index(f"ix_{table}_case_id", table, ["case_id"])
    op.create_table(
        "figure_editions",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    of_one = ["audience", "first_day", "last_day", "number"]
    op.create_index("figure_edition", "figure_editions", of_one, unique=True)


def _case_tables() -> None:
    op.create_table(
        "figure_cases",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("received_at", "opened_at")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "source_kind", "kind")),
        sa.Column("came_back", sa.Integer(), nullable=False),
        sa.Column("site_type", sa.Text()),
        sa.Column("assessment", sa.Text(), nullable=False),
        sa.Column("assessed_at", sa.BigInteger()),
        sa.Column("staff_assessment", sa.Text()),
        sa.Column("staff_assessed_at", sa.BigInteger()),
        *(sa.Column(name, sa.Text()) for name in ("verdict", "country", "provider")),
        *(sa.Column(name, sa.BigInteger()) for name in ("traced_at", "referred_at", "seen_at", "gone_since")),
        sa.Column("moved", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("outcome", sa.Text()),
        sa.Column("closed_at", sa.BigInteger()),
        sqlite_with_rowid=False,
    )
    op.create_index("figure_case_received", "figure_cases", ["received_at", "id"])
    op.create_table(
        "figure_referrals",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("case_id", "partner", "route")),
        sa.Column("is_copy", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in ("first_sent_at", "accepted_at")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent_back", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("misrouted_at", sa.BigInteger()),
        sqlite_with_rowid=False,
    )
    op.create_index("figure_referral_sent", "figure_referrals", ["first_sent_at", "id"])


def downgrade() -> None:
    """What was erased elsewhere stands here only: restore a backup instead."""
    raise NotImplementedError
