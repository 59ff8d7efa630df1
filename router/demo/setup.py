"""The stage of the demo: the simulated world, and three instances of this router in it, all on loopback.

Everything lives in one folder that its owner removes, and ends with the context: servers, sockets and processes.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from router.demo import policies
from router.demo.client import Client, Line
from router.demo.dial import LOOPBACK
from router.demo.instances import Instance, listening, port_of
from router.demo.pipe_messages import Advance, Govern, Placement
from router.demo.policies import ForHub, ForPolice
from router.errors import CannotStart
from router.world.ca import Authority
from router.world.clock import JumpingClock
from router.world.dns import NameServer
from router.world.iccam.hub import Hub
from router.world.iccam.records import Hotline
from router.world.iccam.server import IccamServer
from router.world.police_unit import PoliceUnit, identity
from router.world.story import CHANGES, HOME, HUB, POLICE, SITES, Site
from router.world.zone import Zone, story_zone

#: The partners that are instances of this router; the police and the hub are other programs.
ROUTERS: Final = tuple(site for site in SITES if site.partner not in {POLICE, HUB})
#: The hotlines behind the hub; home is one of them.
MEMBERS: Final = (
    Hotline(24, "BE", "Child Focus (simulated)", "api.user@be.hotline.test", secrets.token_urlsafe()),
    Hotline(43, "NL", "Meldpunt Offlimits (simulated)"),
    Hotline(32, "DE", "eco (simulated)"),
)


@dataclass(slots=True)
class Stage:
    """What stands on the stage while the demo runs."""

    clock: JumpingClock
    zone: Zone
    police: PoliceUnit
    hub: Hub
    instances: dict[str, Instance]
    clients: dict[str, Client]
    console: str  #: where a browser on this machine finds home's console and API
    days: int = field(default=0)

    @property
    def home(self) -> Client:
        """Return our own staff's access to home."""
        return self.clients[HOME]

    @property
    def home_instance(self) -> Instance:
        """Return the process that plays home."""
        return self.instances[HOME]

    async def next_day(self) -> None:
        """Let a day pass: hosts move and vanish first, so that whoever checks that day finds them as they are then."""
        self.days += 1
        for change in CHANGES:
            if change.day == self.days:
                self.zone.move(change.host, change.addresses)
        await self.pass_time(timedelta(days=1))

    async def pass_time(self, by: timedelta) -> None:
        """Let time jump, here and at every instance."""
        self.clock.advance(by)
        await _all(instance.tell(Advance(seconds=by.total_seconds())) for instance in self.instances.values())


@asynccontextmanager
async def set_stage(folder: Path, database: str | None = None) -> AsyncIterator[Stage]:
    """Set the stage in an empty folder, home on `database` when one is given. Raise CannotStart."""
    async with AsyncExitStack() as stack:
        clock, began = JumpingClock(), time.time()
        authority = Authority(folder)
        names = await stack.enter_async_context(NameServer(story_zone()))
        (station,) = (site for site in SITES if site.partner == POLICE)
        signing, password = identity(HOME, clock.now()), secrets.token_urlsafe()
        police = PoliceUnit(folder / "police", clock.now(), signing.pem)
        to_police = ForPolice(str(police.inbox), police.identity.pem, signing.p12(password), password)
        (hub_site,) = (site for site in SITES if site.partner == HUB)
        (members := folder / "members").mkdir()
        ours = Authority(members).issue_client("be.hotline.test", secrets.token_urlsafe())
        demands = authority.issue(hub_site.host).server_context(clients=members / "authority.pem")
        hub = Hub(clock, MEMBERS)
        server = await stack.enter_async_context(IccamServer(hub, demands, prefix="/api/"))
        to_hub = ForHub(MEMBERS[0].username, MEMBERS[0].password, ours.bundle.read_bytes(), ours.password)
        listeners = {site.partner: stack.enter_context(listening()) for site in ROUTERS}
        browser = stack.enter_context(listening())
        ports = {site.address: port_of(listeners[site.partner]) for site in ROUTERS} | {hub_site.address: server.port}
        building = _Building(folder, authority, names.address, ports, began, database)
        instances: dict[str, Instance] = {}

        async def start(site: Site) -> None:
            plain = browser if site.partner == HOME else None
            instances[site.partner] = await building.instance(site, listeners[site.partner], plain)
            stack.push_async_callback(instances[site.partner].stop)

        await _all(start(site) for site in ROUTERS)
        ready = {name: instance.ready for name, instance in instances.items()}
        await _all(instance.tell(policies.of(name, ready, to_police, to_hub)) for name, instance in instances.items())
        line = await stack.enter_async_context(Line(ports, authority.certificate))
        clients = {name: Client(line, one.site.host, one.ready.token) for name, one in instances.items()}
        await _rehearse(police, clients[HOME])
        code = _test_code(police)
        await instances[HOME].tell(Govern(partners=(policies.unit(station, to_police, code),)))
        console = f"http://{LOOPBACK}:{port_of(browser)}"
        yield Stage(clock, names.zone, police, hub, instances, clients, console)


async def _rehearse(police: PoliceUnit, home: Client) -> None:
    """Have home send the unit a test bundle, as before any unit goes live. Raise CannotStart."""
    found = await home.post("/v1/partners/check", {"partner": POLICE, "rehearse": True})
    if not found["items"][0]["ok"]:
        raise CannotStart(f"The simulated police got no test bundle: {found['items'][0]['text']}")
    if not await asyncio.to_thread(police.bundles):
        raise CannotStart("The simulated police could not open their test bundle; is `openssl` installed?")


def _test_code(police: PoliceUnit) -> str:
    """Return the reply code that the unit reads in its test bundle, which it puts away then."""
    (bundle,) = police.bundles()
    (item,) = bundle.items.values()
    police.put_away()
    return str(item["reply_code"])


async def _all(acts: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Do all of it at once. Raise the first CannotStart, after the others have ended."""
    try:
        async with asyncio.TaskGroup() as group:
            for act in acts:
                group.create_task(act)
    except* CannotStart as errors:
        first = errors.exceptions[0]
    else:
        return
    raise first


@dataclass(frozen=True, slots=True)
class _Building:
    """What every instance is built with."""

    folder: Path
    authority: Authority
    resolver: str
    ports: dict[str, int]
    began: float
    database: str | None

    async def instance(self, site: Site, encrypted: socket.socket, plain: socket.socket | None) -> Instance:
        """Start the instance of one site in a data directory of its own."""
        placement = Placement(
            settings=self._settings(site),
            began=self.began,
            addresses=self.ports,
            encrypted=encrypted.fileno(),
            plain=None if plain is None else plain.fileno(),
        )
        return await Instance.start(site, placement, self.folder / f"{site.partner}.log")

    def _settings(self, site: Site) -> dict[str, Any]:
        leaf = self.authority.issue(site.host)
        given = {
            "data_dir": str(self.folder / site.partner),
            "name": site.partner,
            "home": site.country,
            "public_url": f"https://{site.host}/",
            "resolvers": [self.resolver],
            "ca_file": str(self.authority.certificate),
            "tls_certificate": str(leaf.certificate),
            "tls_key": str(leaf.key),
        }
        return given | ({"database": self.database} if self.database and site.partner == HOME else {})
