from ipaddress import ip_address, ip_network

import pytest

from router.hosting.judgement import Answer, IpParts, Judgement, Statement
from router.hosting.verdict.network_kind import Signals
from schemas.trace import Address, Basis, Claim, Evidence, Verdict, VerdictKind

SAID = Statement("geolocation", Claim(basis=Basis.LOCATION, country="NL"), "2026-06-01", "words")


def test_a_statement_is_said_of_a_network() -> None:
    assert SAID.of("192.0.2.0/24") == Evidence(
        source="geolocation", claim=SAID.claim, as_of="2026-06-01", prefix="192.0.2.0/24", detail="words"
    )


def test_what_a_statement_writes_stands_around_the_prefix() -> None:
    before, after = SAID.written
    assert f"{before}192.0.2.0/24{after}" == SAID.of("192.0.2.0/24").model_dump_json()


@pytest.mark.parametrize("text", ["192.0.2.1", "255.255.255.255", "2001:db8::1"])
def test_an_address_is_taken_apart(text: str) -> None:
    ip = ip_address(text)
    parts = IpParts(ip.packed)
    assert (parts.number, parts.version, parts.bits) == (int(ip), ip.version, ip.max_prefixlen)
    for length in range(parts.bits + 1):
        assert parts.prefix(length) == str(ip_network(f"{ip}/{length}", strict=False))


def test_an_answer_is_told_of_an_address_with_what_is_its_own() -> None:
    first = Address(ip="198.51.100.1", asn=1, as_name="First", country="NL", confidence=0.9, pattern="all_agree")
    answer = Answer(first, Verdict(kind=VerdictKind.COUNTRY, country="NL"))
    found = Judgement(answer, ((SAID, "192.0.2.0/24"),), Signals(asn=64500, as_name="Example"), 24)
    one, other = (found.address(ip_address(text)) for text in ("192.0.2.1", "192.0.2.2"))
    assert one == first.model_copy(
        update={"ip": "192.0.2.1", "asn": 64500, "as_name": "Example", "evidence": (SAID.of("192.0.2.0/24"),)}
    )
    assert (other.ip, other.evidence) == ("192.0.2.2", one.evidence)
