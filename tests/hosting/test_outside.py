"""Who is asked about what, and what a silent source does."""

import asyncio
import io
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from router.errors import EvidenceUnavailable, NoAnswer
from router.guard import log
from router.hosting import outside
from router.hosting.outside import MOST_ASKED, Outside, Silence, silences
from router.hosting.sources.cymru import Cymru
from router.hosting.sources.geofeed import Geofeed
from router.hosting.sources.registry.rdap import Rdap
from schemas.trace import Address, Basis, Claim, Evidence, Ip, OnlineMode

SURE = Address(ip="3.120.0.1", country="DE", confidence=0.99)
DOUBTFUL = Address(ip="5.9.0.1", country="DE", confidence=0.6)
UNKNOWN = Address(ip="5.9.0.2")
EDGE = Address(ip="104.16.1.1", edge=True)


class Says:
    """Answers with one claim, and remembers what it was told."""

    def __init__(self, name: str, *, silent: bool = False) -> None:
        self.name = name
        self.roles = next(one.roles for one in (Rdap, Cymru, Geofeed) if one.name == name)
        self.silent = silent
        self.asked: dict[str, list[str]] = {}

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:
        self.asked[str(ip)] = [evidence.source for evidence in so_far]
        if self.silent:
            raise EvidenceUnavailable
        return (Evidence(source=self.name, claim=Claim(basis=Basis.REGISTRATION, country="US")),)


async def test_only_doubtful_addresses_are_asked_about() -> None:
    source = Says("rdap")
    answers = await Outside([source]).ask([SURE, DOUBTFUL, UNKNOWN, EDGE], OnlineMode.WHEN_DOUBTFUL)
    assert set(source.asked) == {"5.9.0.1", "5.9.0.2"}
    assert set(answers) == {ip_address("5.9.0.1"), ip_address("5.9.0.2")}


async def test_always_means_all_and_never_means_none() -> None:
    source = Says("rdap")
    assert len(await Outside([source]).ask([SURE, DOUBTFUL, EDGE], OnlineMode.ALWAYS)) == 3
    assert await Outside([source]).ask([DOUBTFUL], OnlineMode.NEVER) == {}


async def test_a_host_with_many_addresses_floods_nobody() -> None:
    source = Says("rdap")
    many = [Address(ip=f"5.9.0.{number}") for number in range(60)]
    await Outside([source]).ask(many, OnlineMode.ALWAYS)
    assert len(source.asked) == MOST_ASKED


async def test_a_later_source_builds_on_an_earlier_one() -> None:
    first, second = Says("rdap"), Says("geofeed")
    answers = await Outside([first, second]).ask([UNKNOWN], OnlineMode.ALWAYS)
    assert second.asked["5.9.0.2"] == ["rdap"]
    assert [evidence.source for evidence in answers[ip_address("5.9.0.2")].evidence] == ["rdap", "geofeed"]


class Fails(Says):
    """A source whose code fails in some way."""

    def __init__(self, name: str, failure: BaseException) -> None:
        super().__init__(name)
        self.failure = failure

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:
        raise self.failure


QUIET = (EvidenceUnavailable, TimeoutError)
LOUD = (TypeError, OverflowError, KeyError, RecursionError, NoAnswer, OSError, ValueError, AssertionError)


@pytest.mark.parametrize("failure", [*QUIET, *LOUD])
@pytest.mark.parametrize("first", [True, False])
async def test_whatever_a_source_does_it_is_silent_with_a_reason_and_the_others_speak(
    failure: type[Exception], first: bool, log_restored: None
) -> None:
    written = io.StringIO()
    log.set_up(written)
    fails, speaks = Fails("rdap", failure("of 37.97.128.1")), Says("cymru")
    answers = await Outside([fails, speaks] if first else [speaks, fails]).ask([UNKNOWN, DOUBTFUL], OnlineMode.ALWAYS)
    why = Silence.SILENT if failure in QUIET else Silence.UNREADABLE
    assert silences(answers.values()) == [("rdap", why)]
    for answer in answers.values():
        assert [evidence.source for evidence in answer.evidence] == ["cymru"]
    assert written.getvalue().count('"source_failed"') == (0 if failure in QUIET else 2)
    assert "37.97" not in written.getvalue()


async def test_a_source_that_never_answers_is_silent_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "LONGEST", 0.01)

    class Hangs(Says):
        async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:
            await asyncio.sleep(3600)
            return ()

    (answer,) = (await Outside([Hangs("geofeed"), Says("cymru")]).ask([UNKNOWN], OnlineMode.ALWAYS)).values()
    assert (answer.silent, len(answer.evidence)) == ({"geofeed": Silence.SILENT}, 1)


async def test_whoever_stops_a_trace_stops_it() -> None:
    with pytest.raises(asyncio.CancelledError):
        await Outside([Fails("rdap", asyncio.CancelledError())]).ask([UNKNOWN], OnlineMode.ALWAYS)
