"""The desk: what waits for people; all cases; referrals, with totals and filters; a site; and what units wrote."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from router.casework.desk.grouped import act_on_each
from router.casework.desk.letter_read import letter_read as read_it
from router.casework.read import lists
from router.casework.read.find import find as sought
from router.casework.read.group import group
from router.casework.read.letters import letters as written
from router.casework.read.narrowed import kinds
from router.casework.read.numbers import check_for_url
from router.console import forms
from router.console.access import allow
from router.console.choices import choices, partner_titles
from router.console.visit import Visit
from router.errors import BadInput, NotFound, RouterError
from router.guard.access import Permission
from schemas.acts import Finding
from schemas.casefile import CaseSummary
from schemas.group import MOST, Group, GroupAct, GroupAnswers, Grouped, GroupRow, GroupSaid
from schemas.pages import CasesWanted, DeskOrder, DeskWanted, Due, Reading, ReferralsWanted, Waits
from schemas.site import SiteTag
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Assessment, Outcome

router = APIRouter()
#: Rows on one page of a list, and of the desk.
PAGE, DESK_PAGE = 50, 100
#: The field of a row that is ticked: a case and the version that its reader saw, with a point between them.
_ROW: Final = "row"


@router.get("/")
async def desk(
    visit: Annotated[Visit, allow("case:read")], request: Request, done: str = "", case: str = "", after: str = ""
) -> Response:
    """Return a page of the desk. `done` and `case` say which act on which case has led here.

    What else stands in the address narrows it (`schemas.pages.DeskWanted`). Raise BadInput for what does not.
    """
    given = _given(request)
    check_for_url(given.get("number"))
    asked = forms.parse(given, DeskWanted)
    found = await lists.desk(visit.ctx, asked, cursor=after or None, limit=DESK_PAGE, reader=visit.actor)
    narrowed = bool(asked.model_dump(exclude_defaults=True, exclude={"order"}))
    return await visit.page(
        "desk.html",
        found=found,
        asked=asked,
        narrowed=narrowed,
        orders=list(DeskOrder),
        dues=list(Due),
        ages=list(Waits),
        done=done,
        done_case=case,
        **await _offered(visit, on_desk=True),
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
    found: lists.Listing[CaseSummary],
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
        **await _offered(visit, on_desk=False),
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


async def _letters(visit: Visit, *, status: int = 200, done: str = "", problem: RouterError | None = None) -> Response:
    found, titles = await written(visit.ctx), await partner_titles(visit.ctx)
    return await visit.page("letters.html", status, letters=found, titles=titles, done=done, problem=problem)


async def _offered(visit: Visit, *, on_desk: bool) -> dict[str, Any]:
    """Return what a list can be narrowed by: what there is, and the partners of the directory."""
    return {
        "kinds": await kinds(visit.ctx, on_desk=on_desk),
        "choices": await choices(visit.ctx),
        "titles": await partner_titles(visit.ctx),
    }


@router.get("/sites/{tag}")
async def site(visit: Annotated[Visit, allow("case:read")], tag: SiteTag, act: Grouped | None = None) -> Response:
    """Return the open cases of a site; with `act`, those it can be done to are ticked, and the others say so."""
    return await _site(visit, await group(visit.ctx, tag, visit.actor), act)


@router.post("/sites/{tag}")
async def on_several(visit: Annotated[Visit, allow("desk:act")], tag: SiteTag) -> Response:
    """Do one act to the cases that are ticked; the page that follows answers for each of them."""
    fields, rows = await visit.ticked(_ROW, MOST)
    found = await group(visit.ctx, tag, visit.actor)
    try:
        said = _said(fields, rows)
        answers = await act_on_each(visit.ctx, tag, visit.actor, said)
    except RouterError as problem:
        act = Grouped(fields["act"]) if fields.get("act") in set(Grouped) else None
        ticked = {one.partition(".")[0] for one in rows}
        return await _site(visit, found, act, status=problem.status, problem=problem, typed=fields, ticked=ticked)
    return await _site(visit, found, said.act, answers=answers)


def _said(fields: Mapping[str, str], rows: Sequence[str]) -> GroupAct:
    """Return the form as the API's word. Raise BadInput."""
    said = forms.parse(fields, GroupSaid)
    parts = (one.partition(".") for one in rows)
    try:
        meant = tuple(GroupRow(case=case, version=int(version)) for case, _, version in parts)
        return GroupAct(**dict(said), rows=meant)
    except (ValidationError, ValueError):
        raise BadInput("Tick the cases that you mean.", field="rows") from None


async def _site(
    visit: Visit,
    found: Group,
    act: Grouped | None,
    *,
    status: int = 200,
    problem: RouterError | None = None,
    typed: Mapping[str, str] | None = None,
    ticked: set[str] | None = None,
    answers: GroupAnswers | None = None,
) -> Response:
    offered = [one for one in Grouped if any(one in case.acts for case in found.items)]
    outcomes = [one for one in Outcome if _may_end(visit, one)]
    shown: dict[str, Any] = {"found": found, "act": act, "offered": offered, "problem": problem, "typed": typed or {}}
    answered = {} if answers is None else {one.case: one for one in answers.items}
    takes = {one.case.id for one in found.items if act is None or act in one.acts}
    is_meant = {one.case.id: one.case.id in (answered if answers else takes) for one in found.items}
    return await visit.page(
        "site.html",
        status,
        **shown,
        meant=[one for one in found.items if is_meant[one.case.id]],
        left_out=[one for one in found.items if not (answers or is_meant[one.case.id])],
        ticked=ticked,
        answers=answers,
        answered=answered,
        findings=[one for one in Finding if one is not Finding.POLICE_KEEPS],
        outcomes=outcomes,
        sendable=[Assessment.BASELINE, Assessment.NATIONAL],
        choices=await choices(visit.ctx),
        titles=await partner_titles(visit.ctx),
    )


def _may_end(visit: Visit, outcome: Outcome) -> bool:
    """Not illegal is an act of its own, by who has seen it; spam is a supervisor's word."""
    return outcome is not Outcome.NOT_ILLEGAL and (outcome is not Outcome.SPAM or visit.may(Permission.CASE_SPAM))
