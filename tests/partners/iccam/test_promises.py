"""The hub's dialect keeps the promises of all, and of what speaks HTTP."""

import ssl
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from router.errors import BadInput
from router.partners.base import Accepted, Reason, Tools, Unknown
from router.partners.iccam.dialect import IccamDialect
from router.world.ca import Authority
from router.world.iccam.hub import Hub
from router.world.iccam.server import IccamServer
from router.world.iccam.trouble import Kind, Trouble
from schemas.partner import Partner
from tests.loopback import Loopback
from tests.partners.conformance import Promises, Stage
from tests.partners.conformance_http import MAYBE_DONE, STATUS_TABLE, HttpPromises, HttpStage, Shape
from tests.partners.iccam.sender import a_hub
from tests.partners.iccam.stage import BE, DE, HOST, NL, PORT, WalkingClock, files_of
from tests.referrals import CANARY

#: The call that makes a report: what failed while it was made may have made one, and is looked for.
LOST = (Unknown, Reason.NO_ANSWER, None)
MAYBE_MADE = MAYBE_DONE - {503}  # a hub that is closed for maintenance says so before it looks at anything
TABLE: Mapping[int, Shape] = STATUS_TABLE | dict.fromkeys({*MAYBE_MADE, *range(600, 1000)}, LOST)


@dataclass
class HubServer:
    """The hub as the promises speak to it: a status or a silence meets the call that makes a report."""

    hub: Hub
    server: IccamServer
    _status: int | None = None
    _headers: dict[str, str] = field(default_factory=dict)
    _delay: float = 0.0

    @property
    def seen(self) -> list[object]:
        return list(self.server.calls)

    @property
    def effects(self) -> dict[str, int]:
        return dict(Counter(str(one.reference) for one in self.hub.reports.values()))

    @property
    def changes(self) -> int:
        """Reports, and calls that say something of one."""
        return len(self.hub.reports) + sum(call.method == "PUT" for call in self.server.calls)

    @property
    def withdrawn(self) -> set[str]:
        """Nothing deletes a report; it is taken back where nobody but us has it."""
        kept = (one for one in self.hub.contents.values() if one.assigned_country in (None, BE.country))
        return {str(self.hub.reports[one.report_id].reference) for one in kept}

    @property
    def status(self) -> int | None:
        return self._status

    @status.setter
    def status(self, status: int | None) -> None:
        self._status = status
        self._order()

    @property
    def headers(self) -> dict[str, str]:
        return self._headers

    @headers.setter
    def headers(self, headers: dict[str, str]) -> None:
        self._headers = headers
        self._order()

    @property
    def delay(self) -> float:
        return self._delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._delay = seconds
        self._order()

    def _order(self) -> None:
        again = self._headers.get("Retry-After")
        fault = Trouble(Kind.DROP_BEFORE, "rest/reports", "POST", times=10**9, delay=self._delay, retry_after=again)
        if self._status is not None:
            fault.kind, fault.status = Kind.STATUS, self._status
        self.server.troubles.ordered[:] = [] if self._status is None and not self._delay else [fault]


@dataclass
class HubStage(HttpStage):
    """The hub's stage: time passes as the dialect waits."""

    clock: WalkingClock = field(default_factory=WalkingClock)
    fill: int | None = None  #: referrals of a full call, where one that is really full takes too long

    @property
    def full(self) -> int:
        return self.fill or super().full

    def later(self, by: timedelta) -> None:
        self.clock.advance(by)

    def unusable(self) -> Partner:
        return a_hub(url=f"http://{CANARY}.test", username=CANARY)


@pytest.fixture
async def hub_stage(net: Loopback, tmp_path: Path) -> AsyncIterator[HubStage]:
    (folder := tmp_path / "clients").mkdir()
    clients = Authority(folder)
    clock, files = WalkingClock(), files_of(clients.issue_client("hotline-c.test", "of the bundle"))

    def secret_file(name: str) -> bytes:
        if name not in files:
            raise BadInput("There is no such secret", field=name)
        return files[name]

    context = net.certificate(HOST)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(clients.certificate)
    hub = Hub(clock, [BE, NL, DE])
    async with IccamServer(hub, context, prefix="/api/") as server:
        net.place(HOST, "3.120.0.9", PORT, server.port)
        tools = Tools(await net.egress(), clock, "hotline-be", (), lambda name: secret_file(name).decode(), secret_file)
        known = [BE.password, BE.username]
        yield HubStage(IccamDialect(tools), a_hub(), HubServer(hub, server), net, known, TABLE, MAYBE_MADE, clock)


class TestPages(HttpPromises):
    @pytest.fixture
    def stage(self, hub_stage: HubStage) -> HubStage:
        return hub_stage


class TestContents(Promises):
    """Where what belongs in one report is waited for: the first calls report nothing."""

    @pytest.fixture
    def stage(self, hub_stage: HubStage) -> HubStage:
        return replace(hub_stage, partner=a_hub(mode="contents"), fill=8)

    async def test_sending_again_is_harmless_where_it_is_promised(self, stage: Stage) -> None:
        """By whoever finds it ready: before that nobody can have reported it."""
        carried = stage.carried()
        while carried.progress is None or carried.progress.step != "ready":
            await carried.turn()
            stage.later(timedelta(minutes=1))
        again = carried.taken_over(stage.anew())
        await carried.turn()
        again.in_doubt = True
        assert isinstance(await again.to_the_end(stage.later), Accepted)
        assert stage.effects == {carried.id: 1}
