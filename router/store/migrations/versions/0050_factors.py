"""What people sign in with: passwords, authenticator apps, recovery codes; and when they last showed one."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and the columns."""
    op.create_table(
        "factors",
        sa.Column("account_id", sa.Text(), primary_key=True),
        sa.Column("password", sa.Text()),
        sa.Column("password_at", sa.BigInteger()),
        sa.Column("app", sa.LargeBinary()),
        sa.Column("app_at", sa.BigInteger()),
        sa.Column("app_step", sa.BigInteger()),
        sa.Column("app_new", sa.LargeBinary()),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
    )
    op.create_index("ix_recovery_codes_account_id", "recovery_codes", ["account_id"])
    op.add_column("sessions", sa.Column("fresh_at", sa.BigInteger()))
    op.add_column("sessions", sa.Column("began_by", sa.Text()))
    op.add_column("sessions", sa.Column("address", sa.Text()))


def downgrade() -> None:
    """Drop them."""
    for name in ("address", "began_by", "fresh_at"):
        op.drop_column("sessions", name)
    op.drop_table("recovery_codes")
    op.drop_table("factors")
