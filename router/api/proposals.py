"""What widens where data go and waits for a second person: shown, confirmed, withdrawn; and break-glass for one."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.govern import second_person
from schemas.actor import Actor
from schemas.governed import Published
from schemas.pages import Whole
from schemas.proposal import ALARM, SUBJECT_FORM, ConfirmGiven, GlassGiven, ProposalView

router = APIRouter(prefix="/v1/proposals", tags=["proposals"])
MayWrite = Annotated[Actor, allow("partner:write")]
Subject = Annotated[str, Path(pattern=SUBJECT_FORM)]


class Proposals(Whole[ProposalView]):
    """What waits, oldest first."""


@router.get("")
async def show(ctx: Ctx, actor: Annotated[Actor, allow("partner:read")]) -> Proposals:
    """Return what waits, field by field. Where alarms go is shown to those who may change it."""
    found = await second_person.shown(ctx)
    hidden = "partner:write" not in actor.permissions
    views = (one.model_copy(update={"changes": ()}) if hidden and one.subject == ALARM else one for one in found)
    return Proposals.of(views)


@router.post("/{subject}/confirm", openapi_extra=body.takes(ConfirmGiven))
async def confirm(subject: Subject, request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Put in force what another person proposed. Nobody confirms their own."""
    return await second_person.confirm(ctx, subject, actor, (await body.read(request, ConfirmGiven)).id)


@router.post("/{subject}/withdraw", status_code=204, openapi_extra=body.takes(ConfirmGiven))
async def withdraw(subject: Subject, request: Request, ctx: Ctx, actor: MayWrite) -> None:
    """Take back what is proposed, or what is in force by break-glass. One person is enough."""
    await second_person.withdraw(ctx, subject, actor, (await body.read(request, ConfirmGiven)).id)


@router.post("/{subject}/break-glass", openapi_extra=body.takes(GlassGiven))
async def break_glass(subject: Subject, request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Put in force for a day what is proposed, by one person with a reason. It rings, and undoes itself."""
    given = await body.read(request, GlassGiven)
    return await second_person.break_glass(ctx, subject, actor, given.reason, given.id)
