import random
from collections.abc import Sequence
from ipaddress import IPv4Address, ip_address

import pytest

from router.data import DataSets
from router.data.tables import Anycast, Cdn
from router.hosting.judgement import IpParts
from router.hosting.sources import SOURCES, EmbeddedSources, build
from router.hosting.sources import embedded as module
from router.hosting.sources.asn import Networks
from router.hosting.sources.base import Ip
from router.hosting.sources.maxmind import MaxMind
from router.hosting.verdict.calibration import Calibration, Measured
from router.hosting.verdict.fuse import fuse_address, verdict
from router.hosting.verdict.network_kind import NOTHING
from schemas.trace import Address, Basis, Claim, Evidence

FRANKFURT = ip_address("3.120.0.1")


def test_evidence_stands_in_the_order_of_the_table(embedded: EmbeddedSources) -> None:
    order = list(SOURCES)
    found = [item.source for item in embedded.evidence(FRANKFURT)]
    assert found == ["ranges", "geolocation", "assignments", "delegation", "asn"]
    assert found == sorted(found, key=order.index)


def test_every_claim_carries_source_date_prefix_and_words(embedded: EmbeddedSources) -> None:
    for item in embedded.evidence(FRANKFURT):
        assert item.as_of
        assert item.prefix
        assert item.detail
        assert Evidence.model_validate(item.model_dump()) == item


def test_an_address_is_located_with_its_network(embedded: EmbeddedSources) -> None:
    found = embedded.address(FRANKFURT)
    assert (found.country, found.asn, found.operator) == ("DE", 16509, "Amazon Web Services")
    assert found.pattern == "range_confirmed"
    assert found.confidence > 0.99


def test_signals_know_backbones_and_publishing_operators(embedded: EmbeddedSources) -> None:
    assert embedded.signals(ip_address("4.15.35.137")).backbone
    assert not embedded.signals(FRANKFURT).backbone
    assert embedded.signals(FRANKFURT).publishes == "Amazon Web Services"
    assert embedded.signals(ip_address("127.0.0.1")) == NOTHING


def test_evidence_from_elsewhere_joins(embedded: EmbeddedSources) -> None:
    peer = Evidence(source="peer", claim=Claim(basis=Basis.LOCATION, country="FR"))
    found = embedded.address(FRANKFURT, also=[peer])
    assert found.pattern == "peer_disagrees"
    assert found.evidence[-1] == peer


def test_a_policy_may_go_by_the_registration(embedded: EmbeddedSources) -> None:
    found = embedded.address(FRANKFURT, basis="registration")
    assert (found.country, found.pattern) == ("US", "registration")


def test_a_block_that_was_met_before_gives_what_a_fresh_look_gives(data: DataSets) -> None:
    met, once, draw = build(data), build_once(data), random.Random(7)  # noqa: S311 - a fixed draw
    for _ in range(2000):
        ip = IPv4Address(draw.getrandbits(32))
        met.address(ip)
        neighbour = IPv4Address(int(ip) ^ draw.getrandbits(8))
        assert met.address(neighbour) == once.address(neighbour)


def test_ipv6_blocks_are_kept_as_exactly(data: DataSets) -> None:
    met, once, draw = build(data), build_once(data), random.Random(8)  # noqa: S311 - a fixed draw
    for prefix in ("2a01:4f8::", "2001:668:1f::", "2603:1061:2010::", "2606:4700::"):
        base = int(ip_address(prefix))
        for _ in range(50):
            ip = ip_address(base + draw.getrandbits(80))
            assert met.address(ip) == once.address(ip)


class Fresh:
    """Judges each address by itself: nothing that was found for another is taken."""

    def __init__(self, data: DataSets) -> None:
        self._sources = build(data)

    def address(self, ip: Ip) -> Address:
        sources = self._sources
        found = fuse_address(ip, sources.evidence(ip), sources.signals(ip), calibration=sources.calibration)
        judged = sources.judged(IpParts(ip.packed))
        assert judged is not None
        assert judged.answer.verdict == verdict((found,))
        return found


def build_once(data: DataSets) -> Fresh:
    return Fresh(data)


def test_what_is_said_alike_of_two_networks_is_judged_once(data: DataSets) -> None:
    sources, draw = build(data), random.Random(9)  # noqa: S311 - a fixed draw
    found = [sources.judged(IpParts(draw.randbytes(4))) for _ in range(4000)]
    answers = {id(one.answer) for one in found if one is not None}
    assert len(answers) < 1500


def test_kept_answers_are_bounded(data: DataSets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ANSWERS_KEPT", 5)
    sources, draw = build(data), random.Random(9)  # noqa: S311 - a fixed draw
    for _ in range(200):
        sources.judged(IpParts(draw.randbytes(4)))
        assert len(sources._answers) <= 5
        assert len(sources._order) <= 5


def test_kept_blocks_are_bounded(data: DataSets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCKS_KEPT", 5)
    monkeypatch.setattr(module, "_WIDE_KEPT", 5)
    sources = build(data)
    for third in [*range(50), *range(50), 7, 7, 7]:
        assert sources.address(ip_address(f"3.120.{third}.1")).country == "DE"
        assert len(sources._kept[4].narrow) <= 5
        assert len(sources._kept[4].met) <= 5
        assert len(sources._kept[4].wide) <= 5
    for second in range(50):
        sources.address(ip_address(f"95.{second}.7.1"))
        assert len(sources._kept[4].wide) <= 5
        assert len(sources._kept[4].parts) <= 5
        assert len(sources._kept[4].alike) <= 5


def test_a_narrow_block_is_kept_once_it_was_met_again(data: DataSets) -> None:
    sources, one, other = build(data), *(IpParts(ip_address(f"95.216.7.{last}").packed) for last in (1, 2))
    first, second = sources.judged(one), sources.judged(other)
    assert first is not second
    assert sources.judged(one) is second
    assert len(sources._kept[4].narrow) + len(sources._kept[4].wide) == 1


#: A wide block in which geolocation differs from place to place, and the registry does not.
MIXED = "95.216.7.1"


def test_in_a_wide_block_only_who_differs_in_it_is_asked_again(data: DataSets, monkeypatch: pytest.MonkeyPatch) -> None:
    sources, fresh, draw = build(data), build_once(data), random.Random(3)  # noqa: S311 - a fixed draw
    base = int(ip_address(MIXED)) & 0xFFFF0000
    sources.judged(IpParts(base.to_bytes(4, "big")))
    asked: list[str] = []
    parts = sources._kept[4].parts[base >> 16]
    assert {part[1][0].source for part in parts if part[1] is not None} == {"delegation"}
    assert [part[0].__self__.name for part in parts if part[0] is not None] == ["geolocation", "assignments"]  # type: ignore[attr-defined] # bound methods
    for source in sources._sources:
        monkeypatch.setattr(source, "look", lambda one, of=source.name: asked.append(of) or (None, 32))
    for _ in range(200):
        ip = ip_address(base + draw.getrandbits(16))
        assert sources.address(ip) == fresh.address(ip)
    assert asked == [], "who says the same of all of it, or nothing, was asked once"


def test_wide_blocks_that_say_the_same_by_the_same_prefixes_share_one_judgement(data: DataSets) -> None:
    sources = build(data)
    ips = [ip_address(f"{first}.{second}.7.7") for first in (17, 53) for second in range(256)]
    found = [sources.judged(IpParts(ip.packed)) for ip in ips]
    for ip, one in zip(ips, found, strict=True):
        assert one is not None
        assert one.address(ip).evidence == sources.evidence(ip)
    assert len({id(one) for one in found}) < len(ips) / 2


def test_every_wide_block_of_ipv4_can_be_kept() -> None:
    """Of addresses that crowd nowhere two in three lie in one that is judged once, if it is kept."""
    assert module._WIDE_KEPT >= 1 << 16


@pytest.mark.parametrize("kind", ["cdn", "anycast"])
def test_a_network_that_is_named_as_a_whole_is_heard_in_every_block(data: DataSets, kind: str) -> None:
    networks = Networks(data)
    ip = ip_address(MIXED)
    network, _ = networks.announced(IpParts(ip.packed))
    assert network is not None
    named = {network.asn: "Example"}
    cdn = Cdn(as_of="2026-01-02", asns=named if kind == "cdn" else {}, suffixes={})
    anycast = Anycast(as_of="2026-01-02", prefixes={}, asns=named if kind == "anycast" else {})
    material = module.Material(data, networks, cdn, anycast)
    sources = EmbeddedSources(material, Calibration.load(), frozenset())
    for last in (1, 2, 3):
        found = sources.address(ip_address(f"95.216.{last}.1"))
        assert (found.edge, found.operator, found.evidence[0].source) == (True, "Example", kind)
        assert found.evidence == sources.evidence(ip_address(f"95.216.{last}.1"))


class Own:
    """An operator's own database."""

    name = "maxmind"
    roles = MaxMind.roles

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        return (Evidence(source=self.name, claim=Claim(basis=Basis.LOCATION, country="SE"), prefix=f"{ip}/32"),)


def test_an_operators_own_source_is_one_more(data: DataSets) -> None:
    sources = build(data, extra=[Own()])
    assert sources.evidence(FRANKFURT)[-1].source == "maxmind"


def test_another_confidence_table_can_be_given(data: DataSets) -> None:
    table = Calibration({"range_confirmed": Measured(100, 42.0, 100)})
    assert build(data, calibration=table).address(FRANKFURT).confidence == 0.42


@pytest.mark.parametrize("text", ["1.1.1.1", "8.8.8.8", "2a01:4f8::1", "2001:db8::1", "0.0.0.0", "::ffff:1.2.3.4"])
def test_no_address_is_without_an_answer(embedded: EmbeddedSources, text: str) -> None:
    found = embedded.address(ip_address(text))
    assert found.pattern is not None
    assert 0 <= found.confidence <= 1
