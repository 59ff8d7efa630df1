"""A hub on loopback, and everything that our side needs to reach it: certificate, password, a clock that walks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from router.errors import BadInput
from router.guard.egress import Egress
from router.partners.base import Tools
from router.partners.budget import LocalBudget
from router.partners.iccam.settings import IccamConfig
from router.partners.iccam.turns import Turns
from router.world.ca import Authority, ClientLeaf
from router.world.iccam.hub import Hub
from router.world.iccam.records import Hotline
from router.world.iccam.rules import Rules
from router.world.iccam.server import IccamServer
from schemas.trace import Ip

HOST = "api.iccam.test"
PORT = 8443
START = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)

BE = Hotline(24, "BE", "Hotline C", "api.user@hotline-c.test", "0012345")
NL = Hotline(43, "NL", "Hotline A", "api.user@hotline-a.test", "other-pw")
DE = Hotline(32, "DE", "Hotline B")


class WalkingClock:
    """Time passes by waiting, at once: whoever sleeps wakes later by as much."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    def counted_from(self) -> datetime:
        return datetime.min.replace(tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        until = self._now + timedelta(seconds=seconds)
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self._now = max(self._now, until)


@dataclass
class Near:
    """Our side and the hub."""

    hub: Hub
    server: IccamServer
    clock: WalkingClock
    tools: Tools
    files: dict[str, bytes]
    config: IccamConfig = field(default_factory=lambda: IccamConfig.model_validate(settings()))

    def until(self, seconds: float = 20) -> float:
        return asyncio.get_running_loop().time() + seconds

    @property
    def paths(self) -> list[str]:
        """What was called, in order."""
        return [f"{call.method} {call.path}" for call in self.server.calls]


def settings(**changes: object) -> dict[str, object]:
    return {
        "url": f"https://{HOST}:{PORT}/api/",
        "country": BE.country,
        "username": BE.username,
        "password": "iccam.password",
        "certificate": "iccam.p12",
        "certificate_password": "iccam.p12.password",
        "push_per_second": 50,
        "pull_per_second": 50,
    } | changes


def files_of(client: ClientLeaf, password: str = BE.password) -> dict[str, bytes]:
    """What lies in the folder of secrets."""
    return {
        "iccam.password": password.encode(),
        "iccam.p12": client.bundle.read_bytes(),
        "iccam.p12.password": client.password.encode(),
        "iccam.pem": client.certificate.read_bytes(),
        "iccam.key": client.key.read_bytes(),
    }


def turns_of(at: Near, per_second: float) -> Turns:
    """A budget of so many calls a second, of this process alone."""
    return Turns("iccam:push", per_second, at.clock, LocalBudget(at.clock))


@asynccontextmanager
async def near(folder: Path, rules: Rules | None = None, clock: WalkingClock | None = None) -> AsyncIterator[Near]:
    """Run a hub and reach it."""
    authority, clock = Authority(folder), clock or WalkingClock()
    hub = Hub(clock, [BE, NL, DE], rules)
    context = authority.issue(HOST).server_context(clients=authority.certificate)
    files = files_of(authority.issue_client("hotline-c.test", "of the bundle"))

    def secret_file(name: str) -> bytes:
        if name not in files:
            raise BadInput("There is no such secret", field=name)
        return files[name]

    async with IccamServer(hub, context, prefix="/api/") as server:

        async def resolve(host: str) -> list[Ip]:
            return [ip_address("3.120.0.9")] if host == HOST else []

        def dial(_ip: str, port: int) -> tuple[str, int]:
            return "127.0.0.1", server.port if port == PORT else 1

        async with Egress(resolve, dial=dial, ca_file=authority.certificate) as egress:
            tools = Tools(egress, clock, "hotline-be", (), lambda name: secret_file(name).decode(), secret_file)
            yield Near(hub, server, clock, tools, files)
