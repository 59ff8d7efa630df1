"""Accounts of people: made, listed, given another role, closed. A sign-in link is made on this machine only."""

from typing import Annotated

from fastapi import APIRouter, Request

from router.api.people.entry import Sessions
from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.people import accounts, sessions, signed_in, tokens
from schemas.account import AccountGiven, AccountView, Invitation, RoleGiven, SignedOut, SignOut
from schemas.actor import Actor
from schemas.pages import Whole
from schemas.word import Name

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
MayWrite = Annotated[Actor, allow("account:write")]


class Accounts(Whole[AccountView]):
    """All accounts, by name."""


@router.get("", dependencies=[allow("account:write")])
async def list_accounts(ctx: Ctx) -> Accounts:
    """Return all accounts, the closed ones too."""
    return Accounts.of(await accounts.list_accounts(ctx))


@router.post("", status_code=201, openapi_extra=body.takes(AccountGiven))
async def add(request: Request, ctx: Ctx, actor: MayWrite) -> AccountView:
    """Add a person. What lets them in is a sign-in link, made on the machine, or a token."""
    given = await body.read(request, AccountGiven)
    await tokens.add_account(ctx, given.name, given.role, actor)
    return await accounts.account_view(ctx, given.name)


@router.post("/{name}/role", openapi_extra=body.takes(RoleGiven))
async def change_role(name: Name, request: Request, ctx: Ctx, actor: MayWrite) -> AccountView:
    """Give a person another role. Their sessions, tokens and unused links end at once."""
    return await accounts.change_role(ctx, name, (await body.read(request, RoleGiven)).role, actor)


@router.post("/{name}/close")
async def close(name: Name, ctx: Ctx, actor: MayWrite) -> AccountView:
    """Close an account for good. Its sessions, tokens and unused links end at once."""
    return await accounts.close_account(ctx, name, actor)


@router.get("/{name}/sessions", dependencies=[allow("account:write")])
async def sessions_of(name: Name, ctx: Ctx) -> Sessions:
    """Return where somebody is signed in on the console."""
    return Sessions.of(await signed_in.signed_in(ctx, name))


@router.post("/{name}/sign-out", openapi_extra=body.takes(SignOut))
async def sign_out(name: Name, request: Request, ctx: Ctx, actor: MayWrite) -> SignedOut:
    """End one session of somebody, or all; what their tokens do goes on."""
    given = await body.read(request, SignOut)
    return SignedOut(ended=await signed_in.sign_out(ctx, name, actor, given.session))


@router.post("/{name}/invite", status_code=201)
async def invite(name: Name, ctx: Ctx, actor: Annotated[Actor, allow("account:invite")]) -> Invitation:
    """Make a one-time sign-in link. No token of a person holds this permission: whoever has the link is the person."""
    return await sessions.invite(ctx, name, actor)
