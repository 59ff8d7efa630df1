"""Sites: the open cases of one host, by its tag, and one act on several of them."""

from typing import Annotated

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.desk.grouped import act_on_each
from router.casework.read.group import group
from schemas.actor import Actor
from schemas.group import Group, GroupAct, GroupAnswers
from schemas.site import SiteTag

router = APIRouter(prefix="/v1/sites", tags=["cases"])


@router.get("/{tag}")
async def read(tag: SiteTag, ctx: Ctx, actor: Annotated[Actor, allow("case:read")]) -> Group:
    """Return the open cases of a site, oldest first, each with what the caller may do to it in a group."""
    return await group(ctx, tag, actor)


@router.post("/{tag}", openapi_extra=body.takes(GroupAct))
async def act(tag: SiteTag, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("desk:act")]) -> GroupAnswers:
    """Do one act to each case that is named, with the version that was seen. An answer for each; one fails alone."""
    return await act_on_each(ctx, tag, actor, await body.read(request, GroupAct))
