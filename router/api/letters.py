"""Letters both ways, as people read and bring them: what police units wrote, and what partners are reminded of."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from router.api.protocol.access import Ctx, allow
from router.casework.desk.letter_read import letter_read
from router.casework.follow_up.remind import remind
from router.casework.follow_up.reminders import to_remind
from router.casework.read.letters import letters
from schemas.actor import Actor
from schemas.letter import Letter
from schemas.pages import Whole
from schemas.reminder import Reminder

router = APIRouter(prefix="/v1/letters", tags=["referrals"])
reminders = APIRouter(prefix="/v1/reminders", tags=["referrals"])


class Letters(Whole[Letter]):
    """What lies in the folders of units' answers, the newest first."""


@router.get("", dependencies=[allow("referral:act")])
async def list_letters(ctx: Ctx) -> Letters:
    """Return units' letters: their text without what looks like a location, and what else of them was not read."""
    return Letters.of(await letters(ctx))


@router.post("/{letter_id}/read", status_code=204)
async def read(letter_id: UUID, ctx: Ctx, actor: Annotated[Actor, allow("referral:act")]) -> None:
    """Say that a letter that names no case of ours was read, and that what it asks for is done."""
    await letter_read(ctx, str(letter_id), actor)


class Reminders(Whole[Reminder]):
    """What each partner is to be reminded of, and what somebody took today."""


@reminders.get("", dependencies=[allow("referral:act")])
async def list_reminders(ctx: Ctx) -> Reminders:
    """Return by partner what people saw still there at a check, and what was taken today with its text."""
    return Reminders.of(await to_remind(ctx))


@reminders.post("/{partner}")
async def take(partner: str, ctx: Ctx, actor: Annotated[Actor, allow("referral:act")]) -> Reminder:
    """Take the one digest of a partner's working day, to hand it over; its text names no location."""
    return await remind(ctx, partner, actor)
