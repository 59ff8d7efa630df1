"""SQLite is told which indexes have few values, so that it never reads half a table by one; and the audit gets its own.

Without statistics SQLite takes any equality for ten rows, and would look through all referrals of a state for those of
twenty cases. PostgreSQL gathers its own. The figures are of a million cases, and stay: a plan that changes with what
happens to be kept is found out at night.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

#: Rows of the table, then rows that share the first value, the first two, and so on.
_RATHER_COMMON = {
    ("cases", "case_state"): "1000000 200000 1",
    ("cases", "case_source"): "1000000 100000 1",
    ("cases", "case_country"): "1000000 50000 1",
    ("referrals", "referral_state"): "1000000 200000 1",
    ("referrals", "referral_partner"): "1000000 50000 1 1",
}


def upgrade() -> None:
    """Add the index and the statistics."""
    op.create_index("audit_at", "audit", ["at"])
    if op.get_context().dialect.name == "sqlite":
        op.execute("ANALYZE alembic_version")  # makes the table of statistics, and nothing else of note
        for (table, index), rows in _RATHER_COMMON.items():
            values = f"('{table}', '{index}', '{rows}')"
            op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES {values}")  # noqa: S608 - our own names
        op.execute("ANALYZE sqlite_schema")  # open connections read them anew


def downgrade() -> None:
    """Drop the index and take the statistics back."""
    op.drop_index("audit_at", "audit")
    if op.get_context().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_stat1 WHERE tbl IN ('cases', 'referrals')")
