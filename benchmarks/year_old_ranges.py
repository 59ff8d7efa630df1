"""Compile the operators' address lists as they were in July 2025: `python benchmarks/year_old_ranges.py FOLDER`.

A fresh list and the truth of the cloud rows share their publisher, so scoring with it proves little. What a list is
worth on an address that it could not know is measured with a dated one. FOLDER holds the operators' own files as they
published them on 2025-07-24 and 25 (AWS ip-ranges.json, Google cloud.json, Azure service tags, Oracle
public_ip_ranges.json, DigitalOcean's geofeed), as kept in the public repository femueller/cloud-ip-ranges at commit
60937f4c. The result is committed beside this file.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from router.data.builders import hosting_ranges
from router.data.operator_lists import READERS
from router.data.packages import sort_key

TARGET = Path(__file__).parent / "data" / "ranges-2025-07-24.mmdb"
#: 2025-07-24, the day of the newest of the lists; seconds since 1970.
DAY = 1753315200
FILES = {
    "aws": "aws-ip-ranges.json",
    "azure": "microsoft-azure-ip-ranges.json",
    "digitalocean": "digitalocean.csv",
    "gcp": "google-cloud-ip-ranges.json",
    "oracle": "oracle-cloud-ip-ranges.json",
}


def main() -> None:
    """Write the committed file anew."""
    folder = Path(sys.argv[1])
    rows = [row for operator, file in FILES.items() for row in READERS[operator]((folder / file).read_text())]
    tree = hosting_ranges(sorted(rows, key=sort_key))
    tree.write(TARGET, kind="referral-router-ranges", description="Operator ranges, 2025-07-24", epoch=DAY)
    print(f"{len(rows)} rows, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
