"""Viewing sessions: taken from the desk as a file for the closed room or on screen, brought back, given back, lost."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import Response

from router.casework.desk.viewing import ended, listed, results
from router.casework.desk.viewing.table import ASSESSMENTS, FINDINGS, READ, Said, text_of
from router.casework.desk.viewing.taken import left_out_of, take
from router.casework.read import group
from router.casework.read.narrowed import kinds
from router.console import forms
from router.console.access import allow
from router.console.language import N_
from router.console.viewing import words
from router.console.visit import Visit
from router.errors import BadInput, RouterError
from router.guard.access import Permission
from schemas.viewing import MOST, LineAnswers, LostSaid, SessionName, SessionPlace, ViewingAsked, ViewingMade

router = APIRouter()
#: The field of a row that is ticked: a case.
_ROW: Final = "row"
#: Bytes of a form that holds a table or a row for each line, and fields of it.
_LIMIT: Final = 768 * 1024
_FIELDS: Final = 20 + MOST * len(READ)


@router.get("/viewings")
async def sessions(visit: Annotated[Visit, allow("case:read")], after: SessionPlace | None = None) -> Response:
    """Return a page of the sessions, and the form that begins one; `after` is where the last page ended."""
    return await _all(visit, after=after)


@router.post("/viewings")
async def begin(visit: Annotated[Visit, allow("case:reveal")]) -> Response:
    """Take a list of the desk. Its file stands in the page that follows, once, and is kept nowhere."""
    fields = await visit.fields()
    try:
        asked = forms.parse(fields, ViewingAsked)
        if not asked.on_screen:
            visit.confirm_fresh()
        made = await take(visit.ctx, asked, visit.actor)
    except RouterError as problem:
        return await _all(visit, problem=problem, typed=fields)
    return await _one(visit, made.session.name, made=made)


@router.post("/viewings/chosen")
async def chosen(visit: Annotated[Visit, allow("case:reveal")]) -> Response:
    """Return what of the desk is ticked, before any of it is taken; what may not be taken says why."""
    _, rows = await visit.ticked(_ROW, MOST)
    return await _chosen(visit, rows)


@router.post("/viewings/chosen/begin")
async def begin_chosen(visit: Annotated[Visit, allow("case:reveal")]) -> Response:
    """Take those that were listed and are ticked; the page that follows has them line by line, and names the others."""
    fields, rows = await visit.ticked(_ROW, MOST)
    if not rows:
        return await _chosen(visit, rows)
    try:
        asked = forms.parse(fields, ViewingAsked).model_copy(update={"cases": _cases(rows)})
        if not asked.on_screen:
            visit.confirm_fresh()
        made = await take(visit.ctx, asked, visit.actor)
    except RouterError as problem:
        return await _chosen(visit, rows, problem)
    return await _one(visit, made.session.name, made=made)


@router.post("/viewings/results")
async def bring(visit: Annotated[Visit, allow("desk:act")]) -> Response:
    """Do what a file says that came back, row by row."""
    _, content = await visit.brought("file", _LIMIT)
    try:
        visit.confirm_fresh()
        answers = await results.bring(visit.ctx, text_of(content), visit.actor)
    except RouterError as problem:
        return await _all(visit, problem=problem)
    return await _all(visit, answers=answers)


@router.get("/viewings/{name}")
async def session(visit: Annotated[Visit, allow("case:read")], name: SessionName, done: str = "") -> Response:
    """Return a session with its lines."""
    return await _one(visit, name, done=done)


@router.post("/viewings/{name}/rows")
async def rows(visit: Annotated[Visit, allow("desk:act")], name: SessionName) -> Response:
    """Do what was typed in beside the lines of a session, row by row."""
    fields = await visit.fields(limit=_LIMIT, most=_FIELDS)
    try:
        visit.confirm_fresh()
        answers = await results.bring_rows(visit.ctx, _typed(fields), visit.actor)
    except RouterError as problem:
        return await _one(visit, name, problem=problem, typed=fields)
    return await _one(visit, name, answers=answers, typed=fields)


@router.post("/viewings/{name}/give-back")
async def close(visit: Annotated[Visit, allow("desk:act")], name: SessionName) -> Response:
    """Give back what has no result."""
    await visit.fields()
    try:
        await ended.close(visit.ctx, name, visit.actor)
    except RouterError as problem:
        return await _one(visit, name, problem=problem)
    return visit.go(f"/viewings/{name}", done="closed")


@router.post("/viewings/{name}/lost")
async def lost(visit: Annotated[Visit, allow("desk:act")], name: SessionName) -> Response:
    """Say that it is lost: an incident. The page that follows lists what was in it."""
    fields = await visit.fields()
    try:
        await ended.lost(visit.ctx, name, visit.actor, forms.parse(fields, LostSaid).reason)
    except RouterError as problem:
        return await _one(visit, name, problem=problem, typed=fields)
    return visit.go(f"/viewings/{name}", done="lost")


def _cases(rows: Sequence[str]) -> tuple[str, ...]:
    """Return the cases that are ticked. Raise BadInput."""
    try:
        return ViewingAsked(cases=tuple(rows)).cases
    except ValidationError:
        raise BadInput(N_("Tick the cases that you mean."), field="rows") from None


async def _chosen(visit: Visit, rows: Sequence[str], problem: RouterError | None = None) -> Response:
    if not rows:
        return visit.go("/", done="none-ticked")
    left_out = {one.case: one for one in await left_out_of(visit.ctx, _cases(rows), visit.actor)}
    found = (await group.chosen(visit.ctx, rows, visit.actor)).items
    return await visit.page(
        "viewing_chosen.html",
        200 if problem is None else problem.status,
        meant=[one.case for one in found if one.case.id not in left_out],
        left_out=[(one.case, left_out[one.case.id]) for one in found if one.case.id in left_out],
        exports=visit.ctx.room is not None,
        problem=problem,
        **_WORDS,
    )


def _typed(fields: Mapping[str, str]) -> list[Said]:
    """Return the rows of a form whose fields are `COLUMN.TOKEN`; what nobody filled in is no row."""
    tokens = dict.fromkeys(name.partition(".")[2] for name in fields if "." in name)
    return [
        Said(number, token, *(" ".join(fields.get(f"{column}.{token}", "").split()) for column in READ[1:]))
        for number, token in enumerate(tokens, 1)
    ]


async def _all(
    visit: Visit,
    *,
    after: str | None = None,
    problem: RouterError | None = None,
    typed: Mapping[str, str] | None = None,
    answers: LineAnswers | None = None,
) -> Response:
    return await visit.page(
        "viewings.html",
        200 if problem is None else problem.status,
        found=await listed.sessions(visit.ctx, cursor=after),
        kinds=await kinds(visit.ctx, on_desk=True),
        exports=visit.ctx.room is not None,
        takes=visit.may(Permission.CASE_REVEAL) and visit.may(Permission.DESK_ACT),
        problem=problem,
        typed=typed or {},
        answers=answers,
        **_WORDS,
    )


async def _one(
    visit: Visit,
    name: str,
    *,
    made: ViewingMade | None = None,
    done: str = "",
    problem: RouterError | None = None,
    typed: Mapping[str, str] | None = None,
    answers: LineAnswers | None = None,
) -> Response:
    found = await listed.session(visit.ctx, name)
    mine = visit.may(Permission.DESK_ACT) and visit.session.account.name == found.session.by
    return await visit.page(
        "viewing.html",
        200 if problem is None else problem.status,
        one=found.session,
        lines=found.lines,
        made=made,
        mine=mine,
        ends=mine or (visit.may(Permission.DESK_ACT) and visit.may(Permission.MANDATE_GIVE)),
        done=words.DONE.get(done),
        problem=problem,
        typed=typed or {},
        answers=answers,
        answered={} if answers is None else {one.case: one for one in answers.items},
        **_WORDS,
    )


_WORDS: Final[Mapping[str, Any]] = {
    "left_out_words": words.LEFT_OUT,
    "answer_words": words.ANSWER,
    "ended_words": words.ENDED,
    "finding_words": words.FINDING,
    "assessments": ASSESSMENTS,
    "findings": FINDINGS,
}
