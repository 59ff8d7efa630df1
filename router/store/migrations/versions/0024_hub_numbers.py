"""A case is found by the numbers that a hub gave it, whichever side handed it in."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

#: What stands before and after the slash of a receipt.
_SPLIT = {
    "sqlite": ("substr(receipt, 1, instr(receipt, '/') - 1)", "substr(receipt, instr(receipt, '/') + 1)"),
    "postgresql": ("split_part(receipt, '/', 1)", "split_part(receipt, '/', 2)"),
}


def upgrade() -> None:
    """Add what a partner calls a referral, read from receipts where there are some, and index it."""
    op.add_column("referrals", sa.Column("their_report", sa.Text()))
    op.add_column("referrals", sa.Column("their_item", sa.Text()))
    is_postgresql = op.get_context().dialect.name == "postgresql"
    report, item = _SPLIT["postgresql" if is_postgresql else "sqlite"]
    op.execute(
        f"UPDATE referrals SET their_report = {report}, their_item = {item}"  # noqa: S608 - our own words
        " WHERE dialect = 'iccam' AND receipt LIKE '%/%'"
    )
    for name in ("their_report", "their_item"):
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"referral_{name}", "referrals", [name], sqlite_where=where, postgresql_where=where)
    op.create_index("hub_item_number", "hub_items", ["number"])
    op.create_index("hub_item_report", "hub_items", ["report"])


def downgrade() -> None:
    """Nobody is found by a hub's number any more."""
    op.drop_index("hub_item_report", "hub_items")
    op.drop_index("hub_item_number", "hub_items")
    for name in ("their_item", "their_report"):
        op.drop_index(f"referral_{name}", "referrals")
        op.drop_column("referrals", name)
