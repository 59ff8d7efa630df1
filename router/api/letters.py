"""What police units wrote to us, as people read it."""

from fastapi import APIRouter

from router.api.protocol.access import Ctx, allow
from router.casework.read.letters import letters
from schemas.letter import Letter
from schemas.word import Word

router = APIRouter(prefix="/v1/letters", tags=["referrals"])


class Letters(Word):
    """What lies in the folders of units' answers, the newest first."""

    items: tuple[Letter, ...]


@router.get("", dependencies=[allow("referral:act")])
async def list_letters(ctx: Ctx) -> Letters:
    """Return units' letters: their text without what looks like a location, and what else of them was not read."""
    return Letters(items=tuple(await letters(ctx)))
