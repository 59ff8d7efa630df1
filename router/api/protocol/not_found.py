"""Addresses under /v1 that nothing else took: a problem document, not a page of the console's."""

from fastapi import APIRouter, Request
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from router.api.protocol.access import open_to_all

router = APIRouter(include_in_schema=False)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@router.api_route(
    "/v1/{rest:path}", methods=_METHODS, dependencies=[open_to_all("it only says that there is nothing here")]
)
async def nowhere(request: Request, rest: str) -> None:  # noqa: ARG001 - part of the address
    """Say that there is nothing here, or which methods there are."""
    allowed = sorted(_allowed(request))
    if allowed:
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
    raise HTTPException(404)


def _allowed(request: Request) -> set[str]:
    """Return the methods that other routes take at this address."""
    found: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        if context.path and context.endpoint is not nowhere and compile_path(context.path)[0].match(request.url.path):
            found |= context.methods or set()
    return found
