"""Whatever a name server does, a trace ends in time, with a verdict that has a reason, and never with a guess.

The name server is the world's own, over real sockets; the tracer is put together as `locate` has it.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.app_tracer import tracer
from router.hosting.location.url import read
from router.hosting.trace import Tracer
from router.settings import Settings
from router.world.dns import NameServer
from router.world.story import Host
from router.world.zone import Fault, story_zone
from schemas.trace import DnsOutcome, OnlineMode, Trace, VerdictKind

NAME = "pages.tulip.test"


@pytest.fixture
async def world() -> AsyncIterator[NameServer]:
    async with NameServer(story_zone()) as server:
        yield server


@pytest.fixture
async def asking(world: NameServer, tmp_path: Path) -> AsyncIterator[Tracer]:
    async with tracer(Settings.load(data_dir=tmp_path, resolvers=(world.address,))) as made:
        yield made


async def trace(asking: Tracer, host: str) -> Trace:
    found = await asking.trace(read(f"http://{host}/"), online=OnlineMode.NEVER)
    assert found.verdict.reasons, "every verdict says why"
    return found


@pytest.mark.parametrize(
    ("host", "outcome", "verdict", "reason"),
    [
        ("gone.vanished.test", DnsOutcome.NXDOMAIN, VerdictKind.UNRESOLVED, "nxdomain"),
        ("empty.test", DnsOutcome.NODATA, VerdictKind.UNRESOLVED, "nodata"),
        ("circle.test", DnsOutcome.LOOP, VerdictKind.UNRESOLVED, "loop"),
        ("far.test", DnsOutcome.LOOP, VerdictKind.UNRESOLVED, "loop"),
        ("inside.test", DnsOutcome.PRIVATE, VerdictKind.NO_HOST, "private_address"),
    ],
)
async def test_what_has_no_public_address_has_no_country(
    asking: Tracer, host: str, outcome: DnsOutcome, verdict: VerdictKind, reason: str
) -> None:
    found = await trace(asking, host)
    assert (found.outcome, found.verdict.kind, found.verdict.country) == (outcome, verdict, None)
    assert reason in {one.code for one in found.verdict.reasons}


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.SERVFAIL, DnsOutcome.SERVFAIL),
        (Fault.REFUSED, DnsOutcome.SERVFAIL),
        (Fault.DROP, DnsOutcome.TIMEOUT),
        (Fault.WRONG_ID, DnsOutcome.TIMEOUT),
        (Fault.WRONG_QUESTION, DnsOutcome.TIMEOUT),
    ],
)
async def test_a_server_in_trouble_is_never_taken_for_gone(
    asking: Tracer, world: NameServer, fault: Fault, outcome: DnsOutcome
) -> None:
    world.zone.faults[NAME] = fault
    found = await trace(asking, NAME)
    assert (found.outcome, found.verdict.kind) == (outcome, VerdictKind.UNRESOLVED)


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.CUT, Fault.TRUNCATED_ALWAYS])
async def test_a_mutilated_answer_is_no_answer(asking: Tracer, world: NameServer, fault: Fault) -> None:
    world.zone.faults[NAME] = fault
    found = await trace(asking, NAME)
    assert found.outcome in {DnsOutcome.SERVFAIL, DnsOutcome.TIMEOUT}
    assert found.verdict.country is None


async def test_a_truncated_answer_is_asked_for_again_over_tcp(asking: Tracer, world: NameServer) -> None:
    world.zone.faults[NAME] = Fault.TRUNCATED
    found = await trace(asking, NAME)
    assert (found.verdict.country, [one.ip for one in found.addresses]) == ("NL", ["188.166.40.20"])


async def test_five_thousand_addresses_are_judged_by_a_bounded_number_of_them(asking: Tracer) -> None:
    found = await trace(asking, "crowd.test")
    assert 0 < len(found.addresses) <= 64
    assert found.verdict.kind in {VerdictKind.COUNTRY, VerdictKind.SPLIT}


async def test_a_private_address_beside_a_public_one_is_named_and_does_not_count(asking: Tracer) -> None:
    found = await trace(asking, "mixed.test")
    assert found.verdict.country == "NL"
    assert any("private" in one.code for one in found.verdict.reasons)


async def test_the_whole_chain_is_kept(asking: Tracer) -> None:
    found = await trace(asking, "albums.maple.test")
    chain = [(one.name, one.target) for one in found.names if one.type == "CNAME"]
    assert chain[0] == ("albums.maple.test", "lb.rockies.test")
    assert {one.ip for one in found.addresses} == {"35.182.20.20", "2604:a880:cad:d0::10"}


async def test_a_move_is_seen_once_its_ttl_is_over(asking: Tracer, world: NameServer) -> None:
    world.zone.put(Host("quick.test", ("188.166.40.20",), ttl=0))
    assert (await trace(asking, "quick.test")).verdict.country == "NL"
    asked = len(world.asked)
    world.zone.put(Host("quick.test", ("35.182.20.20",), ttl=0))
    # A TTL below half a minute is kept for half a minute, or one host could be asked thousands of times.
    assert (await trace(asking, "quick.test")).verdict.country == "NL"
    assert len(world.asked) == asked


async def test_only_the_reported_host_is_asked_for(asking: Tracer, world: NameServer) -> None:
    await trace(asking, NAME)
    assert {name for name, _ in world.asked} == {NAME}
