"""The console over a real store, called through ASGI as a browser calls it: with its cookie, and from its own pages."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from router.casework.case.seen import sighting
from router.casework.context import Context
from router.casework.intake import take as intake
from router.casework.people import sessions, tokens
from router.console.access import COOKIE
from router.console.pages import make_console
from router.guard.access import Permission
from router.store.base import Transition
from router.worker.loop import Worker
from schemas.actor import ROUTER, Actor, Role
from schemas.partner import Directory, Partner, PartnerKind
from schemas.report import ReportGiven
from schemas.vocabulary import Assessment
from tests.office import START, Rules, office, report

#: Stands in every location that is reported here: where it appears unmasked, something leaks.
CANARY = "canary7f3a"
LOCATION = f"https://www.{CANARY}-pictures.test/{CANARY}?album={CANARY}#{CANARY}"
#: All are ready to receive; nobody delivers here, so what was sent waits.
PARTNERS = tuple(
    Partner(
        name=name,
        title=title,
        kind=kind,
        countries=(country,),
        enabled=True,
        checked_on=START.date(),
        accepts=(Assessment.BASELINE, Assessment.NATIONAL),
        inhope=country == "NL",
    )
    for name, title, kind, country in (
        ("hotline-nl", "Dutch hotline", PartnerKind.HOTLINE, "NL"),
        ("hotline-ca", "Canadian hotline", PartnerKind.HOTLINE, "CA"),
        ("federal-police", "Federal Police", PartnerKind.POLICE, "BE"),
    )
)
OURS = {"sec-fetch-site": "same-origin"}


#: What the audit calls one who acts, or what a change is about: a page says it in words, to whoever reads it.
RAW_ID = re.compile(r"\b(?:person|source|peer|local|partner|route|rule|trail|embargo):[a-z0-9][\w-]*")


def without_ids(page: httpx2.Response) -> httpx2.Response:
    """Return a page; whatever is asked here, by any test, none may show an id of the audit instead of a name."""
    if page.headers.get("content-type", "").startswith("text/html"):
        said = re.sub(r"<(script|style|textarea|pre)\b.*?</\1>|<[^>]*>", " ", page.text, flags=re.DOTALL)
        found = set(RAW_ID.findall(html.unescape(said))) - {str(one) for one in Permission}
        assert found == set(), page.request.url.path
    return page


@dataclass
class Browser:
    """One person's browser: keeps the cookie, and sends forms with the token of the page they are on."""

    client: httpx2.AsyncClient
    csrf: str = ""

    async def get(self, path: str) -> httpx2.Response:
        return without_ids(await self.client.get(path))

    async def send(self, path: str, **fields: Any) -> httpx2.Response:
        given = {name: str(value) for name, value in {"csrf": self.csrf, **fields}.items()}
        return without_ids(await self.client.post(path, data=given, headers=OURS))

    async def send_file(self, path: str, content: bytes, **fields: Any) -> httpx2.Response:
        """Send a form that brings a file."""
        files = {"file": ("results.csv", content, "text/csv")}
        sent = await self.client.post(path, data={"csrf": self.csrf, **fields}, files=files, headers=OURS)
        return without_ids(sent)

    async def send_many(self, path: str, **fields: Any) -> httpx2.Response:
        """Send a form of which a field may stand several times."""
        return without_ids(await self.client.post(path, data={"csrf": self.csrf, **fields}, headers=OURS))


@dataclass
class Console:
    """The console, its context, and what a test does around it."""

    app: FastAPI
    ctx: Context

    def stranger(self, **headers: str) -> Browser:
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=True)
        return Browser(httpx2.AsyncClient(transport=transport, base_url="https://router.test", headers=headers))

    async def person(self, role: Role, locale: str = "en") -> Browser:
        account = await tokens.add_account(self.ctx, f"anna-{role}", role, ROUTER, locale=locale)
        opened = await sessions.begin(self.ctx, account.actor)
        found = self.stranger()
        found.client.cookies.set(COOKIE, opened.cookie, domain="router.test")
        return Browser(found.client, opened.session.csrf)

    async def left_open(self, account: tokens.AccountRow) -> Browser:
        """The screen of somebody who came in, and went away from it for an hour and a bit."""
        opened = await sessions.begin(self.ctx, account.actor)
        browser = self.stranger()
        browser.client.cookies.set(COOKIE, opened.cookie, domain="router.test")
        for _ in range(4):
            self.ctx.clock.advance(timedelta(minutes=16))  # type: ignore[attr-defined] # a story's
            await sessions.resume(self.ctx, opened.cookie)
        return Browser(browser.client, opened.session.csrf)

    async def case(
        self, reference: str = "r-1", location: str = LOCATION, source: str = "form", *, seen: bool = True, **more: Any
    ) -> str:
        """Report a location and let the router work on it; return its case. Everybody has revealed it if `seen`."""
        given = ReportGiven.model_validate_json(_json(report(reference, location, **{"source": source, **more})))
        taken = await intake.take(self.ctx, given, Actor(id=f"source:{source}", source=source))
        await self.work()
        for role in (Role.ANALYST, Role.SUPERVISOR) if seen else ():
            changes, adds = await sighting(self.ctx, taken.items[0].case, Actor(id=f"person:anna-{role}"))
            await self.ctx.store.commit(Transition(self.ctx.now(), changes, adds))
        return taken.items[0].case

    async def work(self) -> None:
        worker = Worker(self.ctx)
        for _ in range(3):
            await worker.turn()


def _json(given: dict[str, Any]) -> bytes:
    import orjson

    return orjson.dumps(given)


@pytest.fixture(autouse=True)
def nobody_delivers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs beside these tests, so that waiting for a receipt would only cost time."""
    monkeypatch.setattr("router.console.acts._PATIENCE", 0.0)


@pytest.fixture(scope="session")
def made() -> list[FastAPI]:
    """The one application of this process, once a test has made it: its pages are compiled for each language once."""
    return []


@pytest.fixture
async def console(made: list[FastAPI], tmp_path: Path) -> AsyncIterator[Console]:
    async with office(tmp_path, rules=Rules(directory_=Directory(version=1, partners=PARTNERS))) as ctx:
        if not made:
            made.append(make_console(ctx))
        state = made[0].state
        state.ctx, state.pages = ctx, replace(state.pages, clock=ctx.clock, me=ctx.me)
        yield Console(made[0], ctx)


@pytest.fixture
async def analyst(console: Console) -> Browser:
    return await console.person(Role.ANALYST)


@pytest.fixture
async def supervisor(console: Console) -> Browser:
    return await console.person(Role.SUPERVISOR)


class Page(HTMLParser):
    """What a page holds, for tests that look at more than its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.tags if found == tag]

    def form(self, action: str) -> dict[str, str | None]:
        return next(one for one in self.all("form") if one.get("action") == action)


@pytest.fixture
def read() -> type[Page]:
    return Page


@pytest.fixture
def canary() -> str:
    return CANARY
