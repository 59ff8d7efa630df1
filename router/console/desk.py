"""The desk: what waits for people, urgent first, then oldest; and all cases, for finding one again."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.read import lists
from router.console.access import allow
from router.console.choices import partner_titles
from router.console.visit import Visit
from schemas.states import CaseState

router = APIRouter()
#: Cases on one page of the list.
PAGE = 50


@router.get("/")
async def desk(visit: Annotated[Visit, allow("case:read")], done: str = "", case: str = "") -> Response:
    """Return the desk. `done` and `case` say which act on which case has led here."""
    entries = await lists.desk(visit.ctx)
    titles = await partner_titles(visit.ctx)
    return await visit.page("desk.html", entries=entries, titles=titles, done=done, done_case=case)


@router.get("/cases")
async def cases(
    visit: Annotated[Visit, allow("case:read")], state: str = "", number: str = "", after: str = ""
) -> Response:
    """Return a page of all cases, newest first. `state` and `number` narrow it; `after` is where the last page ended.

    `number` is a report's: ours, however it was written or heard, or its source's own reference.
    """
    wanted = CaseState(state) if state in set(CaseState) else None
    found, following = await lists.list_cases(
        visit.ctx, state=wanted, number=number.strip() or None, cursor=after or None, limit=PAGE
    )
    titles = await partner_titles(visit.ctx)
    return await visit.page(
        "cases.html",
        cases=found,
        following=following,
        number=number,
        state=wanted,
        states=list(CaseState),
        titles=titles,
    )
