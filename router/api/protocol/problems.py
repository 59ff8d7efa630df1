"""Errors as RFC 9457 documents: the one place of the API that knows statuses.

What is ours keeps its sentence. What is not (a framework's, a library's, a bug) keeps none of its text: such texts
quote what was sent. The request id in the document is also in the log.
"""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from router.casework.intake.field_errors import Unreadable, nameable, pointer, unreadable
from router.errors import NotSignedIn, RouterError, Unavailable
from schemas.problem import FieldProblem, Problem

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:referral-router:problem:"
#: Refusals that are about the form of a request, not about its content (RFC 9110 section 15.5.1; the Idempotency-Key
#: draft wants 400 for a missing or malformed key).
_STATUS_BY_REASON: Final = {"not_json": 400, "idempotency_key": 400, "not_signed": 401}
#: Sentences for what the framework refuses before one of our endpoints runs.
_BY_STATUS: Final = {
    404: ("not_found", "There is nothing at this address; see /openapi.json for what there is."),
    405: ("method_not_allowed", "This address does not take this method; see the Allow header."),
}


def _where(field: str) -> str:
    """Return the pointer of a field as our errors name it: `items.0.location`, or ready-made with a slash."""
    return field if "/" in field else pointer(nameable(field.split(".")))


def document(error: RouterError, request_id: str | None = None) -> Problem:
    """Return the problem document of one of our errors."""
    errors: tuple[FieldProblem, ...] = ()
    if isinstance(error, Unreadable):
        errors = error.errors
    elif error.field:
        errors = (FieldProblem(field=_where(error.field), message=error.message),)
    return Problem(
        type=f"{TYPE_PREFIX}{error.code}",
        title=error.title,
        status=_STATUS_BY_REASON.get(error.reason, error.status),
        detail=error.message,
        reason=error.reason,
        errors=errors,
        request=request_id,
    )


def headers(error: RouterError) -> dict[str, str]:
    """Return the headers that belong to an error: when to come back, or how to sign in."""
    if isinstance(error, Unavailable):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after or 5)))}
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="referral-router"'}
    return {}


def answer(problem: Problem, extra: Mapping[str, str] | None = None) -> Response:
    """Return a problem document as a response."""
    body = orjson.dumps(problem.model_dump(mode="json", exclude_none=True, exclude_defaults=False))
    return Response(body, problem.status, dict(extra or {}), MEDIA_TYPE)


def refuse(error: RouterError, request_id: str | None = None) -> Response:
    """Return one of our errors as a response."""
    return answer(document(error, request_id), headers(error))


def unexpected(request_id: str | None) -> Response:
    """Return the answer for a fault of this program: nothing of it but where to ask."""
    return answer(
        Problem(
            type=f"{TYPE_PREFIX}internal_error",
            title="Internal error",
            status=500,
            detail="The router failed on this request; name the request id to the operator.",
            reason="internal_error",
            request=request_id,
        )
    )


def install(app: FastAPI) -> None:
    """Teach an application to answer its errors as problem documents."""
    app.add_exception_handler(RouterError, _ours)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _framework)


def request_id(request: Request) -> str | None:
    """Return the id that `surround` gave this request."""
    found: str | None = request.scope.get("router.request")
    return found


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, RouterError)
    return refuse(error, request_id(request))


async def _parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return refuse(unreadable(error.errors()), request_id(request))


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    phrase = HTTPStatus(status).phrase
    code, detail = _BY_STATUS.get(status, ("http_error", f"{phrase}; see /openapi.json for what is taken here."))
    problem = Problem(
        type=f"{TYPE_PREFIX}{code}",
        title=phrase,
        status=status,
        detail=detail,
        reason=code,
        request=request_id(request),
    )
    return answer(problem, error.headers)
