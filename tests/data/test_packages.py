from ipaddress import ip_network
from pathlib import Path

import pytest

from router.data import packages
from router.data.prefix_tree import Range
from schemas.countries import ALPHA2


def network(found: Range) -> tuple[str, object]:
    bits = 32 if found.version == 4 else 128
    size = (found.last - found.first + 1).bit_length() - 1
    return str(ip_network((found.first, bits - size))), found.value


def test_geolocation_leaves_out_what_is_no_country(packages_folder: dict[str, Path]) -> None:
    rows = [network(row) for row in packages.geolocation(packages_folder["dbip-country"])]
    assert rows == [("5.0.0.0/16", "NL"), ("5.1.0.0/16", "DE"), ("2a00::/16", "FR")]


def test_delegation_leaves_out_regions_that_are_no_country(packages_folder: dict[str, Path]) -> None:
    rows = [network(row) for row in packages.delegation(packages_folder["asn-country"])]
    assert rows == [("5.0.0.0/15", "NL"), ("2a00::/16", "GB")]


def test_assignments_hold_apnics_space_back(packages_folder: dict[str, Path]) -> None:
    rows = [row.value for row in packages.assignments(packages_folder["ipfire"])]
    assert rows == ["SE", "FI"]


@pytest.mark.parametrize("block", ["1.0.0.0/8", "103.0.0.0/8", "223.0.0.0/8", "2400::/12", "2001:200::/23"])
def test_apnics_blocks_are_named(block: str) -> None:
    assert block in packages.APNIC_BLOCKS


def test_announcements_keep_number_and_trimmed_name(packages_folder: dict[str, Path]) -> None:
    rows = list(packages.announcements(packages_folder["asn"]))
    assert [(row.version, row.asn, row.name) for row in rows] == [
        (4, 64500, "Example, Inc."),
        (4, 64501, "Other"),
        (6, 64500, "Example, Inc."),
    ]


def test_an_as_has_the_country_that_most_of_its_ranges_carry(packages_folder: dict[str, Path]) -> None:
    announced = list(packages.announcements(packages_folder["asn"]))
    once_more = packages.Announcement(4, int(ip_network("5.0.128.0/24")[0]), 0, 64500, "Example, Inc.")
    found = packages.as_countries(packages_folder["iptoasn-country"], [*announced, once_more])
    assert found == {64500: "BE", 64501: "BE"}


def test_published_rows_come_shorter_prefixes_first(packages_folder: dict[str, Path]) -> None:
    rows = list(packages.published(packages_folder["cloudip"] / "cloudip/data/cloudip.msgpack.gz"))
    lengths = [row.network.prefixlen for row in rows]
    assert lengths == sorted(lengths)
    assert {str(row.network): row.country for row in rows} == {
        "5.0.0.0/20": "DE",
        "5.0.1.0/24": None,
        "5.0.32.0/24": "NL",
        "5.0.32.0/25": None,
        "5.0.40.0/24": None,
        "5.0.48.0/24": None,
        "5.0.64.0/24": "US",
        "5.0.65.0/24": None,
        "5.0.72.0/24": None,
        "5.0.73.0/24": None,
        "5.0.80.0/24": None,
        "5.0.81.0/24": "NL",
        "5.0.88.0/24": "DE",
    }


@pytest.mark.parametrize(
    ("operator", "region", "country"),
    [
        ("aws", "eu-central-1", "DE"),
        ("aws", "eu-west-3-cmn-wlz-1", "MA"),  # of Paris, in Casablanca
        ("aws", "eu-west-3-new-wlz-1", None),
        ("aws", "GLOBAL", None),
        ("gcp", "global", None),
        ("azure", "uksouth", "GB"),
        ("oracle", "eu-jovanovac-1", "RS"),
        ("digitalocean", "NL-NH", "NL"),
        ("digitalocean", "XX-YY", None),
        ("nobody", "eu-central-1", None),
        ("aws", None, None),
    ],
)
def test_a_region_has_the_country_its_operator_gives_it(operator: str, region: str | None, country: str | None) -> None:
    assert packages.region_country(operator, region, packages.load_regions()) == country


def test_every_region_of_the_table_lies_in_a_country() -> None:
    for operator in packages.load_regions().values():
        assert set(operator["regions"].values()) <= ALPHA2
        assert operator["source"].startswith("https://")
