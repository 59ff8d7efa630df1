"""Figures and lists that cost the same with ten thousand cases and with a million: tallies, kept by triggers; indexes.

What the tallies mean stands beside their table (`schema/tallies`). What is there is counted once, here.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KEY = ("kind", "state", "reason", "source", "country", "partner", "mark")
_COLUMNS = ", ".join((*_KEY, "part", "n"))
_QUARTER = 900_000_000
_DESK = sa.text("desk_code IS NOT NULL")
_UNHEARD = sa.text("desk_alarm IS NOT NULL AND acknowledged_at IS NULL AND desk_code IS NOT NULL")
_AT_RISK = sa.text("urgency <> 'none' AND state <> 'closed'")
_BUNDLED = sa.text("bundle IS NOT NULL")
_TRIED = sa.text("attempts > 0 AND state IN ('waiting', 'sending')")


def _case(row: str) -> str:
    reason, country = f"coalesce({row}desk_code, '')", f"coalesce({row}hosting_country, '')"
    at_risk = f"CASE WHEN {row}urgency <> 'none' THEN 1 ELSE 0 END"
    return f"'case', {row}state, {reason}, {row}source, {country}, '', {at_risk}"


def _due(row: str) -> str:
    return f"'due', '', '', '', '', '', {row}desk_due / {_QUARTER}"


def _referral(row: str) -> str:
    tried = f"CASE WHEN {row}attempts > 0 THEN 1 ELSE 0 END"
    bundled = f"CASE WHEN {row}bundle IS NULL THEN 0 ELSE 2 END"
    return f"'referral', {row}state, '', '', '', {row}partner, {tried} + {bundled}"


#: By table: what is counted of its rows, which of them, and the columns that say it.
_COUNTED = {
    "cases": (
        (_case, "", ("state", "desk_code", "source", "hosting_country", "urgency")),
        (_due, "desk_code IS NOT NULL", ("desk_code", "desk_due")),
    ),
    "referrals": ((_referral, "", ("state", "partner", "attempts", "bundle")),),
}


def upgrade() -> None:
    """Add the table, count what is there, keep it counted, and index what lists are narrowed by."""
    op.create_table(
        "tallies",
        *(sa.Column(name, sa.Text(), primary_key=True) for name in _KEY[:-1]),
        sa.Column("mark", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("part", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    for table, counted in _COUNTED.items():
        for key, which, _ in counted:
            groups = ", ".join(str(n) for n in range(1, len(_KEY) + 1))
            op.execute(
                f"INSERT INTO tallies ({_COLUMNS}) SELECT {key('')}, 0, count(*) FROM {table}"  # noqa: S608 - our names
                f"{' WHERE ' + which if which else ''} GROUP BY {groups}"
            )
    if op.get_context().dialect.name == "postgresql":
        _keep_on_postgresql()
    else:
        _keep_on_sqlite()
    _index()


def _keep_on_sqlite() -> None:
    for table, counted in _COUNTED.items():
        for key, which, columns in counted:
            name = f"tally{key.__name__}"
            added, gone = _on_sqlite(key, "NEW.", which, 1), _on_sqlite(key, "OLD.", which, -1)
            differs = " OR ".join(f"OLD.{one} IS NOT NEW.{one}" for one in columns)
            op.execute(f"CREATE TRIGGER {name}_added AFTER INSERT ON {table} BEGIN {added} END")
            op.execute(f"CREATE TRIGGER {name}_removed AFTER DELETE ON {table} BEGIN {gone} END")
            op.execute(
                f"CREATE TRIGGER {name}_changed AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {differs}"
                f" BEGIN {gone} {added} END"
            )


def _on_sqlite(key: Callable[[str], str], row: str, which: str, n: int) -> str:
    where = f"{row}{which}" if which else "true"
    said = (
        f"INSERT INTO tallies ({_COLUMNS}) SELECT {key(row)}, 0, {n} WHERE {where}"
        f" ON CONFLICT DO UPDATE SET n = n + ({n});"
    )
    # A quarter of an hour that is over would stay for ever.
    emptied = f" DELETE FROM tallies WHERE kind = 'due' AND mark = {row}desk_due / {_QUARTER} AND n = 0;"  # noqa: S608 - our own names
    return said + (emptied if key is _due and n < 0 else "")


#: What a statement did to a table: the rows that there are now, and those that were there before.
_SIDES = {"INSERT": {"added": 1}, "DELETE": {"gone": -1}, "UPDATE": {"added": 1, "gone": -1}}


def _keep_on_postgresql() -> None:
    key_list = ", ".join(_KEY)
    for table, counted in _COUNTED.items():
        for event, sides in _SIDES.items():
            name = f"tally_{table}_{event.lower()}"
            each = [
                f"SELECT {key('')}, {n} FROM {side}{' WHERE ' + which if which else ''}"  # noqa: S608 - our own names
                for key, which, _ in counted
                for side, n in sides.items()
            ]
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $tally$ BEGIN"  # noqa: S608 - likewise
                f" INSERT INTO tallies AS kept ({_COLUMNS})"
                f" SELECT {key_list}, pg_current_xact_id()::text::bigint, sum(n)"
                f" FROM ({' UNION ALL '.join(each)}) AS changed ({key_list}, n)"
                f" GROUP BY {key_list} HAVING sum(n) <> 0"
                f" ON CONFLICT ({key_list}, part) DO UPDATE SET n = kept.n + excluded.n;"
                " RETURN NULL; END $tally$"
            )
            given = " ".join(f"{'NEW' if side == 'added' else 'OLD'} TABLE AS {side}" for side in sides)
            op.execute(
                f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {given}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )


def _index() -> None:
    """Every order and filter of a list has an index that its page is read from."""
    op.create_index("case_state", "cases", ["state", "id"])
    op.create_index("case_source", "cases", ["source", "id"])
    op.create_index("case_country", "cases", ["hosting_country", "id"])
    op.create_index("case_at_risk", "cases", ["id"], sqlite_where=_AT_RISK, postgresql_where=_AT_RISK)
    op.create_index("case_unheard", "cases", ["desk_first_since"], sqlite_where=_UNHEARD, postgresql_where=_UNHEARD)
    op.drop_index("case_waiting", "cases")
    narrowed = ("desk_code", "source", "hosting_country")
    for name, order in (
        ("case_waiting", ("rank", "desk_first_since", "id")),
        ("case_oldest", ("desk_first_since", "id")),
        ("case_desk_due", ("desk_due", "id")),
    ):
        op.create_index(name, "cases", [*order, *narrowed], sqlite_where=_DESK, postgresql_where=_DESK)
    op.create_index("referral_state", "referrals", ["state", "id"])
    op.create_index("referral_partner", "referrals", ["partner", "case_id", "id"])
    op.create_index("referral_bundled", "referrals", ["id"], sqlite_where=_BUNDLED, postgresql_where=_BUNDLED)
    op.create_index("referral_tried", "referrals", ["id"], sqlite_where=_TRIED, postgresql_where=_TRIED)


def downgrade() -> None:
    """What is counted can be counted again, but what counts it is gone with the table: restore a backup instead."""
    raise NotImplementedError
