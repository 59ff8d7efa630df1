"""The rows of a period, page by page, so that a year of a million cases needs no more memory than a week."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, Table, and_, or_, select, text

from router.figures.count import Counted, ways
from router.figures.lives import Life
from router.store.base import LookUp, Row, Store
from router.store.schema.tables import (
    directories,
    figure_cases,
    figure_doubts,
    figure_items,
    figure_marks,
    figure_referrals,
    figure_reports,
    figure_signs,
)
from schemas.partner import Directory, PartnerKind

#: Reports, or referrals, looked at side by side.
PAGE: Final = 1_000
_ITEMS_OF_REPORT: Final = LookUp(select(figure_items), figure_items.c.report_id)
_ITEMS: Final = LookUp(select(figure_items), figure_items.c.case_id)
_CASES: Final = LookUp(select(figure_cases), figure_cases.c.id)
_REFERRALS: Final = LookUp(select(figure_referrals).where(text("is_copy = 0")), figure_referrals.c.case_id)
_SIGNS: Final = LookUp(select(figure_signs), figure_signs.c.case_id)
_MARKS: Final = LookUp(select(figure_marks), figure_marks.c.case_id)
_DOUBTS: Final = LookUp(select(figure_doubts), figure_doubts.c.case_id)


async def count(store: Store, start: int, end: int, counted: Counted) -> None:
    """Count what was received, and what was sent, from one moment to before another, in microseconds."""
    kinds = await partner_kinds(store)
    async for reports in _pages(store, figure_reports, "received_at", start, end):
        await _received(store, reports, kinds, counted)
    async for sent in _pages(store, figure_referrals, "first_sent_at", start, end):
        for row in sent:
            counted.referral(row, kinds)
        noticed = [row for row in sent if kinds.get(row["partner"]) is PartnerKind.PROVIDER]
        lives = await _lives(store, [row["case_id"] for row in noticed], kinds)
        for row in noticed:
            counted.notice(row, lives[row["case_id"]])


async def partner_kinds(store: Store) -> Mapping[str, PartnerKind]:
    """Return what each partner is that was ever in the directory, as it was last."""
    found: dict[str, PartnerKind] = {}
    for row in await store.rows(select(directories.c.body).order_by(directories.c.version)):
        found |= {one.name: one.kind for one in Directory.model_validate_json(row["body"]).partners}
    return found


async def live_since(store: Store) -> int | None:
    """Return when the first report was taken, in microseconds; None before."""
    rows = await store.rows(select(figure_reports.c.taken_at).order_by(figure_reports.c.id).limit(1))
    return int(rows[0]["taken_at"]) if rows else None


async def _received(store: Store, reports: Sequence[Row], kinds: Mapping[str, PartnerKind], counted: Counted) -> None:
    given = await store.look_up(_ITEMS_OF_REPORT, [row["id"] for row in reports])
    named = {item["case_id"] for items in given.values() for item in items}
    known = await store.look_up(_ITEMS, named)
    way = {item: how for items in known.values() for item, how in ways(items).items()}
    opened = [one["case_id"] for items in given.values() for one in items if way[one["id"]] == "opened"]
    for row in reports:
        counted.report(row)
        for item in given.get(row["id"], []):
            counted.item(way[item["id"]])
    for life in (await _lives(store, opened, kinds)).values():
        counted.life(life)


async def _lives(store: Store, ids: Sequence[str], kinds: Mapping[str, PartnerKind]) -> dict[str, Life]:
    cases = await store.look_up(_CASES, ids)
    sent, signs, marks, doubts = [await store.look_up(one, ids) for one in (_REFERRALS, _SIGNS, _MARKS, _DOUBTS)]
    doubted = {name: frozenset((one["id"], one["what"]) for one in of_it) for name, of_it in doubts.items()}
    nobody = frozenset[tuple[str, str]]()
    return {
        name: Life(
            rows[0], sent.get(name, ()), signs.get(name, ()), marks.get(name, ()), kinds, doubted.get(name, nobody)
        )
        for name, rows in cases.items()
    }


async def _pages(store: Store, table: Table, dated: str, start: int, end: int) -> AsyncIterator[list[Row]]:
    """Yield the rows that are dated within, in order, by pages."""
    at, after = table.c[dated], (start - 1, "")
    while True:
        later = or_(at > after[0], and_(at == after[0], table.c.id > after[1]))
        page: Select[Any] = select(table).where(and_(at >= start, at < end, later)).order_by(at, table.c.id)
        rows = await store.rows(page.limit(PAGE))
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = (int(rows[-1][dated]), rows[-1]["id"])
