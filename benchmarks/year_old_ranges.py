"""Compile the operators' address lists as they were in July 2025: `python benchmarks/year_old_ranges.py FOLDER`.

A fresh list and the truth of the cloud rows share their publisher, so scoring with it proves little. What a list is
worth on an address that it could not know is measured with a dated one. FOLDER holds the operators' own files as they
published them on 2025-07-24 and 25 (AWS ip-ranges.json, Google cloud.json, Azure service tags, Oracle
public_ip_ranges.json, DigitalOcean's geofeed), as kept in the public repository femueller/cloud-ip-ranges at commit
60937f4c. The result is committed beside this file.
"""

import csv
import json
import sys
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from router.data.builders import hosting_ranges
from router.data.packages import Published, load_regions, region_country, sort_key

TARGET = Path(__file__).parent / "data" / "ranges-2025-07-24.mmdb"
#: 2025-07-24, the day of the newest of the lists; seconds since 1970.
DAY = 1753315200


def read(folder: Path) -> Iterator[Published]:
    """Yield the rows of all five lists."""
    yield from _aws(json.loads((folder / "aws-ip-ranges.json").read_text()))
    yield from _google(json.loads((folder / "google-cloud-ip-ranges.json").read_text()))
    yield from _azure(json.loads((folder / "microsoft-azure-ip-ranges.json").read_text()))
    yield from _oracle(json.loads((folder / "oracle-cloud-ip-ranges.json").read_text()))
    with (folder / "digitalocean.csv").open(newline="") as lines:
        for row in csv.reader(lines):
            yield _row("digitalocean", row[0], row[2])


def _aws(content: dict[str, Any]) -> Iterator[Published]:
    for entry in content["prefixes"]:
        yield _row("aws", entry["ip_prefix"], entry["region"])
    for entry in content["ipv6_prefixes"]:
        yield _row("aws", entry["ipv6_prefix"], entry["region"])


def _google(content: dict[str, Any]) -> Iterator[Published]:
    for entry in content["prefixes"]:
        yield _row("gcp", entry.get("ipv4Prefix") or entry["ipv6Prefix"], entry["scope"])


def _azure(content: dict[str, Any]) -> Iterator[Published]:
    for tag in content["values"]:
        for prefix in tag["properties"]["addressPrefixes"]:
            yield _row("azure", prefix, tag["properties"]["region"] or None)


def _oracle(content: dict[str, Any]) -> Iterator[Published]:
    for region in content["regions"]:
        for entry in region["cidrs"]:
            yield _row("oracle", entry["cidr"], region["region"])


def _row(operator: str, prefix: str, region: str | None) -> Published:
    country = region_country(operator, region, load_regions())
    return Published(ip_network(prefix), operator, country, region, None)


def main() -> None:
    """Write the committed file anew."""
    rows = sorted(read(Path(sys.argv[1])), key=sort_key)
    hosting_ranges(rows).write(
        TARGET, kind="referral-router-ranges", description="Operator ranges, 2025-07-24", epoch=DAY
    )
    print(f"{len(rows)} rows, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
