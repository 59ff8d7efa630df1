import inspect

import pytest

from router.data import DataSets
from router.data.tables import load_cdn
from router.hosting.sources.asn import Networks
from router.hosting.sources.base import OnlineSource, Source
from router.hosting.sources.embedded import SOURCES, Material


@pytest.mark.parametrize("name", SOURCES)
def test_every_embedded_source_keeps_the_protocol(name: str, data: DataSets) -> None:
    source: Source = SOURCES[name](Material(data, Networks(data), load_cdn()))
    assert source.name == name
    assert list(inspect.signature(source.claims).parameters) == ["ip"]


def test_an_online_source_is_told_what_is_known_so_far() -> None:
    assert list(inspect.signature(OnlineSource.claims).parameters) == ["self", "ip", "so_far"]
    assert inspect.iscoroutinefunction(OnlineSource.claims)
