"""Who is looking: the session behind a cookie, the permission each page names, and proof that a form is our own page's.

    @router.get("/audit")
    async def show(visit: Annotated[Visit, allow("audit:read")]) -> Response: ...

The cookie has the `__Host-` prefix, so it only ever goes to this very host over HTTPS or loopback, and SameSite=Strict.
A form is taken only when the browser says that our own page sent it (Sec-Fetch-Site, else Origin), and when it carries
its session's token (`forms`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.responses import Response

from router.casework.context import Context
from router.casework.people import sessions
from router.casework.people.sessions import OpenedSession, Session
from router.console.language import N_
from router.console.visit import Visit, address_of
from router.errors import NotAllowed, NotSignedIn
from router.guard.access import Needs, OpenToAll, Permission, check, require

COOKIE: Final = "__Host-router"
_SAFE: Final = frozenset({"GET", "HEAD"})


def context(request: Request) -> Context:
    """Return the context of the application that serves the request."""
    ctx: Context = request.app.state.ctx
    return ctx


@dataclass(frozen=True)
class Allowed(Needs):
    """The rule of a page for people who are signed in. `used`: whether they ask for it, and not a page by itself."""

    used: bool = True

    async def __call__(self, request: Request) -> Visit:
        """Return the visit. Raise NotSignedIn, NotAllowed (no permission, or a form of somebody else's page)."""
        if request.method not in _SAFE:
            check_same_origin(request)
        session = await current(request, used=self.used)
        request.state.session = session
        require(session.actor, self.permission)
        return Visit(request, context(request), session)


def allow(permission: str) -> Any:
    """Return the dependency of a page for those who hold the permission; its value is the visit."""
    return Depends(Allowed(Permission(permission)))


def allow_watching(permission: str) -> Any:
    """Return the same for what a page asks by itself: it does not count as somebody being there."""
    return Depends(Allowed(Permission(permission), used=False))


def open_to_all(reason: str) -> Any:
    """Return the dependency of a page that everybody may see, with the reason why."""
    return Depends(OpenToAll(reason))


async def current(request: Request, *, used: bool = True) -> Session:
    """Return the session of a request. Raise NotSignedIn."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise NotSignedIn
    return await sessions.resume(context(request), cookie, address_of(request), used=used)


def check_same_origin(request: Request) -> None:
    """Raise NotAllowed unless the browser says that one of our own pages sent this form.

    Our pages send no referrer, so browsers send `Origin: null` with forms, and Sec-Fetch-Site (W3C Fetch Metadata)
    decides. Every browser sends it to HTTPS and to loopback, which are the only places the cookie goes to.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site == "same-origin"
    else:
        origin = urlsplit(request.headers.get("origin", ""))
        ours = bool(origin.netloc) and origin.netloc == request.headers.get("host")
    if not ours:
        raise NotAllowed(
            N_("This form did not come from a page of this console; open the page again."), reason="cross_site"
        )


def keep(response: Response, opened: OpenedSession) -> None:
    """Give a response the cookie of a session just begun."""
    response.set_cookie(COOKIE, opened.cookie, secure=True, httponly=True, samesite="strict", path="/")


def forget(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")


@dataclass(frozen=True)
class _Route:
    """A route as `guard.access.check` looks at it."""

    path: str
    rules: tuple[object, ...]
    reads_body_first: bool


def check_pages(app: FastAPI) -> None:
    """Raise CannotStart for a page that names no permission, or that reads a form before it knows who sent it."""
    check(_routes(app))


def _routes(app: FastAPI) -> Iterator[_Route]:
    for found in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(found, "dependant", None)
        rules = tuple(_called(dependant.dependencies)) if dependant is not None else ()
        yield _Route(found.path or "", rules, getattr(found, "body_field", None) is not None)


def _called(dependants: Iterable[Dependant]) -> Iterator[object]:
    for one in dependants:
        yield one.call
        yield from _called(one.dependencies)
