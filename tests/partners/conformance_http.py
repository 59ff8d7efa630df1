"""What every dialect that speaks HTTP promises beside the promises of all: inherit `HttpPromises`.

Its stage's server can be told to misbehave, and the wire to it can be cut after any byte.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from router.guard.egress import Egress
from router.partners.base import Accepted, Deferred, Dialect, EffectClass, Outcome, Reason, Refused, Unknown
from schemas.partner import Partner
from tests.loopback import Loopback
from tests.partners.carried import Carried
from tests.partners.conformance import Promises, Stage, everything_logged, secrets_in
from tests.partners.cutting import Cut, cut
from tests.referrals import CANARY

Shape = tuple[type, Reason | None, bool | None]

NOT_AUTHENTICATED = (Deferred, Reason.NOT_AUTHENTICATED, False)
BUSY = (Deferred, Reason.BUSY, True)
#: status -> what it must become, for every status there can be but 2xx: (word, reason, is it counted).
STATUS_TABLE: dict[int, Shape] = (
    dict.fromkeys(range(300, 400), (Deferred, Reason.REDIRECTED, True))
    | dict.fromkeys(range(400, 500), (Refused, Reason.REFUSED, None))
    | dict.fromkeys(range(500, 600), (Deferred, Reason.PARTNER_FAILS, True))
    | dict.fromkeys(range(600, 1000), (Unknown, Reason.NOT_UNDERSTOOD, None))
    | {401: NOT_AUTHENTICATED, 403: NOT_AUTHENTICATED, 410: (Deferred, Reason.GONE, False)}
    | {408: BUSY, 425: BUSY, 429: BUSY, 503: BUSY, 413: (Refused, Reason.TOO_LARGE, None)}
)
#: What a real server is made to answer; the whole table is walked in test_answers.
SENT_STATUSES = sorted({int(one) for one in HTTPStatus if one >= 300} | {299 + 1, 399, 418, 499, 599, 600, 999})
#: Of these nobody knows what was done before they were said.
MAYBE_DONE = frozenset({408, *range(500, 600)})
#: Places at which the wire is cut, in each direction, of a conversation that is longer.
CUTS = 12


class Server(Protocol):
    """What a stage's server can be told."""

    status: int | None
    headers: dict[str, str]
    delay: float
    seen: list[web.Request]
    effects: dict[str, int]


@dataclass
class HttpStage(Stage):
    """One dialect, ready to speak to one HTTP partner."""

    server: Server
    net: Loopback
    kept_secret: list[str] = field(default_factory=list)
    table: Mapping[int, Shape] = field(default_factory=lambda: STATUS_TABLE)
    maybe_done: frozenset[int] = MAYBE_DONE

    @property
    def effects(self) -> Mapping[str, int]:
        return self.server.effects

    @property
    def changes(self) -> int:
        return int(getattr(self.server, "changes", sum(self.server.effects.values())))

    @property
    def withdrawn(self) -> set[str]:
        return set(getattr(self.server, "withdrawn", ()))

    @property
    def told(self) -> Mapping[str, int]:
        return dict(getattr(self.server, "told", {}))

    @property
    def host(self) -> str:
        return str(urlsplit(str(self.partner.config["url"])).hostname)

    @property
    def secrets(self) -> list[str]:
        return [self.host, *self.kept_secret]

    def away(self) -> None:
        self.net.hosts.clear()

    def unusable(self) -> Partner:
        return self.partner.model_copy(update={"config": {"url": f"http://{CANARY}.test", "secret": CANARY}})

    def anew(self) -> Dialect:
        return type(self.dialect)(self.dialect._tools)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Dialect]:
        """The same dialect with connections of its own."""
        async with Egress(self.net.resolve, dial=self.net.dial, ca_file=self.net.ca_file) as egress:
            yield type(self.dialect)(replace(self.dialect._tools, egress=egress))


def shape(outcome: Outcome) -> Shape:
    return type(outcome), getattr(outcome, "reason", None), getattr(outcome, "counted", None)


class HttpPromises(Promises):
    """The promises of what speaks HTTP. A subclass overrides the fixture `stage`."""

    @pytest.fixture
    def stage(self) -> HttpStage:
        raise NotImplementedError

    async def test_every_status_means_what_the_table_says(self, stage: HttpStage) -> None:
        found = {}
        for status in SENT_STATUSES:
            stage.server.status = status
            found[status] = shape(await stage.carried().turn())
        assert found == {status: stage.table[status] for status in SENT_STATUSES}
        assert stage.effects == {}

    async def test_what_failed_while_it_worked_may_have_arrived(self, stage: HttpStage) -> None:
        for status in SENT_STATUSES:
            stage.server.status = status
            outcome = await stage.carried().turn()
            doubtful = isinstance(outcome, Unknown) or bool(getattr(outcome, "may_have_arrived", False))
            assert doubtful or status not in stage.maybe_done, status

    async def test_the_partners_wish_to_wait_is_kept(self, stage: HttpStage) -> None:
        stage.server.status, stage.server.headers = 429, {"Retry-After": "120"}
        outcome = await stage.carried().turn()
        assert isinstance(outcome, Deferred)
        assert outcome.retry_after == 120

    async def test_a_redirect_is_not_followed(self, stage: HttpStage) -> None:
        stage.server.status, stage.server.headers = 307, {"Location": "https://elsewhere.test/"}
        await stage.carried().turn()
        assert "elsewhere.test" not in stage.net.lookups

    async def test_a_partner_that_is_silent_may_have_it(self, stage: HttpStage) -> None:
        stage.server.delay = 5
        assert isinstance(await stage.carried().call(0.2), Unknown)

    @pytest.mark.parametrize("direction", Cut)
    async def test_wherever_the_wire_is_cut_no_word_is_wrong_and_nothing_is_doubled(
        self, stage: HttpStage, direction: Cut
    ) -> None:
        """After any byte of ours, or of the answer: in each call of a work of several steps."""
        calls = await _length(stage)
        for at in range(calls):
            whole = await _measured(stage, at, direction)
            for place in sorted({whole * n // CUTS for n in range(CUTS)} | {max(whole - 1, 0)}):
                await _cut_at(stage, at, direction, place)

    async def test_no_failure_tells_a_secret(self, stage: HttpStage, log_restored: None) -> None:
        written, said = everything_logged(), list[str]()
        for status in (302, 401, 404, 500, 999):
            stage.server.status = status
            said += [repr(await stage.carried().call()), repr(await stage.dialect.check(stage.partner))]
        stage.server.status, stage.server.delay = None, 5
        said.append(repr(await stage.carried().call(0.2)))
        assert secrets_in(stage, said, written) == []


async def _length(stage: HttpStage) -> int:
    """How many calls a referral takes."""
    carried = stage.carried()
    await carried.to_the_end(stage.later)
    return len(carried.said) + 1


async def _brought(stage: HttpStage, calls: int) -> Carried:
    carried = stage.carried()
    for _ in range(calls):
        await carried.turn()
    return carried


async def _measured(stage: HttpStage, calls: int, direction: Cut) -> int:
    """The bytes of one call, in one direction, over a connection of its own."""
    carried = await _brought(stage, calls)
    async with cut(stage.net, stage.host, direction, None) as wire, stage.apart() as dialect:
        await carried.taken_over(dialect).turn()
    return wire.passed


async def _cut_at(stage: HttpStage, calls: int, direction: Cut, place: int) -> None:
    carried = await _brought(stage, calls)
    before = stage.effects.get(carried.id, 0), stage.changes
    async with cut(stage.net, stage.host, direction, place), stage.apart() as dialect:
        outcome = await carried.taken_over(dialect).call(5.0)
    arrived = (stage.effects.get(carried.id, 0), stage.changes) != before
    done = None if carried.progress is None else carried.progress.step
    harmless = stage.dialect.effect_after(done) is EffectClass.IDEMPOTENT
    nothing_left = isinstance(outcome, Refused) or (isinstance(outcome, Deferred) and not outcome.may_have_arrived)
    # Once the partner has a part of it for certain, a harmless call more says nothing new.
    assert not (arrived and nothing_left) or (done is not None and harmless), (place, outcome)
    assert arrived or not isinstance(outcome, Accepted), (place, outcome)
    carried.kept(outcome)
    if isinstance(outcome, Accepted):
        return
    if carried.in_doubt and stage.dialect.effect_after(done) is EffectClass.AT_LEAST_ONCE:
        return  # for people
    last = await carried.taken_over(stage.anew()).to_the_end(stage.later)
    found = stage.effects.get(carried.id, 0)
    assert found == 1 if isinstance(last, Accepted) else found <= 1, (place, outcome, last)
    assert isinstance(last, Accepted) or (isinstance(last, Unknown) and last.for_people), (place, outcome, last)
