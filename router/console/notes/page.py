"""The form for notes on a case's page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.desk import note
from router.console import forms
from router.console.access import allow
from router.console.case import Attempted, refused
from router.console.visit import Visit
from router.errors import RouterError
from schemas.acts import NoteGiven

router = APIRouter()


@router.post("/notes/{case_id}")
async def add(visit: Annotated[Visit, allow("desk:act")], case_id: UUID) -> Response:
    """Keep a note of a case."""
    fields = await visit.fields()
    try:
        given = forms.parse({**fields, "case": str(case_id)}, NoteGiven)
        await note.add(visit.ctx, given.case, visit.actor, given.note)
    except RouterError as problem:
        return await refused(visit, str(case_id), problem, Attempted("note", fields))
    return visit.go(f"/cases/{case_id}", done="note")
