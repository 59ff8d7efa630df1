"""What a person sees when something cannot be done: a page in their language, never a trace or somebody else's text."""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from router.console import signin
from router.console.language import N_
from router.console.page import HEADERS, show
from router.errors import Conflict, Damaged, NotAllowed, NotFound, NotSignedIn, RouterError, StoreUnavailable, TooLarge

#: A heading for each kind of failure; the first class that fits.
_HEADINGS: Final = (
    (NotAllowed, N_("You may not do this")),
    (NotFound, N_("There is nothing here")),
    (Conflict, N_("It changed in the meantime")),
    (TooLarge, N_("Too much at once")),
    (StoreUnavailable, N_("The store cannot be reached")),
    (Damaged, N_("Stored data is damaged")),
)
_OTHER: Final = N_("This cannot be done")
_BUG: Final = N_("The router failed on this page")


def install(app: FastAPI) -> None:
    """Teach the console to answer its errors as pages."""
    app.add_exception_handler(RouterError, _ours)
    app.add_exception_handler(RequestValidationError, _no_such_page)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _bug)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, RouterError)
    if isinstance(error, NotSignedIn):
        return _sign_in(request, error)
    heading = next((text for kind, text in _HEADINGS if isinstance(error, kind)), _OTHER)
    return _page(request, error.status, heading, error.message)


def _sign_in(request: Request, error: NotSignedIn) -> Response:
    """Lead to the sign-in page; a form that was sent without a session says so there, and nothing was done."""
    if request.method in {"GET", "HEAD"}:
        return RedirectResponse(f"/signin?next={quote(signin.local(request.url.path))}", 303)
    return show(request, "signin.html", error.status, next="/", problem=error)


async def _no_such_page(request: Request, _error: Exception) -> Response:
    return _page(request, 404, N_("There is nothing here"), NotFound().message)


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return await _no_such_page(request, error)
    return _page(request, error.status_code, _OTHER, None)


async def _bug(request: Request, _error: Exception) -> Response:
    """Answer outside of all that surrounds a page: without its headers it would be shown without its style."""
    page = _page(request, 500, _BUG, None)
    page.headers.update(HEADERS)
    return page


def _page(request: Request, status: int, heading: str, message: str | None) -> Response:
    known: str | None = request.scope.get("router.request")
    return show(request, "failure.html", status, heading=heading, message=message, request_id=known)
