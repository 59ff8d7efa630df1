"""The versions of the policy on the console: listed, compared in words, and an older one published again."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from router.casework.govern.rules import drafts, versions
from router.casework.govern.versions import newest_version
from router.console import forms
from router.console.access import allow
from router.console.choices import partner_titles
from router.console.rules.words import DONE, KIND, PART, REACH, SCOPE
from router.console.visit import Visit
from router.errors import RouterError
from router.store.schema.tables import policies
from schemas.policy_version import RollBack
from schemas.word import Word

router = APIRouter()
_HIGHEST = 2**31 - 1
Version = Annotated[int, Path(ge=1, le=_HIGHEST)]
#: Versions of one page.
_PAGE = 50


class ListAsked(Word):
    """Which page of the list, and what was done before it is shown."""

    cursor: Annotated[int, Field(ge=1, le=_HIGHEST)] | None = None
    done: str = ""


@router.get("/rules")
async def show(visit: Annotated[Visit, allow("policy:read")], asked: Annotated[ListAsked, Query()]) -> Response:
    """Return the versions, newest first."""
    found = await versions.listed(visit.ctx, _PAGE, asked.cursor)
    newest = await newest_version(visit.ctx.store, policies)
    waiting = await drafts.listed(visit.ctx)
    return await visit.page(
        "rules.html",
        found=found,
        newest=newest,
        waiting=waiting,
        scopes=SCOPE,
        done=DONE.get(asked.done),
        titles=await partner_titles(visit.ctx),
    )


@router.get("/rules/versions/{version}")
async def compare(
    visit: Annotated[Visit, allow("policy:read")],
    version: Version,
    of: Annotated[int | None, Query(ge=1, le=_HIGHEST)] = None,
) -> Response:
    """Return what a version changes of the one before it, or of another."""
    return await _compared(visit, version, of)


@router.post("/rules/versions/{version}/roll-back")
async def roll_back(visit: Annotated[Visit, allow("policy:write")], version: Version) -> Response:
    """Publish an older version again, or propose it to another person."""
    fields = await visit.fields()
    try:
        visit.confirm_fresh()
        done = await versions.roll_back(visit.ctx, version, forms.parse(fields, RollBack).over, visit.actor)
    except RouterError as problem:
        return await _compared(visit, version, await newest_version(visit.ctx.store, policies), problem)
    return visit.go("/rules", done="back-asked" if done.proposed else "back")


async def _compared(visit: Visit, version: int, of: int | None, problem: RouterError | None = None) -> Response:
    """Show two versions: of an older one and the one in force, what would change by rolling back."""
    found = await versions.compare(visit.ctx, of or max(version - 1, 1), version)
    newest = await newest_version(visit.ctx.store, policies)
    return await visit.page(
        "rule_version.html",
        problem.status if problem else 200,
        found=found,
        newest=newest,
        kinds=KIND,
        reaches=REACH,
        part_words=PART,
        titles=await partner_titles(visit.ctx),
        problem=problem,
    )
