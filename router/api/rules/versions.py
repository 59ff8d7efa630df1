"""The versions of the policy: listed with who said yes, compared, and an older one published again."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, StringConstraints

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern.rules import versions
from schemas.actor import Actor
from schemas.governed import PolicyView, Published
from schemas.policy_version import ComparedView, RollBack, VersionsView
from schemas.word import Word

router = APIRouter(prefix="/v1/policy/versions", tags=["policy"])
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


class VersionsAsked(Word):
    """Which page of the versions."""

    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class CompareAsked(Word):
    """With which other version; none: the one before it."""

    of: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


@router.get("", dependencies=[allow("policy:read")])
async def list_versions(ctx: Ctx, asked: Annotated[VersionsAsked, Query()]) -> VersionsView:
    """Return a page of the versions, newest first: who put each in force, and who said yes beside them."""
    return await versions.listed(ctx, asked.limit, int(asked.cursor) if asked.cursor else None)


@router.get("/{version}", dependencies=[allow("policy:read")])
async def read(version: Version, ctx: Ctx) -> PolicyView:
    """Return a version as it was written."""
    return PolicyView(version=version, text=await versions.text_of(ctx, version))


@router.get("/{version}/compare", dependencies=[allow("policy:read")])
async def compare(version: Version, ctx: Ctx, asked: Annotated[CompareAsked, Query()]) -> ComparedView:
    """Return what a version changes of another: by route, who gets more and who less, and as text."""
    return await versions.compare(ctx, asked.of or max(version - 1, 1), version)


@router.post("/{version}/roll-back", openapi_extra=body.takes(RollBack))
async def roll_back(
    version: Version, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("policy:write")]
) -> Published:
    """Publish an older version again, as a new one and by the same gates: one that widens waits for another person."""
    given = await body.read(request, RollBack)
    return await versions.roll_back(ctx, version, given.over, actor)
