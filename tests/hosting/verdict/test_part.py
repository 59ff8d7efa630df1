"""A source says which part it plays; who says nothing is not started with, and who was not measured changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data import DataSets
from router.errors import CannotStart
from router.hosting.outside import Outside
from router.hosting.sources import SOURCES, build
from router.hosting.sources.cymru import Cymru
from router.hosting.sources.geofeed import Geofeed
from router.hosting.sources.maxmind import MaxMind
from router.hosting.sources.registry.rdap import Rdap
from router.hosting.verdict import pattern
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.fuse import fuse_address, registration, verdict
from router.hosting.verdict.network_kind import Signals
from router.hosting.verdict.part import HEARD, SHOWN, Measured, Part, Role, check
from schemas.trace import Basis, Claim, Evidence, HostingBasis

IP = ip_address("192.0.2.1")
TABLE = Calibration.load()
HEARD_NAMES = sorted({name for names in HEARD.values() for name in names} | {"peer"})
COUNTRIES = st.sampled_from(["NL", "US", "DE", None])
PREFIXES = st.sampled_from([None, "192.0.2.0/24", "192.0.0.0/16"])


@dataclass
class Somebody:
    """A source, as far as its part is concerned."""

    name: str
    roles: Mapping[str, Role] = field(default_factory=dict)


def evidence(names: list[str]) -> st.SearchStrategy[Evidence]:
    claims = st.builds(Claim, basis=st.sampled_from(Basis), country=COUNTRIES)
    return st.builds(Evidence, source=st.sampled_from(names), claim=claims, prefix=PREFIXES, detail=st.just("Acme, x"))


@given(
    heard=st.lists(evidence(HEARD_NAMES), max_size=5),
    more=st.lists(st.tuples(st.integers(0, 5), evidence(["trial", "iptrust"])), min_size=1, max_size=4),
    basis=st.sampled_from(get_args(HostingBasis)),
)
def test_who_plays_no_part_is_shown_and_changes_nothing(
    heard: list[Evidence], more: list[tuple[int, Evidence]], basis: HostingBasis
) -> None:
    with_more = list(heard)
    for at, one in more:
        with_more.insert(at, one)
    signals = Signals(asn=64500)
    before = fuse_address(IP, heard, signals, calibration=TABLE, basis=basis)
    after = fuse_address(IP, with_more, signals, calibration=TABLE, basis=basis)
    assert set(after.evidence) >= {one for _, one in more}
    assert after.model_copy(update={"evidence": before.evidence}) == before
    assert verdict([after]) == verdict([before])
    assert registration(with_more) == registration(heard)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Somebody("trial"), "does not say which part it plays"),
        (Somebody("trial", {"trial": Role((Part.GEOLOCATION,), Measured.YES)}), "hears it for nothing"),
        (Somebody("trial", {"trial": Role((Part.GEOLOCATION,), Measured.NO)}), "plays no part"),
        (Somebody("trial", {"trial": Role((), Measured.YES)}), "declares nothing as its part"),
        (Somebody("geolocation", {"geolocation": SHOWN}), "plays no part"),
        (Somebody("cymru", {"cymru": Role((Part.NETWORK,), Measured.YES)}), "pattern.UNMEASURED"),
        (Somebody("asn", {"asn": Role((Part.NETWORK,), Measured.LIKE_ANOTHER)}), "pattern.UNMEASURED"),
        (Somebody("rdap", {"rdap": Role((Part.REGISTRY,), Measured.LIKE_ANOTHER)}), "assignment, registry"),
    ],
)
def test_what_a_source_declares_is_what_the_rule_does_with_it(source: Somebody, words: str) -> None:
    with pytest.raises(CannotStart, match="source") as refused:
        check([source])
    assert words in refused.value.message
    assert source.name in refused.value.message


def test_two_sources_do_not_speak_under_one_name() -> None:
    check([Somebody("trial", {"trial": SHOWN}), Somebody("other", {"other": SHOWN})])
    with pytest.raises(CannotStart, match="Two evidence sources speak as 'trial'"):
        check([Somebody("trial", {"trial": SHOWN}), Somebody("other", {"other": SHOWN, "trial": SHOWN})])


def test_the_router_does_not_start_with_a_source_that_declares_nothing(data: DataSets) -> None:
    class Own(Somebody):
        def claims(self, ip: object) -> tuple[Evidence, ...]:
            return ()

    with pytest.raises(CannotStart, match="'trial'"):
        build(data, extra=[Own("trial")])
    with pytest.raises(CannotStart, match="'trial'"):
        Outside([Own("trial")])  # type: ignore[list-item]  # as far as it gets


def test_every_source_of_the_product_declares_what_the_rule_hears(data: DataSets) -> None:
    """And the rule hears nobody who is not there."""
    declared = {name for source in (Rdap, Cymru, Geofeed, MaxMind) for name in source.roles}
    for source in (Rdap, Cymru, Geofeed, MaxMind):
        check([source])  # type: ignore[list-item]  # the class says it already
    heard = {name for names in HEARD.values() for name in names}
    assert heard == (declared | set(SOURCES)) - set(MaxMind.roles), "an operator's own is heard by its measure alone"
    assert build(data).address(ip_address("3.120.0.1")).country == "DE"


def test_only_those_of_the_decision_record_borrow_anothers_measure() -> None:
    assert {"geofeed", "rdap", "whois", "cymru"} == pattern.UNMEASURED
