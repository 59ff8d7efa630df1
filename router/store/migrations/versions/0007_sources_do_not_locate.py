"""A source's token no longer looks hosts up unless it was made for that: every one could, without anybody's choice."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the scope from the tokens there are; who needs it makes a token with `--scope locate`."""
    op.execute("UPDATE tokens SET scopes = TRIM(REPLACE(scopes, 'locate', '')) WHERE source IS NOT NULL")


def downgrade() -> None:
    """Give nothing back: nobody asked for it."""
