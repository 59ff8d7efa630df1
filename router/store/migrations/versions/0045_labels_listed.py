"""Labels that were kept for figures before the policy listed any are counted as `other`: one may be somebody's name."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep that an item had a label, and not which word somebody wrote."""
    op.execute(
        "INSERT INTO figure_marks (item_id, what, value, case_id)"
        " SELECT DISTINCT item_id, 'label', 'other', case_id FROM figure_marks WHERE what = 'label'"
        " ON CONFLICT DO NOTHING"
    )
    op.execute("DELETE FROM figure_marks WHERE what = 'label' AND value <> 'other'")


def downgrade() -> None:
    """Nobody knows them any more, which was the purpose."""
