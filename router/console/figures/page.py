"""Figures: any days beside the same days of another year, as each audience gets them, drawn, listed and published."""

from datetime import date
from itertools import groupby
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from router.casework.govern import editions
from router.casework.read.figures import counted
from router.console.access import allow
from router.console.choices import partner_titles
from router.console.figures.meanings import GLOSSARY
from router.console.forms import parse
from router.console.visit import Visit
from schemas.published import Audience, EditionGiven, Figure, Figures, Period

router = APIRouter()

_MEASURES: Final = (
    *("reports", "items", "cases", "repeat_closed_case", "actionable", "actioned", "told", "referrals", "times"),
    *("disagreements", "checks", "probes", "notices"),
)


@router.get("/figures")
async def figures(
    visit: Annotated[Visit, allow("ops:read")],
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    audience: Annotated[Audience, Query(alias="for")] = Audience.INTERNAL,
    against: Annotated[int | None, Query(ge=1, le=9999)] = None,
    after: UUID | None = None,
) -> Response:
    """Return the figures of some days, of this year so far where none are named, and a page of what was published.

    `after` is where the last page of that ended.
    """
    today = visit.ctx.clock.now().astimezone(visit.ctx.zone).date()
    period = Period(first=first or today.replace(month=1, day=1), last=last or today)
    said = await counted(visit.ctx, audience, period, against=against)
    return await visit.page(
        "figures.html",
        said=said,
        audiences=[one.value for one in Audience],
        measures=_by_measure(said),
        terms=tuple(GLOSSARY),
        published=await editions.editions(visit.ctx, cursor=None if after is None else str(after)),
        over=period.last < today,
        titles=await partner_titles(visit.ctx),
    )


@router.post("/figures")
async def publish(visit: Annotated[Visit, allow("figures:publish")]) -> Response:
    """Freeze an edition of days that are past."""
    given = parse(await visit.fields(), EditionGiven)
    made = await editions.publish(visit.ctx, given, visit.actor)
    query = {"from": f"{given.first}", "to": f"{given.last}", "for": given.audience.value}
    more = {} if given.against is None else {"against": str(given.against)}
    return visit.go("/figures", **query, **more, published=str(made.number))


def _by_measure(said: Figures) -> list[tuple[str, list[tuple[str, list[Figure]]]]]:
    """Return the figures by measure and dimension, in the order in which they are read."""
    ordered = sorted(said.figures, key=lambda one: _MEASURES.index(one.measure))
    return [
        (measure, [(name, list(rows)) for name, rows in groupby(of_it, key=lambda one: one.dimension)])
        for measure, of_it in groupby(ordered, key=lambda one: one.measure)
    ]
