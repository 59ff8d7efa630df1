"""A hub's inbox: how far it was read, what was on it, and which cases only watch what another tool works on."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the mark."""
    op.add_column("cases", sa.Column("watching", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "hub_inboxes",
        sa.Column("partner", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", sa.BigInteger()),
        sa.Column("claims", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("windows", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("full_since", sa.BigInteger()),
        sa.Column("last_text", sa.Text()),
    )
    op.create_table(
        "hub_items",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("report", sa.Text()),
        sa.Column("assigned_to", sa.Text()),
        sa.Column("assigned_at", sa.BigInteger()),
        sa.Column("reference", sa.Text()),
        sa.Column("case_id", sa.Text()),
        sa.Column("acknowledged_at", sa.BigInteger()),
        sa.Column("told", sa.Text(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("last_text", sa.Text()),
        sa.PrimaryKeyConstraint("partner", "number"),
    )
    op.create_index("ix_hub_items_case_id", "hub_items", ["case_id"])
    op.create_index("hub_item_state", "hub_items", ["partner", "state", "listed_at"])


def downgrade() -> None:
    """What a hub gave to us is not thrown away: restore a backup instead."""
    raise NotImplementedError
