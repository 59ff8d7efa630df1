"""Pages and the files on them: linked by what their source calls them, whichever of them was reported first.

A file names its page; nothing is written when that page comes, so it needs no order and no second look. The first item
of a report is called by the report's reference too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select

from router.casework.case.record import Opened, open_cases
from router.casework.context import Context
from router.store.base import Row
from router.store.schema.tables import items, reports

#: A source, and the blind index of what it calls something.
Called = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a file is on, as far as a partner may know it."""

    case: str
    reference: str  #: by which its own referral names it (`origin_reference`)
    location: str


async def items_called(ctx: Context, wanted: Iterable[Called]) -> dict[Called, list[Row]]:
    """Return the items (case_id, parent_bidx) that sources call this, each by its own name or by its report's."""
    by_source: dict[str, set[bytes]] = {}
    for source, called in wanted:
        by_source.setdefault(source, set()).add(called)
    found: dict[Called, list[Row]] = {}
    for source, names in by_source.items():
        first = and_(reports.c.reference_bidx.in_(sorted(names)), items.c.position == 0)
        own = items.c.reference_bidx.in_(sorted(names))
        for column, where in ((items.c.reference_bidx, own), (reports.c.reference_bidx, first)):
            rows = await ctx.store.rows(
                select(items.c.id, items.c.case_id, items.c.parent_bidx, column.label("called"))
                .join(reports, reports.c.id == items.c.report_id)
                .where(and_(where, reports.c.source == source))
            )
            for row in rows:
                found.setdefault((source, bytes(row["called"])), []).append(row)
    return found


async def files_of(ctx: Context, wanted: Iterable[Called]) -> dict[Called, list[str]]:
    """Return the cases of the files whose sources call their page this, each once."""
    by_source: dict[str, set[bytes]] = {}
    for source, called in wanted:
        by_source.setdefault(source, set()).add(called)
    found: dict[Called, dict[str, None]] = {}
    for source, names in by_source.items():
        of_page = and_(items.c.parent_bidx.in_(sorted(names)), reports.c.source == source)
        rows = await ctx.store.rows(
            select(items.c.case_id, items.c.parent_bidx)
            .join(reports, reports.c.id == items.c.report_id)
            .where(of_page)
            .order_by(items.c.added_at, items.c.id)
        )
        for row in rows:
            found.setdefault((source, bytes(row["parent_bidx"])), {})[row["case_id"]] = None
    return {key: list(cases) for key, cases in found.items()}


@dataclass(frozen=True, slots=True)
class Links:
    """Where an item stands among the others: the case of its page, and the cases of the files on it."""

    page: str | None = None
    files: tuple[str, ...] = ()


async def links_of(ctx: Context, rows: Sequence[Row]) -> dict[str, Links]:
    """Return where each of these items stands, by its id; `rows` have their report's `source` and `report_bidx`."""
    pages = {row["id"]: (row["source"], bytes(row["parent_bidx"])) for row in rows if row["parent_bidx"] is not None}
    above = await items_called(ctx, pages.values())
    names = {row["id"]: _names(row) for row in rows}
    below = await files_of(ctx, {name for of_one in names.values() for name in of_one})
    return {
        row["id"]: Links(
            next((one["case_id"] for one in above.get(pages.get(row["id"], ("", b"")), ())), None),
            tuple(dict.fromkeys(case for name in names[row["id"]] for case in below.get(name, ()))),
        )
        for row in rows
    }


def _names(row: Row) -> list[Called]:
    """Return what an item is called: its own reference, and the first one of a report by that one's."""
    first = row["report_bidx"] if row["position"] == 0 else None
    return [(row["source"], bytes(one)) for one in (row["reference_bidx"], first) if one is not None]


async def pages_of(ctx: Context, opened: Opened) -> tuple[Page, ...]:
    """Return the pages that a case's files are on, those of them that are known here."""
    if all(one.parent is None for one in opened.items):  # most cases: one question less
        return ()
    named = and_(items.c.case_id == opened.id, items.c.parent_bidx.is_not(None))
    rows = await ctx.store.rows(
        select(items.c.parent_bidx, reports.c.source).join(reports, reports.c.id == items.c.report_id).where(named)
    )
    found = await items_called(ctx, {(row["source"], bytes(row["parent_bidx"])) for row in rows})
    ids = {row["case_id"] for of_one in found.values() for row in of_one} - {opened.id}
    return tuple(_page(one) for _, one in sorted((await open_cases(ctx, ids)).items()))


def _page(opened: Opened) -> Page:
    return Page(opened.id, opened.row["origin_reference"] or opened.id, opened.secrets.canonical)
