"""Who is asking: the permission that each endpoint names, asked before anything of the body is read.

    @router.get("/v1/cases")
    async def cases(ctx: Ctx, actor: Annotated[Actor, allow("case:read")]) -> ...

A caller shows an API token as `Authorization: Bearer rr_live_…`. A verb of the command line that runs the API inside
its own process names its actor in the ASGI scope instead, where no server ever puts anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from router.casework.context import Context
from router.casework.people import mandates, tokens
from router.errors import NotSignedIn
from router.guard.access import Needs, OpenToAll, Permission, check, require, seen_from
from schemas.actor import Actor

#: Where an in-process caller names its actor.
IN_PROCESS: Final = "router.actor"


def _context(request: Request) -> Context:
    ctx: Context = request.app.state.ctx
    return ctx


#: The context of the application that serves the request.
Ctx: TypeAlias = Annotated[Context, Depends(_context)]


@dataclass(frozen=True)
class Allowed(Needs):
    """The rule of an endpoint for callers with a token."""

    async def __call__(self, request: Request) -> Actor:
        """Return who is asking. Raise NotSignedIn, NotAllowed."""
        actor = request.scope.get(IN_PROCESS)
        if not isinstance(actor, Actor):
            actor = await _by_token(request)
        require(actor, self.permission)
        request.state.actor, request.state.ask_again = actor, partial(self, request)
        return actor


async def still_allowed(request: Request, permission: str) -> None:
    """Raise NotSignedIn or NotAllowed when the caller of a long request may no longer: a token revoked meanwhile."""
    if not isinstance(request.scope.get(IN_PROCESS), Actor):
        require(await _by_token(request), Permission(permission))


async def _by_token(request: Request) -> Actor:
    """Return who shows a token, as they may act from where they ask and by their mandate. Raise NotSignedIn."""
    ctx = _context(request)
    actor = await mandates.as_mandated(ctx, await tokens.authenticate_token(ctx, bearer(request)))
    address = request.client.host if request.client is not None else ""
    return seen_from(actor, address, ctx.door.settings.reveal_from)


def allow(permission: str) -> Any:
    """Return the dependency for callers who hold the permission; its value is the actor."""
    return Depends(Allowed(Permission(permission)))


def open_to_all(reason: str) -> Any:
    """Return the dependency of an endpoint that asks nothing of its caller, with the reason why."""
    return Depends(OpenToAll(reason))


def bearer(request: Request) -> str:
    """Return the token a request shows. Raise NotSignedIn."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("Send a token as `Authorization: Bearer rr_live_…`; `tokens create` makes one.")
    return token.strip()


@dataclass(frozen=True)
class _Route:
    """A route as `guard.access.check` looks at it."""

    path: str
    rules: tuple[object, ...]
    reads_body_first: bool


def check_routes(app: FastAPI, *, exempt: Sequence[BaseRoute] = ()) -> None:
    """Raise CannotStart for a route that names no permission. `exempt` are applications that check their own."""
    check(_ruled(app, exempt))


def _ruled(app: FastAPI, exempt: Sequence[BaseRoute]) -> Iterator[_Route]:
    for context in iter_route_contexts(app.routes):
        if context.original_route in exempt:
            continue
        dependant: Dependant | None = getattr(context, "dependant", None)
        called = tuple(_called(dependant)) if dependant is not None else ()
        yield _Route(_path(context), called, getattr(context, "body_field", None) is not None)


def rule_of(context: RouteContext) -> Needs | OpenToAll | None:
    """Return the rule of a route, for the documents and the tests that go through all of them."""
    dependant: Dependant | None = getattr(context, "dependant", None)
    found = _called(dependant) if dependant is not None else ()
    return next((one for one in found if isinstance(one, Needs | OpenToAll)), None)


def _called(dependant: Dependant) -> Iterator[object]:
    for one in dependant.dependencies:
        yield one.call
        yield from _called(one)


def _path(context: RouteContext) -> str:
    original: BaseRoute = context.original_route
    return type(original).__name__ if context.path is None else context.path  # a tree mounted at "/" has the path ""
