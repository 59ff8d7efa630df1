"""API tokens: made, listed, revoked. A token's secret is in the answer that makes it and nowhere else."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.people import tokens
from schemas.actor import Actor
from schemas.acts import OwnTokenGiven, TokenGiven, TokenIssued, TokenView
from schemas.pages import Whole

router = APIRouter(prefix="/v1/tokens", tags=["tokens"])
MayWrite = Annotated[Actor, allow("token:write")]


class Tokens(Whole[TokenView]):
    """All tokens, newest first."""


@router.get("", dependencies=[allow("token:write")])
async def list_tokens(ctx: Ctx) -> Tokens:
    """Return all tokens without their secrets."""
    return Tokens.of(await tokens.list_tokens(ctx))


@router.post("", status_code=201, openapi_extra=body.takes(TokenGiven))
async def create(request: Request, ctx: Ctx, actor: MayWrite) -> TokenIssued:
    """Make a token for a source, or for oneself. A person's token is made by that person, or on the machine."""
    return await tokens.create_token(ctx, await body.read(request, TokenGiven), actor)


@router.post("/mine", status_code=201, openapi_extra=body.takes(OwnTokenGiven))
async def create_own(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("token:own")]) -> TokenIssued:
    """Make a token for oneself; it holds no more than the one that is shown."""
    given = await body.read(request, OwnTokenGiven)
    wanted = TokenGiven(name=given.name, scopes=given.scopes, days=given.days, account=actor.account)
    return await tokens.create_token(ctx, wanted, actor)


@router.delete("/{token_id}", status_code=204)
async def revoke(token_id: UUID, ctx: Ctx, actor: MayWrite) -> None:
    """Make a token useless from now on."""
    await tokens.revoke_token(ctx, str(token_id), actor)
