"""A partner is added or changed in a form: judged as every entry is, refused field by field, confirmed by another."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.govern.partners import entry
from router.console.access import allow
from router.console.language import N_
from router.console.partners import fields as form
from router.console.partners.fields import ENTRY, NAME, TICKS, Field
from router.console.partners.words import FAULT, KIND, LABEL
from router.console.visit import Visit
from router.data.directory import DirectoryInvalid
from router.errors import BadInput, NotFound, RouterError
from schemas.governed import Published
from schemas.word import Name

router = APIRouter()
#: Bytes and fields of this form: a unit's certificate and its answers' key are of 16 KiB each.
LIMIT, MOST = 96 * 1024, 80
#: An entry that says nothing yet.
_EMPTY: Final[Mapping[str, str]] = {
    "kind": "hotline", "accepts": "baseline", "pace.per_second": "50", "pace.burst": "50", "pace.in_flight": "8",
}  # fmt: skip
_BY_HAND: Final = BadInput(N_("Choose how it is spoken to."), field="dialect", reason="no_dialect")


@router.get("/new-partner")
async def new(visit: Annotated[Visit, allow("partner:write")], dialect: str = "") -> Response:
    """Return the question how a new partner is spoken to, then its form."""
    if dialect not in visit.ctx.dialects:
        return await visit.page("partner_form.html", dialects=sorted(visit.ctx.dialects), name=None, fields=None)
    return await _page(visit, None, dialect, dict(_EMPTY))


@router.post("/new-partner")
async def add(visit: Annotated[Visit, allow("partner:write")]) -> Response:
    """Propose a new partner."""
    typed = await _typed(visit)
    dialect = typed.get("dialect", "")
    if dialect not in visit.ctx.dialects:
        raise _BY_HAND
    fields = _fields(visit, dialect, new=True)
    try:
        visit.confirm_fresh()
        given = _given({"dialect": dialect}, typed, fields, _about(typed.get("name")))
        await entry.add(visit.ctx, given, visit.actor)
    except RouterError as problem:
        return await _page(visit, None, dialect, typed, problem=problem)
    return visit.go("/changes", done="proposed")


@router.get("/partners/{name}/edit")
async def edit(visit: Annotated[Visit, allow("partner:write")], name: Name) -> Response:
    """Return the form of a partner, filled in as it is, or as it is proposed; names of secrets are not."""
    partner, standing = await entry.known(visit.ctx, name)
    typed = form.shown(partner, _fields(visit, partner.dialect))
    return await _page(visit, name, partner.dialect, {**typed, "seen": standing.seen}, by=standing.by)


@router.post("/partners/{name}/edit")
async def change(visit: Annotated[Visit, allow("partner:write")], name: Name) -> Response:
    """Change a partner, as far as that narrows; propose the rest."""
    typed = await _typed(visit)
    partner, standing = await entry.known(visit.ctx, name)
    fields = _fields(visit, partner.dialect)
    try:
        visit.confirm_fresh()
        given = _given(partner.model_dump(mode="json"), typed, fields, _about(name))
        done: Published = await entry.change(visit.ctx, given, visit.actor, typed.get("seen", ""))
    except NotFound:
        raise
    except RouterError as problem:
        return await _page(visit, name, partner.dialect, typed, problem=problem, by=standing.by)
    return visit.go("/changes", done="proposed") if done.proposed else visit.go(f"/partners/{name}", done="entry")


async def _typed(visit: Visit) -> dict[str, str]:
    fields, ticked = await visit.ticked(TICKS, MOST, limit=LIMIT)
    return {**fields, TICKS: " ".join(ticked)}


def _given(before: Mapping[str, Any], typed: Mapping[str, str], fields: Sequence[Field], about: str) -> dict[str, Any]:
    if unreadable := list(form.unreadable(about, typed, fields)):
        raise DirectoryInvalid("The entry cannot be used", mistakes=unreadable)
    return form.filled(before, typed, fields)


def _about(name: str | None) -> str:
    """Return how mistakes name the partner of this form: the only one of its directory."""
    return f"partner {name or 'no. 1'}"


def _fields(visit: Visit, dialect: str, *, new: bool = False) -> tuple[Field, ...]:
    spoken = visit.ctx.dialects.get(dialect)
    settings = () if spoken is None else form.of_dialect(spoken)
    return (*((NAME,) if new else ()), *ENTRY, *settings)


async def _page(
    visit: Visit,
    name: str | None,
    dialect: str,
    typed: Mapping[str, str],
    *,
    problem: RouterError | None = None,
    by: str | None = None,
) -> Response:
    fields = _fields(visit, dialect, new=name is None)
    mistakes = problem.mistakes if isinstance(problem, DirectoryInvalid) else ()
    about = _about(name or typed.get("name"))
    secret = {one.path for one in fields if one.kind in (form.Kind.SECRET, form.Kind.SECRETS)}
    return await visit.page(
        "partner_form.html",
        200 if problem is None else problem.status,
        name=name,
        dialect=dialect,
        fields=fields,
        typed={path: text for path, text in typed.items() if path not in secret},
        wrong=form.beside(mistakes, about, fields),
        problem=None if mistakes else problem,
        by=by,
        labels=LABEL,
        kinds=KIND,
        faults=FAULT,
    )
