"""The desk: what waits for people; all cases; referrals, with totals and filters; and what units wrote."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from router.casework.desk.letter_read import letter_read as read_it
from router.casework.desk.views import views as kept_views
from router.casework.follow_up.remind import remind
from router.casework.follow_up.reminders import to_remind
from router.casework.listing import Listing
from router.casework.read import lists
from router.casework.read.counts import around
from router.casework.read.find import find as sought
from router.casework.read.letters import letters as written
from router.casework.read.narrowed import kinds
from router.casework.read.numbers import check_for_url
from router.console import forms
from router.console.access import allow
from router.console.choices import choices, partner_titles
from router.console.visit import Visit
from router.errors import NotFound, RouterError
from router.guard.access import Permission
from schemas.casefile import CaseSummary
from schemas.group import Grouped
from schemas.pages import CasesWanted, DeskOrder, DeskWanted, Due, Reading, ReferralsWanted, Waits
from schemas.states import CaseState, ReferralState

router = APIRouter()
#: Rows on one page of a list, and of the desk: ten people who look at once are to wait less than 100 ms for one.
PAGE, DESK_PAGE = 50, 50


@router.get("/")
async def desk(
    visit: Annotated[Visit, allow("token:own")], request: Request, done: str = "", case: str = "", after: str = ""
) -> Response:
    """Return a page of the desk. `done` and `case` say which act on which case has led here.

    It is the address that people keep: who may not see the desk is led to the first page that is theirs.
    What else stands in the address narrows it (`schemas.pages.DeskWanted`). Raise BadInput for what does not.
    """
    if not visit.may(Permission.CASE_READ):
        return visit.go(visit.home())
    given = _given(request)
    check_for_url(given.get("number"))
    asked = forms.parse(given, DeskWanted)
    as_of = visit.ctx.clock.now()  # before the look: what comes meanwhile is news
    views = await kept_views(visit.ctx, visit.actor)
    found, beside = await asyncio.gather(
        lists.desk(visit.ctx, asked, cursor=after or None, limit=DESK_PAGE, reader=visit.actor),
        around(visit.ctx, asked, views, visit.actor),
    )
    narrowed = bool(asked.model_dump(exclude_defaults=True, exclude={"order"}))
    return await visit.page(
        "desk.html",
        versions={one.policy_version for one in found.items},
        found=found,
        asked=asked,
        as_of=as_of,
        views=beside.views,
        counts=beside.counts,
        kinds=beside.kinds,
        after=after,
        narrowed=narrowed,
        orders=list(DeskOrder),
        dues=list(Due),
        ages=list(Waits),
        together=list(Grouped),
        done=done,
        done_case=case,
        **await _titled(visit),
    )


@router.get("/cases")
async def cases(visit: Annotated[Visit, allow("case:read")], request: Request, after: str = "") -> Response:
    """Return a page of all cases, newest first; `after` is where the last page ended.

    What else stands in the address narrows it (`schemas.pages.CasesWanted`). A number that may name a location is
    asked for by the form (`find`), never by an address. Raise BadInput for it, and for what is no such word.
    """
    given = _given(request)
    check_for_url(given.get("number"))
    return await _cases(visit, given, after)


@router.post("/cases")
async def find(visit: Annotated[Visit, allow("case:read")]) -> Response:
    """Return a page of the cases that what was typed means: nothing of it stands in an address or in a history."""
    fields = await visit.fields()
    text = fields.get("number", "")
    if not text:
        return await _cases(visit, {}, fields.get("after", ""))
    found = await sought(visit.ctx, text, visit.actor, cursor=fields.get("after") or None, limit=PAGE)
    return await _listed(visit, found, lists.ANY_CASE, text, found.read_as, found.also)


@router.get("/referrals")
async def referrals(visit: Annotated[Visit, allow("referral:read")], request: Request, after: str = "") -> Response:
    """Return a page of referrals, newest first. What else stands in the address narrows it. Raise BadInput."""
    given = _given(request)
    check_for_url(given.get("number"))
    asked = forms.parse(given, ReferralsWanted)
    found = await lists.list_referrals(visit.ctx, asked, cursor=after or None, limit=PAGE)
    return await visit.page(
        "referrals.html",
        found=found,
        asked=asked,
        narrowed=asked != lists.ANY_REFERRAL,
        states=list(ReferralState),
        choices=await choices(visit.ctx),
        titles=await partner_titles(visit.ctx),
    )


def _given(request: Request) -> dict[str, str]:
    """Return what stands in the address, but for what was left open in the form."""
    return {name: value.strip() for name, value in request.query_params.items() if value.strip()}


async def _cases(visit: Visit, given: Mapping[str, str], after: str) -> Response:
    asked = forms.parse(given, CasesWanted)
    found = await lists.list_cases(visit.ctx, asked, cursor=after or None, limit=PAGE)
    return await _listed(visit, found, asked.model_copy(update={"number": None}), asked.number or "")


async def _listed(
    visit: Visit,
    found: Listing[CaseSummary],
    asked: CasesWanted,
    number: str,
    read_as: Reading | None = None,
    also: tuple[Reading, ...] = (),
) -> Response:
    return await visit.page(
        "cases.html",
        found=found,
        asked=asked,
        number=number,
        read_as=read_as,
        also=also,
        narrowed=bool(asked.model_dump(exclude_defaults=True, exclude={"state"})),
        states=list(CaseState),
        kinds=await kinds(visit.ctx, on_desk=False),
        **await _titled(visit),
    )


@router.get("/letters")
async def letters(visit: Annotated[Visit, allow("referral:act")], done: str = "") -> Response:
    """Return what lies in the folders of units' answers, the newest first."""
    return await _letters(visit, done=done)


@router.post("/letters/{letter_id}/read")
async def letter_read(visit: Annotated[Visit, allow("referral:act")], letter_id: UUID) -> Response:
    """Say that one that names no case was read."""
    await visit.fields()
    try:
        await read_it(visit.ctx, str(letter_id), visit.actor)
    except NotFound:
        raise
    except RouterError as problem:
        return await _letters(visit, status=problem.status, problem=problem)
    return visit.go("/letters", done="letter-read")


@router.post("/reminders/{partner}")
async def take_digest(visit: Annotated[Visit, allow("referral:act")], partner: str) -> Response:
    """Take today's digest of a partner, to hand it over: its text is shown all day."""
    await visit.fields()
    try:
        await remind(visit.ctx, partner, visit.actor)
    except RouterError as problem:
        return await _letters(visit, status=problem.status, problem=problem)
    return visit.go("/letters", done="digest-taken")


async def _letters(visit: Visit, *, status: int = 200, done: str = "", problem: RouterError | None = None) -> Response:
    found, titles = await written(visit.ctx), await partner_titles(visit.ctx)
    today = visit.ctx.clock.now().astimezone(visit.ctx.zone).date()
    more: dict[str, Any] = {"digests": await to_remind(visit.ctx), "today": today, "done": done, "problem": problem}
    return await visit.page("letters.html", status, letters=found, titles=titles, **more)


async def _titled(visit: Visit) -> dict[str, Any]:
    """Return the partners of the directory, which a list can be narrowed by."""
    return {"choices": await choices(visit.ctx), "titles": await partner_titles(visit.ctx)}
