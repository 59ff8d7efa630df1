"""One act on several cases: of a site, or chosen on the desk. What is about to happen is listed row by row before.

The rows of the list are those of the form that follows, each with the version that was shown: what came to the desk
since is not among them, and what changed since is refused and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import Response

from router.casework.case.acts import SENDING
from router.casework.desk.grouped import MISCOUNTED, act_on_chosen, act_on_each
from router.casework.read.group import chosen, found_on_desk, group
from router.console import forms
from router.console.access import allow
from router.console.choices import choices, partner_titles
from router.console.language import N_
from router.console.visit import Visit
from router.errors import BadInput, Conflict, RouterError
from router.guard.access import Permission
from schemas.acts import Finding
from schemas.group import MOST, Chosen, Group, GroupAct, GroupAnswers, GroupCase, Grouped, GroupRow, GroupSaid
from schemas.pages import DeskWanted
from schemas.site import SiteTag, SiteView
from schemas.vocabulary import Assessment, Outcome

router = APIRouter()
#: The field of a row that is ticked: a case and the version that its reader saw, with a point between them. On the
#: desk, where nothing is about to happen yet, the case alone.
_ROW: Final = "row"


@dataclass(frozen=True)
class _Listed:
    """What a page lists, and what it says of it."""

    items: Sequence[Any]
    more: bool
    site: SiteView | None = None
    act: Grouped | None = None
    status: int = 200
    problem: RouterError | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    ticked: set[str] | None = None
    answers: GroupAnswers | None = None


def _of(found: Group | Chosen, **more: Any) -> _Listed:
    return _Listed(found.items, found.more, found.site if isinstance(found, Group) else None, **more)


@router.get("/sites/{tag}")
async def site(visit: Annotated[Visit, allow("case:read")], tag: SiteTag, act: Grouped | None = None) -> Response:
    """Return the open cases of a site; with `act`, those it can be done to are ticked, and the others say so."""
    return await _shown(visit, _of(await group(visit.ctx, tag, visit.actor), act=act))


@router.post("/sites/{tag}")
async def on_site(visit: Annotated[Visit, allow("desk:act")], tag: SiteTag) -> Response:
    """Do one act to the cases of a site that are ticked; the page that follows answers for each of them."""
    fields, rows = await visit.ticked(_ROW, MOST)
    found = await group(visit.ctx, tag, visit.actor)
    try:
        said = _said(visit, fields, rows)
        answers = await act_on_each(visit.ctx, tag, visit.actor, said)
    except RouterError as problem:
        return await _refused(visit, found, fields, rows, problem)
    return await _shown(visit, _of(found, act=said.act, answers=answers))


@router.post("/several")
async def preview(visit: Annotated[Visit, allow("desk:act")]) -> Response:
    """Return what an act would be done to: the rows that are ticked, or all that the desk's filter finds."""
    fields, rows = await visit.ticked(_ROW, MOST)
    act = _act(fields.get("as")) or _act(fields.get("act"))
    if act is None:
        raise BadInput(N_("Say what is to be done to them."), field="act")
    if fields.get("which") == "found":
        wanted = forms.parse(dict(parse_qsl(fields.get("filter", ""))), DeskWanted)
        return await _shown(visit, _of(await found_on_desk(visit.ctx, wanted, visit.actor), act=act))
    if not rows:
        return visit.go("/", done="none-ticked")
    return await _shown(visit, _of(await chosen(visit.ctx, _ids(rows), visit.actor), act=act))


@router.post("/several/act")
async def on_chosen(visit: Annotated[Visit, allow("desk:act")]) -> Response:
    """Do one act to those that were listed and are ticked; the page that follows answers for each of them."""
    fields, rows = await visit.ticked(_ROW, MOST)
    found = await chosen(visit.ctx, _ids(rows), visit.actor)
    try:
        said = _said(visit, fields, rows)
        answers = await act_on_chosen(visit.ctx, visit.actor, said)
    except RouterError as problem:
        return await _refused(visit, found, fields, rows, problem)
    return await _shown(visit, _of(found, act=said.act, answers=answers))


def _act(given: str | None) -> Grouped | None:
    return Grouped(given) if given in set(Grouped) else None


def _ids(rows: Sequence[str]) -> list[str]:
    return [one.partition(".")[0] for one in rows]


def _said(visit: Visit, fields: Mapping[str, str], rows: Sequence[str]) -> GroupAct:
    """Return the form as the API's word. Raise BadInput; NotAllowed for what sends, in a session that is not fresh."""
    said = forms.parse(fields, GroupSaid)
    if said.act in SENDING:
        visit.confirm_fresh()
    parts = (one.partition(".") for one in rows)
    try:
        meant = tuple(GroupRow(case=case, version=int(version)) for case, _, version in parts)
        return GroupAct(**dict(said), rows=meant)
    except (ValidationError, ValueError):
        raise BadInput(N_("Tick the cases that you mean."), field="rows") from None


async def _refused(
    visit: Visit, found: Group | Chosen, fields: Mapping[str, str], rows: Sequence[str], problem: RouterError
) -> Response:
    """Return the list again, as it stands now: what changed since is not ticked any more."""
    more: dict[str, Any] = {"act": _act(fields.get("act")), "status": problem.status, "problem": problem}
    return await _shown(visit, _of(found, **more, typed=fields, ticked=set(rows)))


async def _shown(visit: Visit, listed: _Listed) -> Response:
    answers, act, items = listed.answers, listed.act, listed.items
    answered = {} if answers is None else {one.case: one for one in answers.items}
    meant = {one.case.id for one in items if act is None or act in one.acts}
    ticked = {one.case.id for one in items if one.case.id in meant and _is_ticked(listed, one)}
    done = {one.case for one in answered.values() if one.done}  # those that were refused come first
    is_meant = {one.case.id: one.case.id in (answered if answers else meant) for one in items}
    return await visit.page(
        "several.html",
        listed.status,
        listed=listed,
        act=act,
        answers=answers,
        answered=answered,
        problem=_as_it_stands(listed, len(ticked)),
        ticked=ticked,
        not_any_more=0 if listed.ticked is None else len(listed.ticked) - len(ticked),
        typed=listed.typed,
        offered=[one for one in Grouped if any(one in case.acts for case in items)],
        meant=sorted((one for one in items if is_meant[one.case.id]), key=lambda one: one.case.id in done),
        not_here=[one for one in answered.values() if one.case not in is_meant],
        left_out=[one for one in items if not (answers or is_meant[one.case.id])],
        findings=[one for one in Finding if one is not Finding.POLICE_KEEPS],
        outcomes=[one for one in Outcome if _may_end(visit, one)],
        sendable=[Assessment.BASELINE, Assessment.NATIONAL],
        choices=await choices(visit.ctx),
        titles=await partner_titles(visit.ctx),
    )


def _is_ticked(listed: _Listed, one: GroupCase) -> bool:
    """Tell whether a row is ticked: all are at first; then those that were, as long as they are as they were."""
    return listed.ticked is None or f"{one.case.id}.{one.case.version}" in listed.ticked


def _as_it_stands(listed: _Listed, ticked: int) -> RouterError | None:
    """Return why nothing was done. A count is held to what this page has ticked, and not to what was sent."""
    problem, said = listed.problem, listed.typed.get("count", "")
    if problem is None or problem.reason != "miscounted":
        return problem
    if said == str(ticked):  # right by now: they counted without what changed
        return Conflict(reason="miscounted")
    return BadInput(MISCOUNTED.format(said=said, meant=ticked), field="count", reason="miscounted")


def _may_end(visit: Visit, outcome: Outcome) -> bool:
    """Not illegal is an act of its own, by who has seen it; spam is a supervisor's word."""
    return outcome is not Outcome.NOT_ILLEGAL and (outcome is not Outcome.SPAM or visit.may(Permission.CASE_SPAM))
