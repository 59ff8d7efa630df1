"""Several resolvers, one answer."""

import pytest

from router.hosting.dns.mux import Mux
from router.hosting.dns.resolve import ChainResolver, Resolution
from router.hosting.dns.vantage import Vantages, join
from schemas.trace import DnsOutcome
from tests.hosting.dns.faulty_server import FaultyServer


def resolver(server: FaultyServer) -> ChainResolver:
    return ChainResolver(Mux([("127.0.0.1", server.port)], timeout=0.1))


async def test_what_any_vantage_point_found_counts(server: FaultyServer, second_server: FaultyServer) -> None:
    server.put("geo.test", "A", "3.120.0.1")
    second_server.put("geo.test", "A", "51.140.1.1")
    second_server.ttl = 20
    vantages = Vantages([resolver(server), resolver(second_server)])
    found = await vantages.resolve("geo.test")
    await vantages.aclose()
    assert [str(ip) for ip in found.addresses] == ["3.120.0.1", "51.140.1.1"]
    assert found.notes == ("vantages_differ",)
    assert found.min_ttl == 20
    assert {record.target for record in found.names} >= {"3.120.0.1", "51.140.1.1"}


async def test_rotation_is_no_difference(server: FaultyServer, second_server: FaultyServer) -> None:
    server.put("round.test", "A", "3.120.0.1", "3.120.0.2")
    second_server.put("round.test", "A", "3.120.0.2", "3.120.0.3")
    vantages = Vantages([resolver(server), resolver(second_server)])
    found = await vantages.resolve("round.test")
    await vantages.aclose()
    assert len(found.addresses) == 3
    assert found.notes == ()


@pytest.mark.parametrize(
    ("outcomes", "joined"),
    [
        ((DnsOutcome.NXDOMAIN, DnsOutcome.NXDOMAIN), DnsOutcome.NXDOMAIN),
        ((DnsOutcome.NXDOMAIN, DnsOutcome.TIMEOUT), DnsOutcome.TIMEOUT),
        ((DnsOutcome.NODATA, DnsOutcome.NXDOMAIN), DnsOutcome.NODATA),
        ((DnsOutcome.SERVFAIL, DnsOutcome.TIMEOUT), DnsOutcome.SERVFAIL),
        ((DnsOutcome.PRIVATE, DnsOutcome.NXDOMAIN), DnsOutcome.PRIVATE),
        ((DnsOutcome.FILTERED, DnsOutcome.NXDOMAIN), DnsOutcome.FILTERED),
        ((DnsOutcome.FILTERED, DnsOutcome.OK), DnsOutcome.OK),
        ((DnsOutcome.LAME, DnsOutcome.NXDOMAIN), DnsOutcome.LAME),
        ((DnsOutcome.STALE, DnsOutcome.NODATA), DnsOutcome.STALE),
    ],
)
def test_gone_is_only_what_is_gone_everywhere(outcomes: tuple[DnsOutcome, ...], joined: DnsOutcome) -> None:
    seen = [Resolution("a.test", outcome) for outcome in outcomes]
    assert join(seen).outcome is joined
    assert join(seen[::-1]).outcome is joined


@pytest.mark.parametrize(
    ("outcomes", "proofs", "gone"),
    [
        ((DnsOutcome.NXDOMAIN, DnsOutcome.NXDOMAIN), (False, True), True),  # one filters, the other has the zone's word
        ((DnsOutcome.NXDOMAIN, DnsOutcome.NXDOMAIN), (False, False), False),
        ((DnsOutcome.NXDOMAIN, DnsOutcome.FILTERED), (True, False), False),
        ((DnsOutcome.NXDOMAIN, DnsOutcome.OK), (True, False), False),
    ],
)
def test_one_proof_is_enough_where_nobody_saw_an_address(
    outcomes: tuple[DnsOutcome, ...],
    proofs: tuple[bool, ...],
    gone: bool,
) -> None:
    seen = [Resolution("a.test", one, gone=proof) for one, proof in zip(outcomes, proofs, strict=True)]
    assert join(seen).gone is join(seen[::-1]).gone is gone
