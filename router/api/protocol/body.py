"""Reading a body: only for a caller who is known, never more than the endpoint takes, and strictly typed.

FastAPI would read and parse a body before it asks who sent it, and would parse JSON into Python values first, which
strict models cannot take. So endpoints ask here, and the OpenAPI document learns of the body through `takes`.
"""

import time
from typing import Any, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel

from router.api.protocol.room import share_of
from router.casework.intake import json_word
from router.errors import RouterError, TooLarge

#: Bytes of a body for an endpoint that names no limit of its own: an act with its reason, an account, a token.
LIMIT: Final = 64 * 1024
#: Seconds of reading after which whoever sends is asked again whether they still may; a body may take ten minutes.
LONG: Final = 1.0

W = TypeVar("W", bound=BaseModel)


async def read(request: Request, word: type[W], *, limit: int = LIMIT) -> W:
    """Return the body as a word. Raise TooLarge, or BadInput naming each wrong field."""
    return parse(await read_bytes(request, limit=limit), word)


def parse(body: bytes, word: type[W]) -> W:
    """Return a body as a word. Raise BadInput naming wrong fields, and none of their content."""
    return json_word.parse(body, word)


async def read_bytes(request: Request, *, limit: int = LIMIT) -> bytes:
    """Return the whole body. Raise TooLarge as soon as it is known to be longer than `limit` bytes, or Unavailable.

    Whoever was let in and took long to send it is asked again: a token may be revoked meanwhile (NotSignedIn).
    """
    known_caller(request)
    check_length(request, limit)
    share, parts, size, began = share_of(request), list[bytes](), 0, time.monotonic()
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large(limit)
        share.take(len(part))
        parts.append(part)
    if time.monotonic() - began >= LONG and hasattr(request.state, "ask_again"):
        await request.state.ask_again()
    return b"".join(parts)


def check_length(request: Request, limit: int) -> None:
    """Raise TooLarge when the request announces more than `limit` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise too_large(limit)


def known_caller(request: Request) -> None:
    """Fail unless a rule has let the caller in: a mistake in an endpoint must not open its body to strangers."""
    if not hasattr(request.state, "actor"):
        raise RouterError("An endpoint read its body before it knew who is asking.")


def too_large(limit: int) -> TooLarge:
    """Return the error for a body of more than `limit` bytes."""
    return TooLarge(f"This takes at most {limit // 1024} KiB at once; send it in smaller parts.")


def takes(word: type[BaseModel], media_type: str = "application/json") -> dict[str, Any]:
    """Return what the OpenAPI document says of a body; `document.BODIES` has the schema it refers to."""
    schema = {"$ref": f"#/components/schemas/{word.__name__}"}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}
