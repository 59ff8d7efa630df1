"""Dates of ours that were kept between the moment at which a clock was moved and the one at which that was found.

From the second one on whatever is kept is marked as it is written (`figure_doubts`, by triggers). What was kept in the
seconds before is found by its dates, once for each doubt: the tables are read whole for it, by their keys.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, and_, or_, select

from router.store.base import Add, LookUp, Row, Store
from router.store.schema.tables import figure_cases, figure_doubts, figure_referrals, figure_signs

#: Rows of one page.
_PAGE: Final = 500
#: Which dates of a row our clock measures. When something was received is its reporter's, unless it is as we opened it.
_OURS: Final[Mapping[Table, Sequence[str]]] = {
    figure_cases: ("received_at", "opened_at", "seen_at", "gone_since", "closed_at"),
    figure_referrals: ("first_sent_at", "accepted_at"),
    figure_signs: ("at",),
}
_BY_US: Final = ("router", "staff")
_DOUBTS: Final = LookUp(select(figure_doubts), figure_doubts.c.case_id)


async def unmarked(store: Store, first: int, last: int) -> AsyncIterator[list[Add]]:
    """Yield, page by page, the marks of what our clock dated from `first` to `last`, in microseconds, and has none.

    Raise StoreUnavailable.
    """
    for table, names in _OURS.items():
        dated = or_(*(table.c[name].between(first, last) for name in names))
        wanted = and_(dated, table.c.by.in_(_BY_US)) if table is figure_signs else dated
        after = ""
        while rows := await _page(store, table, wanted, after):
            after = rows[-1]["id"]
            yield await _marks(store, names, rows, first, last)


async def _page(store: Store, table: Table, wanted: Any, after: str) -> list[Row]:
    """Return the next rows; the signs of one id, a few, are never parted."""
    found = select(table).where(wanted, table.c.id > after).order_by(*table.primary_key).limit(_PAGE)
    rows = await store.rows(found)
    if len(rows) < _PAGE or table is not figure_signs:
        return rows
    parted = [row for row in rows if row["id"] != rows[-1]["id"]]
    return parted or rows


async def _marks(store: Store, names: Sequence[str], rows: Sequence[Row], first: int, last: int) -> list[Add]:
    of_case = [(row.get("case_id", row["id"]), row) for row in rows]
    known = await store.look_up(_DOUBTS, {str(case_id) for case_id, _ in of_case})
    marked = {(one["id"], one["what"]) for of_it in known.values() for one in of_it}
    return [
        Add(figure_doubts, {"id": row["id"], "what": what, "case_id": case_id})
        for case_id, row in of_case
        for name in names
        if row[name] is not None and first <= row[name] <= last and _is_ours(row, name)
        if (row["id"], what := row.get("sign", name)) not in marked
    ]


def _is_ours(row: Row, name: str) -> bool:
    return name != "received_at" or bool(row["received_at"] == row["opened_at"])
