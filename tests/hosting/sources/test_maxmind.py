from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from router.data import DataSets
from router.data.prefix_tree import PrefixTree
from router.errors import CannotStart
from router.hosting.sources import build
from router.hosting.sources.maxmind import MaxMind
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.second import Edition, Second
from schemas.trace import Basis

DAY = 1_764_720_000  # 2025-12-03


@pytest.fixture
def file(tmp_path: Path) -> Path:
    tree = PrefixTree()
    for prefix, record in {
        "5.0.0.0/16": {"country": {"iso_code": "NL"}, "registered_country": {"iso_code": "US"}},
        "5.1.0.0/16": {"registered_country": {"iso_code": "US"}},
        "5.2.0.0/16": {"country": {"iso_code": "XK"}},
        "2a00::/16": {"country": {"iso_code": "FR"}},
        "5.3.0.0/16": {"country_code": "SE", "country": "Sweden"},
        "5.4.0.0/16": {"country": "DE"},
        "5.5.0.0/16": {"country": "Germany"},
        "5.6.0.0/16": {"country_code": 7},
    }.items():
        tree.insert_network(ip_network(prefix), record)  # type: ignore[arg-type] # dict is invariant
    tree.write(tmp_path / "own.mmdb", kind="GeoLite2-Country", description="test", epoch=DAY)
    return tmp_path / "own.mmdb"


@pytest.fixture
def own(file: Path) -> Iterator[MaxMind]:
    source = MaxMind.open(file)
    yield source
    source.close()


@pytest.mark.parametrize(
    ("text", "country", "prefix"),
    [
        ("5.0.7.7", "NL", "5.0.0.0/16"),
        ("2a00::1", "FR", "2a00::/16"),
        ("5.3.1.1", "SE", "5.3.0.0/16"),
        ("5.4.1.1", "DE", "5.4.0.0/16"),
    ],
)
def test_it_claims_a_place_with_its_own_date(own: MaxMind, text: str, country: str, prefix: str) -> None:
    (found,) = own.claims(ip_address(text))
    assert (found.claim.basis, found.claim.country, found.prefix) == (Basis.LOCATION, country, prefix)
    assert (found.as_of, found.detail) == ("2025-12-03", "GeoLite2-Country")


@pytest.mark.parametrize("text", ["5.1.0.1", "5.2.0.1", "5.5.0.1", "5.6.0.1", "9.9.9.9", "::1"])
def test_a_registration_or_no_country_is_no_place(own: MaxMind, text: str) -> None:
    assert own.claims(ip_address(text)) == ()


def test_it_joins_the_shipped_sources_and_is_heard_once_it_was_measured(data: DataSets, tmp_path: Path) -> None:
    tree = PrefixTree()
    tree.insert_network(ip_network("95.216.0.0/16"), {"country": {"iso_code": "SE"}})  # type: ignore[dict-item] # dict is invariant
    tree.write(tmp_path / "own.mmdb", kind="GeoLite2-Country", description="test", epoch=DAY)
    own = MaxMind.open(tmp_path / "own.mmdb")
    ip, table = ip_address("95.216.0.1"), Calibration({})
    measured, other = (Second(Edition(own.edition.name, day), table, table) for day in (own.edition.date, "2020-01-01"))
    found, of_another, heard = (
        build(data, extra=[own], second=second).address(ip) for second in (None, other, measured)
    )
    own.close()
    assert {"maxmind", "geolocation"} <= {item.source for item in found.evidence}
    assert found == of_another
    assert found.model_copy(update={"evidence": found.evidence[:-1]}) == build(data).address(ip)
    assert heard.pattern == "geolocators_disagree"


@pytest.mark.parametrize("content", [b"", b"not a database"])
def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "own.mmdb").write_bytes(content)
    with pytest.raises(CannotStart, match="MaxMind database"):
        MaxMind.open(tmp_path / "own.mmdb")


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(CannotStart):
        MaxMind.open(tmp_path / "none.mmdb")
