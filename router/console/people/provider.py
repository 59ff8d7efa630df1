"""Signing in by the house's provider, connecting an account with it, and showing there again who one is.

A form of ours never leads to another site by itself (`form-action 'self'`): a page of ours leads there, and back.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from router.casework.people import oidc
from router.casework.people.oidc import Mode
from router.console import access
from router.console.access import allow, context, open_to_all
from router.console.page import show
from router.console.visit import Visit, address_of
from router.errors import Conflict, NotSignedIn, RouterError, Unavailable

router = APIRouter()
COOKIE: Final = "__Host-provider"
_ANYBODY: Final = open_to_all("signing in is how one becomes somebody")


@router.post("/signin/provider", dependencies=[_ANYBODY])
async def begin(request: Request) -> Response:
    """Lead to the provider, to sign in."""
    access.check_same_origin(request)
    try:
        return _leading(request, *await oidc.begin(context(request), Mode.ENTER, address_of(request)))
    except Unavailable as problem:
        return _door(request, problem)


@router.post("/me/access/provider/{act}")
async def own(visit: Annotated[Visit, allow("token:own")], act: Mode) -> Response:
    """Lead to the provider, to connect the account with it or to show again who one is."""
    await visit.fields()
    if act is not Mode.FRESH:
        visit.confirm_fresh()
    return _leading(visit.request, *await oidc.begin(visit.ctx, act, address_of(visit.request), visit.session))


@router.post("/me/access/disconnect")
async def disconnect(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """End the connection."""
    await visit.fields()
    await oidc.disconnect(visit.ctx, visit.session.account, keep=visit.session.digest)
    return visit.go("/me/access", done="disconnected")


@router.get("/signin/provider/back", dependencies=[_ANYBODY])
async def back(request: Request) -> Response:
    """Take what the provider says. The page that follows is asked for by ours, so that the session's cookie goes."""
    kept, given = request.cookies.get(COOKIE, ""), dict(request.query_params)
    try:
        mode, opened = await oidc.finish(context(request), kept, given, address_of(request))
    except (NotSignedIn, Unavailable, Conflict) as problem:
        return _door(request, problem)
    answer = show(request, "onward.html", to="/" if mode is Mode.ENTER else "/me/access", title="")
    if opened is not None:
        access.keep(answer, opened)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax", path="/")
    return answer


def _leading(request: Request, address: str, kept: str) -> Response:
    provider = oidc.provider_of(context(request))
    answer = show(request, "onward.html", to=address, title=provider.settings.title)
    answer.set_cookie(COOKIE, kept, oidc.LIFE, secure=True, httponly=True, samesite="lax", path="/")
    return answer


def _door(request: Request, problem: RouterError) -> Response:
    """Return the sign-in page, where the other ways in are."""
    answer = show(request, "signin.html", problem.status, next="/", problem=problem)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax", path="/")
    return answer
