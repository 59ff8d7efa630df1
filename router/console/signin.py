"""Signing in and out: a one-time link, or a token of one's own; making one; and the choice of a language.

A link is only shown by GET and used up by POST, so that a mail scanner that follows it does not burn it.
"""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from router.casework.people import links, sessions, tokens
from router.casework.people.sessions import OpenedSession
from router.console import access, forms
from router.console.access import allow, context, open_to_all
from router.console.language import LANGUAGES, N_
from router.console.page import LANGUAGE_COOKIE, show
from router.console.visit import Visit, address_of
from router.errors import BadInput, NotAllowed, NotSignedIn, RouterError, TooOften
from schemas.acts import OwnTokenGiven, TokenGiven

router = APIRouter()
_ANYBODY: Final = open_to_all("signing in is how one becomes somebody")
#: Where one may be led after signing in: a page of ours, never an address from elsewhere.
_NEXT: Final = re.compile(r"/(?:cases(?:/[0-9a-f-]{36})?|stops|audit)?")
_YEAR: Final = 365 * 86_400
_NO_LINK: Final = N_("This link has ended or was used; ask for another.")


@router.get("/signin", dependencies=[_ANYBODY])
async def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """Return the sign-in page."""
    return show(request, "signin.html", next=local(next), problem=None)


@router.post("/signin", dependencies=[_ANYBODY])
async def by_token(request: Request) -> Response:
    """Begin a session with an API token that was made for a person's account."""
    access.check_same_origin(request)
    fields = await forms.read(request)
    try:
        actor = await tokens.authenticate_token(context(request), fields.get("token", ""))
        opened = await sessions.begin(context(request), actor, address_of(request))
    except NotSignedIn as problem:
        return show(request, "signin.html", 401, next=local(fields.get("next", "/")), problem=problem)
    return began(request, opened, local(fields.get("next", "/")))


@router.get("/signin/{code}", dependencies=[_ANYBODY])
async def confirm(request: Request, code: str, asked: bool = False) -> Response:  # noqa: FBT001, FBT002 - in the address
    """Return the page whose button uses the link up; `asked` is after a supervisor was asked."""
    problem = NotAllowed(links.WAITS, reason="asked") if asked else None
    return show(request, "link.html", code=code, problem=problem)


@router.post("/signin/{code}", dependencies=[_ANYBODY])
async def by_link(request: Request, code: str) -> Response:
    """Begin a session with a one-time link; after a loss it asks for what is left, or for a supervisor's yes."""
    access.check_same_origin(request)
    fields = await forms.read(request)
    try:
        if "ask" in fields:
            anew = await links.ask(context(request), code, address_of(request))
            return RedirectResponse(f"/signin/{anew}?asked=true", 303)
        opened = await links.redeem(context(request), code, address_of(request), fields.get("factor", ""))
    except (NotAllowed, TooOften) as problem:
        return show(request, "link.html", problem.status, code=code, problem=problem)
    except NotSignedIn as problem:
        if problem.reason == "wrong_code":
            return show(request, "link.html", 401, code=code, problem=problem)
        return show(request, "signin.html", 401, next="/", problem=NotSignedIn(_NO_LINK, reason="link"))
    return began(request, opened, "/")


@router.get("/signout", dependencies=[_ANYBODY])
async def signed_out(request: Request) -> Response:
    """Return the page one sees after signing out."""
    return show(request, "signedout.html")


@router.post("/signout", dependencies=[_ANYBODY])
async def sign_out(request: Request) -> Response:
    """End the session; without one, there is nothing to end."""
    access.check_same_origin(request)
    answer = RedirectResponse("/signout", 303)
    try:
        session = await access.current(request)
        sessions.check_csrf(session, (await forms.read(request)).get(forms.CSRF))
        await sessions.end(context(request), session)
    except NotSignedIn:
        pass
    access.forget(answer)
    return answer


@router.post("/language", dependencies=[_ANYBODY])
async def speak(request: Request) -> Response:
    """Keep a person's choice of language."""
    access.check_same_origin(request)
    fields = await forms.read(request)
    if fields.get("language") not in LANGUAGES:
        raise BadInput(N_("Choose one of the languages on the page."), field="language")
    answer = RedirectResponse(local(fields.get("next", "/")), 303)
    answer.set_cookie(LANGUAGE_COOKIE, fields["language"], _YEAR, secure=True, httponly=True, samesite="lax", path="/")
    return answer


@router.get("/me")
async def own_token(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Return the form."""
    return await visit.page("me.html", made=None, problem=None)


@router.post("/me")
async def make_token(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Make a token for whoever is signed in, and show it, once."""
    try:
        given = forms.parse(await visit.fields(), OwnTokenGiven)
        visit.confirm_fresh()
        wanted = TokenGiven(name=given.name, account=visit.actor.account)
        made = await tokens.create_token(visit.ctx, wanted, visit.actor)
    except RouterError as problem:
        return await visit.page("me.html", problem.status, made=None, problem=problem)
    return await visit.page("me.html", made=made.token, problem=None)


def local(wanted: str) -> str:
    """Return where to go next: a page of ours, or the first one."""
    return wanted if wanted in {"/signin", "/signout"} or _NEXT.fullmatch(wanted) else "/"


def began(request: Request, opened: OpenedSession, wanted: str) -> Response:
    """Return the answer that keeps a session just begun, and leads to where its person wanted to go."""
    visit = Visit(request, context(request), opened.session)
    answer = RedirectResponse(visit.home() if wanted in {"/", "/signin", "/signout"} else wanted, 303)
    access.keep(answer, opened)
    return answer
