"""Where a source hears of its reports, and the outbox of what it hears."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them: nobody hears anything before two people said where."""
    op.add_column("sources", sa.Column("status_hook", sa.Text()))
    op.add_column("reports", sa.Column("status_told", sa.Text()))
    op.create_table(
        "status_changes",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text()),
        sa.Column("referral_id", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_claim(),
    )
    op.create_index("status_change_at", "status_changes", ["at"])
    op.create_table(
        "status_news",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("digest", sa.Text()),
        *_claim(),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("last_reason", sa.Text()),
        sa.Column("given_up_at", sa.BigInteger()),
    )
    dated = sa.text("due_at IS NOT NULL")
    op.create_index("status_due", "status_news", ["source", "due_at"], sqlite_where=dated, postgresql_where=dated)
    op.create_index("status_of_report", "status_news", ["report_id", "at"])


def _claim() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", sa.BigInteger()),
        sa.Column("claims", sa.Integer(), nullable=False, server_default=sa.text("0")),
    ]


def downgrade() -> None:
    """Forget them, and what nobody heard yet."""
    op.drop_index("status_of_report", "status_news")
    op.drop_index("status_due", "status_news")
    op.drop_table("status_news")
    op.drop_index("status_change_at", "status_changes")
    op.drop_table("status_changes")
    op.drop_column("reports", "status_told")
    op.drop_column("sources", "status_hook")
