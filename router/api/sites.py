"""One act on several cases: the open ones of a site, by its tag, or those that a filter of the desk finds."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.desk.grouped import act_on_chosen, act_on_each
from router.casework.read.group import found_on_desk, group
from router.casework.read.numbers import check_for_url
from schemas.actor import Actor
from schemas.group import Chosen, Group, GroupAct, GroupAnswers
from schemas.pages import DeskWanted
from schemas.site import SiteTag

router = APIRouter(prefix="/v1", tags=["cases"])


@router.get("/several")
async def preview(
    ctx: Ctx, actor: Annotated[Actor, allow("case:read")], wanted: Annotated[DeskWanted, Query()]
) -> Chosen:
    """Return all that a filter of the desk finds, 500 at most, each with what the caller may do to it among others."""
    check_for_url(wanted.number)
    return await found_on_desk(ctx, wanted, actor)


@router.post("/several", openapi_extra=body.takes(GroupAct))
async def on_several(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("desk:act")]) -> GroupAnswers:
    """Do one act to each case that is named, with the version that was seen. An answer for each; one fails alone."""
    return await act_on_chosen(ctx, actor, await body.read(request, GroupAct))


@router.get("/sites/{tag}")
async def read(tag: SiteTag, ctx: Ctx, actor: Annotated[Actor, allow("case:read")]) -> Group:
    """Return the open cases of a site, oldest first, each with what the caller may do to it in a group."""
    return await group(ctx, tag, actor)


@router.post("/sites/{tag}", openapi_extra=body.takes(GroupAct))
async def act(tag: SiteTag, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("desk:act")]) -> GroupAnswers:
    """Do one act to each case that is named, with the version that was seen. An answer for each; one fails alone."""
    return await act_on_each(ctx, tag, actor, await body.read(request, GroupAct))
