import gzip
from pathlib import Path

import maxminddb
import pytest

from router.data import packages, publishers
from tests.data.conftest import country_database

DELEGATED = b"""2|ripencc|20260601|3|19830705|20260601|+0000
ripencc|*|ipv4|*|2|summary
ripencc|NL|ipv4|5.0.0.0|768|20120101|allocated|holder-1
ripencc|EU|ipv4|5.1.0.0|256|20120101|allocated|holder-2
ripencc|DE|ipv4|5.2.0.0|256|20120101|reserved|
ripencc|FR|ipv6|2a00::|29|20120101|assigned|holder-3
ripencc|SE|asn|64500|1|20120101|assigned|holder-4
"""
TSV4 = b'5.0.0.0\t5.0.0.255\t64500\tNL\tEXAMPLE Example, "quoted"\n5.0.1.0\t5.0.1.255\t0\tNone\tNot routed\n'
TSV6 = b"2a00::\t2a00::ffff\t64501\tDE\tOTHER\n"


def test_a_registrys_count_is_no_prefix_length(tmp_path: Path) -> None:
    # 768 addresses are three /24: the NRO format counts addresses, not bits.
    publishers.delegation({"ripencc": DELEGATED}, tmp_path)
    rows = list(packages.delegation(tmp_path))
    assert [(row.version, row.last - row.first + 1, row.value) for row in rows] == [(4, 768, "NL"), (6, 2**99, "FR")]


@pytest.mark.parametrize(
    ("status", "given"),
    [("allocated", True), ("assigned", True), ("legacy", True), ("available", False), ("reserved", False)],
)
def test_what_has_a_holder_counts(tmp_path: Path, status: str, given: bool) -> None:
    publishers.delegation({"arin": f"arin|US|ipv4|18.0.0.0|256|19940101|{status}|h\n".encode()}, tmp_path)
    assert [row.value for row in packages.delegation(tmp_path)] == ["US"] * given


def test_five_registries_become_one_sorted_table(tmp_path: Path) -> None:
    later = b"apnic|JP|ipv4|1.0.0.0|256|20110101|allocated|h\n"
    publishers.delegation({"ripencc": DELEGATED, "apnic": later}, tmp_path)
    assert [row.value for row in packages.delegation(tmp_path)] == ["JP", "NL", "FR"]


def test_iptoasn_gives_networks_names_and_seats(tmp_path: Path) -> None:
    publishers.networks({"v4.tsv.gz": gzip.compress(TSV4), "v6.tsv.gz": gzip.compress(TSV6)}, tmp_path)
    announced = list(packages.announcements(tmp_path))
    assert [(row.asn, row.name) for row in announced] == [(64500, 'EXAMPLE Example, "quoted"'), (64501, "OTHER")]
    assert packages.as_countries(tmp_path, announced) == {64500: "NL", 64501: "DE"}


def test_db_ips_own_shape_is_read_as_well(tmp_path: Path, packages_folder: dict[str, Path]) -> None:
    from ipaddress import ip_network

    from router.data.prefix_tree import PrefixTree

    tree = PrefixTree()
    # DB-IP nests the code; a tree value of ours is flat, so the nested record is written as the library encodes it.
    tree.insert_network(ip_network("5.0.0.0/8"), {"country": {"iso_code": "NL"}})  # type: ignore[dict-item] # dict is invariant
    tree.write(tmp_path / "plain.mmdb", kind="DBIP-Country-Lite", description="test", epoch=1)
    (tmp_path / "out").mkdir()
    publishers.geolocation({"country.mmdb.gz": gzip.compress((tmp_path / "plain.mmdb").read_bytes())}, tmp_path / "out")
    assert [row.value for row in packages.geolocation(tmp_path / "out")] == ["NL"]
    with maxminddb.open_database(tmp_path / "out/dbip-country.mmdb") as reader:
        assert reader.get("5.0.0.1") == {"country_code": "NL"}


def test_one_wrong_bit_is_read_or_refused_and_harms_nobody(tmp_path: Path) -> None:
    country_database(tmp_path / "good.mmdb", {"5.0.0.0/16": "NL", "5.1.0.0/16": "SE", "2a00::/16": "FR"})
    content, refused = (tmp_path / "good.mmdb").read_bytes(), 0
    for place in range(0, len(content), 14):  # the library's quick reader ends the process at the second of them
        wrong = content[:place] + bytes((content[place] ^ 1,)) + content[place + 1 :]
        try:
            publishers.geolocation({"country.mmdb.gz": gzip.compress(wrong, 1)}, tmp_path)
        except Exception:  # noqa: BLE001 - as the refresh does
            refused += 1
        else:
            assert all(network.version in {4, 6} for network in packages.geolocation(tmp_path))
    assert 0 < refused < len(content) // 14


def test_ipfire_lies_where_the_package_has_it(tmp_path: Path) -> None:
    publishers.assignments({"geoip": b"83886080,83886335,SE\n", "geoip6": b"2a00::,2a00::1,FI\n"}, tmp_path)
    assert [row.value for row in packages.assignments(tmp_path)] == ["SE", "FI"]


def test_gzip_cut_short_or_no_gzip_is_told() -> None:
    whole = gzip.compress(b"x" * 10_000)
    assert publishers.unpack(whole) == b"x" * 10_000
    with pytest.raises(ValueError, match="cut short"):
        publishers.unpack(whole[:-10])
    with pytest.raises(OSError, match="Not a gzipped file"):
        publishers.unpack(b"<html>")


def test_a_gzip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishers, "UNPACKED_MOST", 1000)
    with pytest.raises(ValueError, match="larger"):
        publishers.unpack(gzip.compress(b"x" * 1001))


def test_every_package_of_the_table_is_laid_out() -> None:
    from router.data.refresh import read_files

    assert {file.package for file in read_files()} == {*publishers.LAY_OUT, "cloudip"}  # one list after the other
