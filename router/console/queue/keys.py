"""The help page of the keys, which works without the script, and the switch that takes them away in one browser."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from router.console.access import allow
from router.console.queue.key_table import COOKIE, OFF
from router.console.visit import Visit

router = APIRouter()
_YEAR: Final = 365 * 86_400


@router.get("/keys")
async def show(visit: Annotated[Visit, allow("token:own")], done: str = "") -> Response:
    """Return the help, and the form that switches the keys off and on."""
    return await visit.page("keys.html", done=done)


@router.post("/keys")
async def switch(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Switch the keys off, or on again, in this browser."""
    off = (await visit.fields()).get("keys") == OFF
    answer = visit.go("/keys", done="keys-off" if off else "keys-on")
    if off:
        answer.set_cookie(COOKIE, OFF, _YEAR, secure=True, httponly=True, samesite="strict", path="/")
    else:
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")
    return answer
