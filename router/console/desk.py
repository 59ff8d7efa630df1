"""The desk: what waits for people, urgent first, then oldest; all cases, to find one again; and what units wrote."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.read import lists
from router.casework.read.letters import letters as written
from router.casework.read.numbers import check_for_url
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

    `number` is a report's: ours, however it was written or heard, its source's own reference, the police's number, or
    the reply code of what they were sent. One that may name a location is asked for by the form (`find`), never by an
    address. Raise BadInput for it.
    """
    check_for_url(number)
    return await _cases(visit, state, number, after)


@router.post("/cases")
async def find(visit: Annotated[Visit, allow("case:read")]) -> Response:
    """Return a page of the cases of a number that was typed: nothing of it stands in an address or in a history."""
    fields = await visit.fields()
    return await _cases(visit, "", fields.get("number", ""), fields.get("after", ""))


async def _cases(visit: Visit, state: str, number: str, after: str) -> Response:
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


@router.get("/letters")
async def letters(visit: Annotated[Visit, allow("referral:act")]) -> Response:
    """Return what lies in the folders of units' answers, the newest first."""
    found = await written(visit.ctx)
    return await visit.page("letters.html", letters=found, titles=await partner_titles(visit.ctx))
