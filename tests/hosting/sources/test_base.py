import inspect
from ipaddress import ip_address, ip_network

import pytest

from router.data import DataSets
from router.data.tables import load_anycast, load_cdn
from router.hosting.judgement import IpParts
from router.hosting.sources.asn import Networks
from router.hosting.sources.base import OnlineSource, Source
from router.hosting.sources.embedded import SOURCES, Material


@pytest.mark.parametrize("name", SOURCES)
def test_every_embedded_source_keeps_the_protocol(name: str, data: DataSets) -> None:
    source: Source = SOURCES[name](Material(data, Networks(data), load_cdn(), load_anycast()))
    assert source.name == name
    assert list(inspect.signature(source.claims).parameters) == ["ip"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_says_the_same_as_far_as_it_says_its_answer_reaches(name: str, data: DataSets) -> None:
    source = SOURCES[name](Material(data, Networks(data), load_cdn(), load_anycast()))
    for text in ("3.120.0.1", "104.16.1.1", "127.0.0.1", "9.9.9.9", "145.63.128.1", "2a01:4f8::1"):
        asked = IpParts(ip_address(text).packed)
        statement, reach = source.look(asked)
        block = ip_network((text, reach), strict=False)
        assert source.look(IpParts(block[0].packed))[0] is statement is source.look(IpParts(block[-1].packed))[0]
        assert [claim.claim for claim in source.claims(block[0])] == ([] if statement is None else [statement.claim])


def test_an_online_source_is_told_what_is_known_so_far() -> None:
    assert list(inspect.signature(OnlineSource.claims).parameters) == ["self", "ip", "so_far"]
    assert inspect.iscoroutinefunction(OnlineSource.claims)
