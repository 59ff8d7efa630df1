"""Signing in for a token, and where one is signed in. `accounts` has what is done about other people."""

from base64 import b64decode
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ValidationError

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow, open_to_all
from router.casework.people import links, sign_in, signed_in
from router.errors import NotSignedIn
from schemas.account import LinkAsked, SessionView, SignedOut, SignInGiven, SignOut
from schemas.actor import Actor
from schemas.acts import TokenIssued
from schemas.pages import Whole

router = APIRouter(prefix="/v1", tags=["accounts"])
#: The header that carries the code; name and password come as HTTP Basic (RFC 7617).
CODE: Final = "x-code"
Mine = Annotated[Actor, allow("token:own")]


class LinksAsked(Whole[LinkAsked]):
    """Links that wait for a supervisor's yes, the oldest first."""


class Sessions(Whole[SessionView]):
    """Sessions of an account, newest first."""


@router.post(
    "/signin", status_code=201, dependencies=[open_to_all("a name, a password and a code make somebody known here")]
)
async def enter(request: Request, ctx: Ctx) -> TokenIssued:
    """Make a token that lasts a shift. `Authorization: Basic` carries name and password, `X-Code` the app's code.

    No body is read: who is not known yet sends none.
    """
    address = request.client.host if request.client is not None else ""
    return await sign_in.sign_in_for_token(ctx, _shown(request), address)


@router.get("/sessions")
async def mine(ctx: Ctx, actor: Mine) -> Sessions:
    """Return where one is signed in on the console."""
    return Sessions.of(await signed_in.signed_in(ctx, _name(actor)))


@router.post("/sessions/end", openapi_extra=body.takes(SignOut))
async def end(request: Request, ctx: Ctx, actor: Mine) -> SignedOut:
    """End one of one's sessions, or all of them."""
    given = await body.read(request, SignOut)
    return SignedOut(ended=await signed_in.sign_out(ctx, _name(actor), actor, given.session))


def _name(actor: Actor) -> str:
    """Return the name of the account. Raise NotSignedIn for the machine's own user, who has none."""
    if actor.account is None:
        raise NotSignedIn("Only people have sessions here; use a token that was made for an account.")
    return actor.account


def _shown(request: Request) -> SignInGiven:
    """Return what the headers carry. Raise NotSignedIn."""
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, password = b64decode(told, validate=True).decode().partition(":")
        if scheme.lower() == "basic":
            return SignInGiven(name=name, password=password, code=request.headers.get(CODE, ""))
    except (ValueError, ValidationError):
        pass
    raise NotSignedIn("Send name and password as `Authorization: Basic`, and the code of your app as `X-Code`.")


@router.get("/links", dependencies=[allow("people:act")])
async def asking(ctx: Ctx) -> LinksAsked:
    """Return who asks to come in by a link after a loss."""
    return LinksAsked.of(await links.asking(ctx))


@router.post("/links/{link_id}/agree", status_code=204)
async def agree(link_id: UUID, ctx: Ctx, actor: Annotated[Actor, allow("link:agree")]) -> None:
    """Say, by one's own hand, that it is the person themselves who asks."""
    await links.agree(ctx, str(link_id), actor)
