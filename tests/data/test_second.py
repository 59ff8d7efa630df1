"""What an operator's second geolocator may be, and what is kept of it."""

from ipaddress import ip_network
from pathlib import Path

import maxminddb
import pytest

from router.data import second
from router.data.prefix_tree import PrefixTree
from router.errors import EvidenceUnavailable


@pytest.mark.parametrize("record", [{"country": {"iso_code": "SE"}}, {"country_code": "SE", "country": "Sweden"}])
def test_a_nested_and_a_flat_layout_are_kept_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: dict[str, object]
) -> None:
    monkeypatch.setattr(second, "LEAST", 1)
    tree = PrefixTree()
    tree.insert_network(ip_network("5.0.0.0/16"), record)  # type: ignore[arg-type] # dict is invariant
    tree.insert_network(ip_network("5.1.0.0/16"), {"country_code": "XX"})
    tree.write(tmp_path / "sent", kind="Some <Lite>", description="test", epoch=1_764_720_000)
    told = second.keep((tmp_path / "sent").read_bytes(), tmp_path / second.FILE)
    assert told == "Some Lite of 2025-12-03"
    with maxminddb.open_database(tmp_path / second.FILE) as kept:
        assert kept.metadata().database_type == "Some Lite"
        assert kept.metadata().build_epoch == 1_764_720_000
        assert [(str(network), found) for network, found in kept] == [("5.0.0.0/16", {"country_code": "SE"})]


def test_half_a_file_leaves_the_one_before(tmp_path: Path) -> None:
    (tmp_path / second.FILE).write_bytes(b"before")
    for content in (b"", b"x" * 200_000, b"\x1f\x8b" * 100_000):
        with pytest.raises(EvidenceUnavailable, match=second.NAME):
            second.keep(content, tmp_path / second.FILE)
    assert [file.name for file in tmp_path.iterdir()] == [second.FILE]
    assert (tmp_path / second.FILE).read_bytes() == b"before"
