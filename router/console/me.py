"""A person's own token, made by that person: for scripts, and for the command line. It is shown once."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.people import tokens
from router.console import forms
from router.console.access import allow
from router.console.visit import Visit
from router.errors import RouterError
from schemas.acts import OwnTokenGiven, TokenGiven

router = APIRouter()


@router.get("/me")
async def show(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Return the form."""
    return await visit.page("me.html", made=None, problem=None)


@router.post("/me")
async def make(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Make a token for whoever is signed in, and show it, once."""
    try:
        given = forms.parse(await visit.fields(), OwnTokenGiven)
        wanted = TokenGiven(name=given.name, account=visit.actor.account)
        made = await tokens.create_token(visit.ctx, wanted, visit.actor)
    except RouterError as problem:
        return await visit.page("me.html", problem.status, made=None, problem=problem)
    return await visit.page("me.html", made=made.token, problem=None)
