"""How reported hosts were asked whether they are still there; what came of it is kept for figures by a trigger."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_BODY = (
    'INSERT INTO figure_signs (id, sign, case_id, at, "by")'
    " VALUES (NEW.id, 'probe_' || NEW.finding, NEW.case_id, NEW.ended_at, 'router') ON CONFLICT DO NOTHING;"
)
_WHEN = "WHEN (NEW.finding IS NOT NULL AND NEW.ended_at IS NOT NULL)"


def upgrade() -> None:
    """Make the tables, and keep figures of them written."""
    op.create_table(
        "probes",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("referrer", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("finding", sa.Text()),
        sa.Column("status", sa.Integer()),
    )
    op.create_index("probe_of_case", "probes", ["case_id", "at"])
    answered = sa.text("finding = 'answered'")
    op.create_index("probe_answered", "probes", ["at"], sqlite_where=answered, postgresql_where=answered)
    op.create_table(
        "probed_hosts",
        sa.Column("host_bidx", sa.LargeBinary(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_probed_hosts_at", "probed_hosts", ["at"])
    does = f"{_WHEN} BEGIN {_BODY} END"
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION figure_probe() RETURNS trigger LANGUAGE plpgsql"
            f" AS $figure$ BEGIN {_BODY} RETURN NULL; END $figure$"
        )
        does = f"FOR EACH ROW {_WHEN} EXECUTE FUNCTION figure_probe()"
    op.execute(f"CREATE TRIGGER figure_probe AFTER UPDATE OF finding ON probes {does}")


def downgrade() -> None:
    """Drop them."""
    on_postgresql = op.get_context().dialect.name == "postgresql"
    op.execute("DROP TRIGGER figure_probe" + (" ON probes" if on_postgresql else ""))
    if on_postgresql:
        op.execute("DROP FUNCTION figure_probe()")
    op.drop_table("probed_hosts")
    op.drop_table("probes")
