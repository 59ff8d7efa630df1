"""One request of a person who is signed in: what they may do, the forms they send, and the pages they get back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from router.casework.context import Context
from router.casework.deliver import stops
from router.casework.govern.paused import paused
from router.casework.govern.rules import drafts
from router.casework.people import news, sessions
from router.casework.people.fresh import show_again
from router.casework.people.sessions import Session
from router.casework.read.stats import stats
from router.clock import moment
from router.console import forms, upload
from router.console.language import N_
from router.console.page import show
from router.console.queue.key_table import KEYS
from router.console.rules.reasons import reasons
from router.errors import NotAllowed, NotSignedIn, TooOften
from router.guard.access import Permission
from schemas.actor import Actor

#: The pages of the navigation, each with the permission it needs, in the order in which they are shown.
NAVIGATION: Final[Mapping[str, Permission]] = {
    "/": Permission.CASE_READ,
    "/cases": Permission.CASE_READ,
    "/stops": Permission.REFERRAL_READ,
    "/embargoes": Permission.EMBARGO_READ,
    "/letters": Permission.REFERRAL_ACT,
    "/viewings": Permission.DESK_ACT,
    "/requests": Permission.REQUEST_READ,
    "/audit": Permission.AUDIT_READ,
    "/figures": Permission.OPS_READ,
    "/partners": Permission.PARTNER_READ,
    "/changes": Permission.PARTNER_READ,
    "/rules": Permission.POLICY_READ,
    "/people": Permission.PEOPLE_ACT,
    "/exposure": Permission.EXPOSURE_READ,
}

#: The field of a form in which somebody shows again who they are.
FACTOR: Final = "factor"
SHOW_AGAIN: Final = N_("It is a while since you showed who you are: type a code with it, and send it again.")

W = TypeVar("W", bound=BaseModel)


def address_of(request: Request) -> str:
    """Return from where somebody asks: a proxy on this machine says so (uvicorn believes no other)."""
    return request.client.host if request.client is not None else ""


@dataclass(slots=True)
class Visit:
    """A signed-in person's request."""

    request: Request
    ctx: Context
    session: Session  #: another one once its person shows again who they are, in any form
    wrong: str | None = None  #: why what they showed was none

    @property
    def actor(self) -> Actor:
        """Return the person as one who acts."""
        return self.session.actor

    def may(self, permission: str) -> bool:
        """Return whether the person holds a permission."""
        return permission in self.actor.permissions

    async def fields(self, limit: int = forms.LIMIT, most: int = forms.FIELDS) -> dict[str, str]:
        """Return the fields of the form. Raise NotAllowed for one that is not of this session, TooLarge, BadInput."""
        fields = await forms.read(self.request, limit, most)
        await self._taken(fields)
        return fields

    async def ticked(self, name: str, most: int, limit: int = forms.LIMIT) -> tuple[dict[str, str], list[str]]:
        """Return the fields of a form whose rows are ticked, and those rows; `limit` is in bytes. Raise as `fields`."""
        fields, rows = await forms.read_ticked(self.request, name, most, limit)
        await self._taken(fields)
        return fields, rows

    async def brought(self, file: str, limit: int) -> tuple[dict[str, str], bytes]:
        """Return the fields of a form that brings a file, and the file; `limit` is in bytes. Raise as `fields`."""
        fields, content = await upload.read(self.request, file, limit)
        await self._taken(fields)
        return fields, content

    async def _taken(self, fields: dict[str, str]) -> None:
        """Take out of a form what is the session's: its token, and what a person showed again."""
        sessions.check_csrf(self.session, fields.pop(forms.CSRF, None))
        shown = fields.pop(FACTOR, None)
        if shown is None or not self.session.stale:
            return
        try:
            self.session = await show_again(self.ctx, self.session, shown)
        except (NotSignedIn, TooOften) as error:
            self.wrong = error.message

    def confirm_fresh(self) -> None:
        """Raise NotAllowed when the person has to show again who they are first. Asked after the form was read."""
        if self.session.stale:
            raise NotAllowed(self.wrong or SHOW_AGAIN, field=FACTOR, reason="not_fresh")

    async def page(
        self, template: str, status: int = 200, *, versions: Iterable[int | None] = (), **values: Any
    ) -> Response:
        """Return a page with the strip, the navigation and the person's own things around it.

        `versions` are those of the policy whose reasons it shows, beside the one in force.
        """
        actor = self.actor
        may = actor.permissions.__contains__  # a page asks it for each of its rows
        around = {
            "session": self.session,
            "actor": actor,
            "may": may,
            "navigation": [path for path, needed in NAVIGATION.items() if may(needed)],
            "stats": await stats(self.ctx) if may(Permission.OPS_READ) else None,
            "hosts_moved": self.ctx.hosts_moved() if may(Permission.OPS_READ) else None,
            "news": await news.news_of(self.ctx, self.session.account.id, self.session.id),
            "restored_of": await self._restored_of(),
            "keys": [one for one in KEYS if may(one.needs)],
            "drafts_waiting": await drafts.count(self.ctx) if may(Permission.POLICY_WRITE) else 0,
            "reasons": await reasons(self.ctx, versions),
            "stops_in_force": len(await stops.stops(self.ctx)),
        }
        return show(self.request, template, status, **around, **values)

    async def _restored_of(self) -> datetime | None:
        """Return of which moment a router is that was put back from a backup and not released; else None."""
        waiting = await paused(self.ctx.store)
        return None if waiting is None else moment(waiting.point)

    def go(self, path: str, **query: str) -> Response:
        """Return the answer that leads to another page after a form (303, so that reloading repeats nothing)."""
        return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)

    def home(self) -> str:
        """Return the first page that the person may see."""
        return next((path for path, needed in NAVIGATION.items() if self.may(needed)), "/signout")
