"""What a refresh leaves in a data directory: whole sets with another date, behind the link."""

import shutil
from pathlib import Path

from router.app_tracer import SETS
from router.data.compile import TABLE, compile_sets, read_table, write_digests
from router.data.datasets import MANIFEST, SHIPPED
from router.data.in_force import LINK
from tests.data.conftest import country_database


def refreshed(folder: Path, date: str) -> Path:
    """Put the shipped sets in force under another date, in one step as a refresh does; return their folder."""
    made = folder / SETS / f"{date}-0"
    made.mkdir(parents=True)
    for file in SHIPPED.glob("*.mmdb"):
        (made / file.name).symlink_to(file)
    text = (SHIPPED.parent / MANIFEST).read_text(encoding="utf-8")
    lines = [f'date = "{date}"' if line.startswith("date = ") else line for line in text.splitlines()]
    (made / MANIFEST).write_text("\n".join(lines), encoding="utf-8")
    link = folder / SETS / f".{LINK}"
    link.symlink_to(made.name)
    link.replace(folder / SETS / LINK)
    return made


def three_networks(folder: Path) -> Path:
    """Make a data directory whose geolocation in force knows three networks; 5.1.0.0/16 is in DE."""
    first = folder / "data" / SETS / "2026-11-01-0"
    shutil.copytree(SHIPPED, first)
    shutil.copy(TABLE, first / MANIFEST)
    (folder / "old").mkdir()
    country_database(folder / "old/dbip-country.mmdb", {"5.0.0.0/16": "NL", "5.1.0.0/16": "DE", "2a00::/16": "FR"})
    row = next(row for row in read_table()["set"] if row["name"] == "geolocation")
    write_digests(compile_sets([row], {"dbip-country": folder / "old"}, first), first / MANIFEST)
    (first.parent / "current").symlink_to(first.name)
    return folder / "data"
