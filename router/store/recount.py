"""Whether what is kept as counted (`schema/tallies`) is what counting finds: for `doctor`, and for tests of faults.

And whether what figures are made of (`schema/figures`) says what the rows say that are still there. A purge removes
rows and leaves their figures, so a figure without a row is none to wonder at; a row without its figure is.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, Text, case, func, literal, or_, select, true, union_all

from router.store.checkpoint import Rows
from router.store.schema.tables import (
    cases,
    figure_cases,
    figure_items,
    figure_referrals,
    figure_reports,
    items,
    referrals,
    reports,
    tallies,
)
from router.store.schema.tallies import BUNDLED, QUARTER, TRIED

_KEY: Final = tuple(column for column in tallies.primary_key.columns if column.name != "part")
#: Of how many of the newest rows of a table its figures are compared: what broke, broke what was written since.
NEWEST: Final = 1000
#: What figures are made of, of which rows, and the columns that say the same in both for as long as both are there.
_SAME: Final = (
    (figure_reports, reports, ("source", "received_at", "taken_at")),
    (figure_items, items, ("report_id", "case_id", "position", "added_at")),
    (
        figure_cases, cases,
        ("site_type", "assessment", "assessed_at", "staff_assessment", "staff_assessed_at", "outcome", "closed_at"),
    ),
    (figure_referrals, referrals, ("first_sent_at", "accepted_at", "state", "misrouted_at")),
)  # fmt: skip


async def recounted(rows: Rows) -> Mapping[str, int]:
    """Return by its name each tally that differs from the rows, and how many it says too much; nothing where all agree.

    And each table of figures with how many of the newest rows it has nothing of, or something else, as too few.

    Reads every case and every referral, in one statement, so that what is committed meanwhile is in both or in neither.
    """
    return {**await _tallies(rows), **await _figures(rows)}


async def _tallies(rows: Rows) -> Mapping[str, int]:
    each = union_all(*_as_counted(), select(*_KEY, tallies.c.n)).subquery()
    key = [each.c[column.name] for column in _KEY]
    differs = func.sum(each.c.n)
    found = await rows(select(*key, differs.label("n")).group_by(*key).having(differs != 0))
    return {
        " ".join(str(row[column.name]) for column in _KEY if row[column.name] != ""): int(row["n"])
        for row in sorted(found, key=lambda row: [str(row[column.name]) for column in _KEY])
    }


async def _figures(rows: Rows) -> Mapping[str, int]:
    each = union_all(*(_newest(*one) for one in _SAME)).subquery()
    found = await rows(select(each.c["name"], each.c["n"]))
    return {row["name"]: -int(row["n"]) for row in sorted(found, key=lambda row: str(row["name"])) if row["n"]}


def _newest(figures: Table, of: Table, same: tuple[str, ...]) -> Select[Any]:
    """Return how many of the newest rows have no figure that says the same."""
    newest = select(of.c.id, *(of.c[name] for name in same)).order_by(of.c.id.desc()).limit(NEWEST).subquery()
    differs = or_(figures.c.id.is_(None), *(newest.c[name].is_distinct_from(figures.c[name]) for name in same))
    said: list[ColumnElement[Any]] = [literal(figures.name, Text).label("name"), func.count().label("n")]
    return select(*said).select_from(newest.outerjoin(figures, figures.c.id == newest.c.id)).where(differs)


def _as_counted() -> list[Select[Any]]:
    """Return what the triggers count (revision 0020), the other way round; apart, so that no engine sorts it all."""
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
            (-func.count()).label("n"),
        )
        .select_from(table)
        .where(which)
        .group_by(*(value for value in key if value is not nothing))
        for table, kind, key, which in kinds
    ]
