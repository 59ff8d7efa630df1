"""Notes: what staff write down of a case for each other. They are read in the case's timeline, and never leave."""

from typing import Annotated

from fastapi import APIRouter, Request

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.desk import note
from schemas.actor import Actor
from schemas.acts import NoteGiven

router = APIRouter(prefix="/v1/notes", tags=["cases"])


@router.post("", status_code=204, openapi_extra=body.takes(NoteGiven))
async def add(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("desk:act")]) -> None:
    """Keep a note of a case; it is sealed with it, and stands in its timeline as `case.noted`."""
    given = await body.read(request, NoteGiven)
    await note.add(ctx, given.case, actor, given.note)
