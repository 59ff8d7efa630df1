"""The playground: a policy's text of one's own is tried on the last decisions, and nothing is kept or put in force."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from router.casework.govern.rules.playground import shown_again, try_out
from router.casework.govern.rules.versions import text_of
from router.casework.govern.versions import newest_version
from router.console import forms
from router.console.access import allow
from router.console.choices import partner_titles
from router.console.rules.words import CHANGE
from router.console.visit import Visit
from router.errors import RouterError
from router.store.schema.tables import policies
from schemas.playground import MOST_JUDGED, MOST_TRIED, TriedView, TryGiven

router = APIRouter()
#: Bytes of the form: a browser writes a line end as six, and some other characters as three.
_FORM: Final = 3 * MOST_TRIED
#: Of how many of the last decisions the effect may be asked for.
LIMITS: Final = (100, 1_000, MOST_JUDGED)


@router.get("/rules/try")
async def show(
    visit: Annotated[Visit, allow("policy:propose")], version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> Response:
    """Return the text of a version, or of the one in force, to be edited and tried. Raise NotFound."""
    text = await text_of(visit.ctx, version or await newest_version(visit.ctx.store, policies))
    return await _shown(visit, text)


@router.post("/rules/try")
async def tried(visit: Annotated[Visit, allow("policy:propose")]) -> Response:
    """Try a text."""
    fields = await visit.fields(_FORM)
    text = fields.get("text", "").replace("\r\n", "\n")
    try:
        given = forms.parse({**fields, "text": text}, TryGiven)
        found = await try_out(visit.ctx, given)
    except RouterError as problem:
        return await _shown(visit, text, problem=problem, limit=fields.get("limit", ""))
    return await _shown(visit, text, found, limit=str(found.limit))


async def _shown(
    visit: Visit,
    text: str,
    found: TriedView | None = None,
    *,
    problem: RouterError | None = None,
    limit: str = "1000",
) -> Response:
    again = await shown_again(visit.ctx, text)
    return await visit.page(
        "playground.html",
        problem.status if problem else 200,
        found=found,
        text=again,
        lines=again.splitlines(),
        limits=LIMITS,
        limit=limit,
        changes=CHANGE,
        titles=await partner_titles(visit.ctx),
        problem=problem,
    )
