"""What needs a second person stands as proposed; who made an account and a token is kept with it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns; who made the tokens there are stands in the audit chain."""
    op.create_table(
        "proposals",
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("glass_by", sa.Text()),
        sa.Column("sealed", sa.LargeBinary()),
    )
    op.add_column("accounts", sa.Column("made_by", sa.Text()))
    op.add_column("accounts", sa.Column("role_by", sa.Text()))
    op.add_column("tokens", sa.Column("issued_by", sa.Text()))
    _who_made("tokens", "id", "token.created", "token", "issued_by")
    _who_made("accounts", "name", "account.added", "account", "made_by")
    _who_made("accounts", "name", "account.role", "account", "role_by")


def _who_made(table: str, key: str, act: str, named: str, column: str) -> None:
    """Copy who did it last from the audit chain, read once, to the row it was done to; its detail is compact JSON."""
    op.execute(
        f"WITH made AS MATERIALIZED (SELECT actor, detail, at FROM audit WHERE act = '{act}')"  # noqa: S608 - ours
        f" UPDATE {table} SET {column} = (SELECT made.actor FROM made"
        f" WHERE REPLACE(made.detail, '\"{named}\":\"' || {table}.{key} || '\"', '') <> made.detail"
        " ORDER BY made.at DESC LIMIT 1)"
    )


def downgrade() -> None:
    """Who proposed and made what is not thrown away: restore a backup instead."""
    raise NotImplementedError
