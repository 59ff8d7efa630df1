"""Whether what is kept as counted (`schema/tallies`) is what counting finds: for `doctor`, and for tests of faults."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, Select, Text, case, func, literal, select, true, union_all

from router.store.checkpoint import Rows
from router.store.schema.tables import cases, referrals, tallies
from router.store.schema.tallies import BUNDLED, QUARTER, TRIED

_KEY: Final = tuple(column for column in tallies.primary_key.columns if column.name != "part")


async def recounted(rows: Rows) -> Mapping[str, int]:
    """Return by its name each tally that differs from the rows, and how many it says too much; nothing where all agree.

    Reads every case and every referral, in one statement, so that what is committed meanwhile is in both or in neither.
    """
    each = union_all(*_as_counted(), select(*_KEY, tallies.c.n)).subquery()
    key = [each.c[column.name] for column in _KEY]
    differs = func.sum(each.c.n)
    found = await rows(select(*key, differs.label("n")).group_by(*key).having(differs != 0))
    return {
        " ".join(str(row[column.name]) for column in _KEY if row[column.name] != ""): int(row["n"])
        for row in sorted(found, key=lambda row: [str(row[column.name]) for column in _KEY])
    }


def _as_counted() -> list[Select[Any]]:
    """Return what the triggers count (revision 0020), a row each, the other way round."""
    nothing, reason = literal("", Text), func.coalesce(cases.c.desk_code, "")
    at_risk = case((cases.c.urgency != "none", 1), else_=0)
    place = func.coalesce(cases.c.hosting_country, "")
    sent = case((referrals.c.attempts > 0, TRIED), else_=0) + case((referrals.c.bundle.is_not(None), BUNDLED), else_=0)
    kinds = (
        (cases, "case", (cases.c.state, reason, cases.c.source, place, nothing, at_risk), true()),
        (cases, "due", (*(nothing,) * 5, cases.c.desk_due // QUARTER), cases.c.desk_code.is_not(None)),
        (referrals, "referral", (referrals.c.state, *(nothing,) * 3, referrals.c.partner, sent), true()),
    )
    return [
        select(
            literal(kind, Text).label("kind"),
            *(value.label(column.name) for value, column in zip(key, _KEY[1:], strict=True)),
            literal(-1, BigInteger).label("n"),
        )
        .select_from(table)
        .where(which)
        for table, kind, key, which in kinds
    ]
