"""What people ask about themselves: the register, one of them in full, and what a search found, shown once."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import ValidationError
from starlette.responses import Response

from router.casework.context import Context
from router.casework.govern import request_search, requests
from router.console import forms
from router.console.access import allow
from router.console.language import N_
from router.console.visit import Visit
from router.errors import BadInput, NotFound, RouterError
from schemas.actor import Actor
from schemas.requests import (
    Found,
    RequestCloses,
    RequestExtends,
    RequestGiven,
    RequestKind,
    RequestOutcome,
    RequestRead,
    TermKind,
)

router = APIRouter()
#: The fields of the form that hold terms, one a line.
_TERMS: Final = {
    "urls": TermKind.URL,
    "hosts": TermKind.HOST,
    "accounts": TermKind.ACCOUNT,
    "numbers": TermKind.REFERENCE,
}


@router.get("/requests")
async def show(
    visit: Annotated[Visit, allow("request:read")],
    done: str = "",
    *,
    closed: bool = False,
    after: Annotated[str | None, Query(pattern=requests.CURSOR)] = None,
) -> Response:
    """Return a page of the register, what is due first on top; `after` is where the last page ended."""
    return await _page(visit, done=done, closed=closed, after=after)


@router.post("/requests")
async def add(visit: Annotated[Visit, allow("request:act")]) -> Response:
    """Open a request."""
    fields = await visit.fields()
    try:
        await requests.add(visit.ctx, _given(fields), visit.actor)
    except RouterError as problem:
        return await _page(visit, status=problem.status, problem=_named(problem), typed=fields)
    return visit.go("/requests", done="request")


@router.post("/requests/{request_id}/read")
async def read(visit: Annotated[Visit, allow("request:act")], request_id: UUID) -> Response:
    """Return one in full, once and logged."""
    await visit.fields()
    try:
        visit.confirm_fresh()
        return await _page(visit, full=await requests.read(visit.ctx, str(request_id), visit.actor))
    except NotFound:
        raise
    except RouterError as problem:
        return await _page(visit, status=problem.status, problem=problem)


@router.post("/requests/{request_id}/search")
async def search(visit: Annotated[Visit, allow("request:search")], request_id: UUID) -> Response:
    """Return what its terms find, once and logged, to the data protection officer."""
    await visit.fields()
    try:
        visit.confirm_fresh()
        return await _page(visit, found=await request_search.search(visit.ctx, str(request_id), visit.actor))
    except NotFound:
        raise
    except RouterError as problem:
        return await _page(visit, status=problem.status, problem=problem)


@router.post("/requests/{request_id}/{act}")
async def settle(visit: Annotated[Visit, allow("request:act")], request_id: UUID, act: str) -> Response:
    """Agree to a search as a second person, extend the time, or close it."""
    fields, one = await visit.fields(), str(request_id)
    if act not in _ACTS:
        raise NotFound
    try:
        if act == "agree":  # it lets another person search
            visit.confirm_fresh()
        await _ACTS[act](visit.ctx, one, fields, visit.actor)
    except NotFound:
        raise
    except RouterError as problem:
        return await _page(visit, status=problem.status, problem=problem)
    return visit.go("/requests", done=f"request-{act}")


async def _agree(ctx: Context, request_id: str, fields: Mapping[str, str], actor: Actor) -> None:
    del fields
    await requests.agree(ctx, request_id, actor)


async def _extend(ctx: Context, request_id: str, fields: Mapping[str, str], actor: Actor) -> None:
    await requests.extend(ctx, request_id, forms.parse(fields, RequestExtends), actor)


async def _close(ctx: Context, request_id: str, fields: Mapping[str, str], actor: Actor) -> None:
    await requests.close(ctx, request_id, forms.parse(fields, RequestCloses), actor)


_ACTS: Final = {"agree": _agree, "extend": _extend, "close": _close}


def _given(fields: Mapping[str, str]) -> RequestGiven:
    """Return what the form says. Raise BadInput naming the first wrong field."""
    plain = {name: fields.get(name, "") for name in ("kind", "received_on", "asked_by")}
    try:
        return RequestGiven.model_validate_json(json.dumps({**plain, "terms": list(_terms(fields))}))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        text = N_("This field of the form cannot be used; correct it.")
        raise BadInput(text, field=str(first["loc"][0]), reason="invalid_field") from None


def _terms(fields: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for name, kind in _TERMS.items():
        for line in fields.get(name, "").splitlines():
            platform, equals, handle = line.partition("=")
            if kind is TermKind.ACCOUNT and equals:
                yield {"kind": kind, "platform": platform.strip(), "what": handle.strip()}
            elif line.strip():
                yield {"kind": kind, "what": line.strip()}


def _named(problem: RouterError) -> RouterError:
    """Return a problem of one of several terms as that of the terms, which is what the form has."""
    if problem.field and problem.field.startswith("terms"):
        problem.field = "terms"
    return problem


async def _page(
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    closed: bool = False,
    after: str | None = None,
    problem: RouterError | None = None,
    typed: Mapping[str, str] | None = None,
    full: RequestRead | None = None,
    found: Found | None = None,
) -> Response:
    around: dict[str, Any] = {"done": done, "problem": problem, "typed": typed or {}, "full": full, "found": found}
    return await visit.page(
        "requests.html",
        status,
        listed=await requests.listed(visit.ctx, closed=closed, cursor=after),
        closed=closed,
        kinds=tuple(RequestKind),
        outcomes=tuple(RequestOutcome),
        **around,
    )
