"""A host that is traced again while its answer is remembered: judged once, and nothing of it is kept any longer."""

import gc
from datetime import timedelta
from ipaddress import ip_address

import pytest

from router.clock import StoryClock
from router.hosting.dns.resolve import Resolution
from router.hosting.known_names import KnownHosts
from router.hosting.location.url import read
from router.hosting.sources import EmbeddedSources
from router.hosting.trace import Sources, Tracer
from schemas.trace import DnsOutcome, NameRecord, OnlineMode

FRANKFURT = "3.120.0.1"


class Remembers:
    """A resolver with one answer, which it forgets when it is told to."""

    def __init__(self, ttl: int) -> None:
        self.ttl = ttl
        self.forget()

    def forget(self) -> None:
        record = NameRecord(name="host.test", type="A", target=FRANKFURT, ttl=self.ttl)
        ips = (ip_address(FRANKFURT),)
        self.kept = Resolution("host.test", DnsOutcome.OK, ips, names=(record,), min_ttl=self.ttl)

    async def resolve(self, host: str) -> Resolution:
        return self.kept

    async def aclose(self) -> None:
        pass


async def test_a_host_whose_answer_is_remembered_is_judged_once(
    embedded: EmbeddedSources, known: KnownHosts, clock: StoryClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver, contacts, judged = Remembers(3600), ["first"], list[str]()
    tracer = Tracer(Sources(embedded, known, resolver, (), lambda _: contacts[0]), clock, mode=OnlineMode.NEVER)
    real = EmbeddedSources.address
    monkeypatch.setattr(EmbeddedSources, "address", lambda *given: judged.append("x") or real(*given))
    locator = read("https://host.test/one")
    first = await tracer.trace(locator)
    clock.advance(timedelta(minutes=1))
    contacts[0] = "later"
    again = await tracer.trace(read("https://host.test/two"))
    assert again == first.model_copy(update={"traced_at": clock.now(), "abuse_contact": "later"})
    assert judged == ["x"]
    await tracer.trace(locator, basis="registration")  # another policy
    resolver.forget()
    await tracer.trace(locator)
    assert len(judged) == 3
    resolver.forget()
    gc.collect()
    assert tracer._before == {}  # nothing of a host is kept longer than its answer


async def test_a_host_that_may_move_fast_is_judged_at_each_trace(
    embedded: EmbeddedSources, known: KnownHosts, clock: StoryClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer, judged = Tracer(Sources(embedded, known, Remembers(60), (), lambda _: None), clock), list[str]()
    real = EmbeddedSources.address
    monkeypatch.setattr(EmbeddedSources, "address", lambda *given: judged.append("x") or real(*given))
    for _ in range(2):
        await tracer.trace(read("https://host.test/one"))
    assert judged == ["x", "x"]
