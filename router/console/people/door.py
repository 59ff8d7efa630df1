"""Signing in with a password and a second factor, in one form: nothing is kept between two steps."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from router.casework.people.sign_in import sign_in
from router.console import access, forms, signin
from router.console.access import context, open_to_all
from router.console.page import show
from router.console.visit import address_of
from router.errors import BadInput, NotSignedIn, RouterError, TooOften
from schemas.account import SignInGiven

router = APIRouter()


@router.post("/signin/password", dependencies=[open_to_all("signing in is how one becomes somebody")])
async def by_password(request: Request) -> Response:
    """Begin a session with a name, a password and a code."""
    access.check_same_origin(request)
    fields = await forms.read(request)
    wanted = signin.local(fields.get("next", "/"))
    try:
        given = forms.parse(fields, SignInGiven)
        opened = await sign_in(context(request), given, address_of(request))
    except (NotSignedIn, TooOften, BadInput) as problem:
        return _again(request, problem, wanted)
    return signin.began(request, opened, wanted)


def _again(request: Request, problem: RouterError, wanted: str) -> Response:
    return show(request, "signin.html", problem.status, next=wanted, problem=problem)
