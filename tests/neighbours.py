"""Routers beside each other on loopback: each with its own store, over real HTTPS, with a name server of their world.

Nothing is called in memory: a referral from one to another goes through the guard, TLS and a signature, to a server
that listens. Only the dial is injected, which leads the world's public addresses to ports of loopback.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import select

from router.app import Router, build
from router.casework.govern import versions
from router.clock import Clock
from router.settings import Settings
from router.store.base import Row
from router.store.schema.tables import cases, inbox, referrals
from router.world.ca import Authority
from router.world.dns import NameServer
from router.world.story import SITES, Site
from router.world.zone import Host, Zone
from schemas.actor import ROUTER, Actor
from schemas.partner import Partner, PartnerKind
from schemas.report import ReportGiven

#: A Sunday morning; far enough from the machine's own date that mixing up the two clocks shows.
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # five days on are a working day
ANALYSTS = Actor(id="source:analysts", source="analysts")


class MovableClock:
    """Business time that runs with the machine's clock and can jump ahead."""

    def __init__(self, ahead: timedelta | None = None) -> None:
        self.ahead = START - datetime.now(UTC) if ahead is None else ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, by: timedelta) -> None:
        self.ahead += by

    def counted_from(self) -> datetime:
        return datetime.min.replace(tzinfo=UTC)  # a jump ahead is time that passes

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Nowhere(ConnectionRefusedError):
    """Nobody answers at an address the world does not have."""


@dataclass
class Mood:
    """How a router answers today: when `open` is clear it keeps requests waiting; with `status` it turns them away."""

    open: asyncio.Event
    reached: asyncio.Event
    status: int | None = None
    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.set()
        await self.open.wait()
        if self.status is None:
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def fair() -> Mood:
    """Return the mood in which everything is answered."""
    mood = Mood(asyncio.Event(), asyncio.Event())
    mood.open.set()
    return mood


@dataclass
class Neighbour:
    """One router that listens."""

    site: Site
    router: Router
    port: int
    mood: Mood

    async def rows(self, statement: Any) -> list[Row]:
        """Read this router's store."""
        return await self.router.store.rows(statement)

    async def turn(self, times: int = 1) -> None:
        """Let its worker do what is due."""
        worker = self.router.worker()
        for _ in range(times):
            await worker.turn()
            await worker.asking.turn()

    async def inbox(self) -> list[Row]:
        """Return what peers brought here."""
        return await self.rows(select(inbox))

    async def cases(self) -> list[Row]:
        """Return its cases, oldest first."""
        return await self.rows(select(cases).order_by(cases.c.id))

    async def referrals(self) -> list[Row]:
        """Return its referrals, oldest first."""
        return await self.rows(select(referrals).order_by(referrals.c.id))


@dataclass
class Neighbourhood:
    """The world, and the routers that live in it."""

    folder: Path
    zone: Zone
    clock: MovableClock
    resolver: str
    authority: Authority
    ports: dict[str, int] = field(default_factory=dict)
    routers: dict[str, Neighbour] = field(default_factory=dict)
    names: NameServer | None = None  #: it remembers what it was asked

    def dial(self, ip: str, port: int) -> tuple[str, int]:
        """Lead a judged public address to loopback, and everything else nowhere."""
        if ip not in self.ports:
            raise Nowhere
        return "127.0.0.1", self.ports[ip]

    @asynccontextmanager
    async def moving_in(
        self, name: str | Site, *, database: str | None = None, clock: Clock | None = None, listens: bool = True
    ) -> AsyncIterator[Neighbour]:
        """Open one more router at its site, one of the story or of its own, on loopback with its own certificate."""
        site = name if isinstance(name, Site) else next(one for one in SITES if one.partner == name)
        self.zone.put(Host(site.host, (site.address,)))
        settings = Settings.load(
            data_dir=self.folder / site.partner,
            database=database,
            name=site.partner,
            home=site.country,
            resolvers=(self.resolver,),
            ca_file=self.authority.certificate,
            public_url=f"https://{site.host}",
        )
        async with build(settings, clock=clock or self.clock, dial=self.dial) as router, AsyncExitStack() as stack:
            mood = fair()
            mood.app = router.api()
            port = await stack.enter_async_context(listening(mood, self.authority, site)) if listens else 0
            self.ports[site.address] = port
            neighbour = Neighbour(site, router, port, mood)
            self.routers[site.partner] = neighbour
            yield neighbour

    async def introduce(self, *, accepts: tuple[str, ...] = ("baseline",), **changed: Any) -> None:
        """Exchange keys: each router pins the others as partners."""
        for one in self.routers.values():
            others = [peer(other, accepts=accepts, **changed) for other in self.routers.values() if other is not one]
            await pin(one.router, others)


def peer(other: Neighbour, *, accepts: tuple[str, ...] = ("baseline",), **changed: Any) -> Partner:
    """Return another router as a partner, with its key pinned."""
    given: Mapping[str, Any] = {
        "name": other.site.partner,
        "title": other.site.partner,
        "kind": PartnerKind.HOTLINE,
        "countries": (other.site.country,),
        "default": True,
        "inhope": other.site.country != "CA",  # as in the world: Canada's is an ordinary partner
        "dialect": "router",
        "enabled": True,
        "checked_on": START.date(),
        "accepts": accepts,
        "config": {
            "url": f"https://{other.site.host}",
            "peer": other.site.partner,
            "keys": [{"id": other.router.signer.key_id, "public": other.router.signer.public}],
        },
    }
    return Partner.model_validate({**given, **changed})


async def pin(router: Router, partners: list[Partner]) -> None:
    """Put partners into a router's directory in place of those of the same name or default country."""
    ctx = router.ctx
    known = await ctx.governance.directory()
    countries = {country for one in partners for country in one.countries if one.default}
    kept = [
        one.model_copy(update={"default": False}) if countries & set(one.countries) else one
        for one in known.partners
        if one.name not in {new.name for new in partners}
    ]
    directory = known.model_copy(update={"partners": (*kept, *partners)})
    await versions.import_directory(ctx.store, ctx.clock, directory, ROUTER)
    ctx.governance.forget()  # type: ignore[attr-defined] # the one in force is followed within a second; not here


@asynccontextmanager
async def listening(app: Any, authority: Authority, site: Site) -> AsyncIterator[int]:
    """Serve an application over HTTPS on a free port of loopback."""
    leaf = authority.issue(site.host)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        ssl_certfile=str(leaf.certificate),
        ssl_keyfile=str(leaf.key),
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn says it with a flag
            await asyncio.sleep(0.005)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def neighbourhood(folder: Path, hosts: tuple[Host, ...] = ()) -> AsyncIterator[Neighbourhood]:
    """Open a world without routers yet."""
    from router.world.story import HOSTS

    zone = Zone((*HOSTS, *hosts))
    for site in SITES:
        zone.put(Host(site.host, (site.address,)))
    async with NameServer(zone) as server:
        yield Neighbourhood(folder, zone, MovableClock(), server.address, Authority(folder), names=server)


def report(location: str, reference: str, **more: Any) -> ReportGiven:
    """Return an analyst's baseline report of one location."""
    moment = START - timedelta(hours=1)
    given = {
        "source": "analysts",
        "reference": reference,
        "received_at": moment.isoformat(),
        "items": [{"location": location, **more.pop("item", {})}],
        "assessment": {"value": "baseline", "assessed_by": "anna", "assessed_at": moment.isoformat()},
        **more,
    }
    return ReportGiven.model_validate_json(json.dumps(given))
