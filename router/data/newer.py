"""Say which pinned package has a newer version in its registry, and pin it: the first step of `make data`.

A registry that has none is no fault of the build: the publisher may have moved on. Then the sets age, `doctor` says
when they will be too old, and an operator's `data refresh` asks the publishers themselves.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

from router.data.digest import digest
from router.data.gather import fetch_package

#: Runs a registry's own client and returns what it prints.
Run: TypeAlias = Callable[[list[str]], str]

#: The day in a version of npm's packages: `2.3.2026060120` is of 1 June 2026.
_DAY: Final = re.compile(r"\d+\.\d+\.(20\d\d)([01]\d)([0-3]\d)\d*")


def newest(package: dict[str, Any], run: Run) -> str | None:
    """Return the newest version that a package's registry has; None when its client says nothing of it."""
    name = package["package"]
    if package["get"] == "npm":
        said = json.loads(run(["npm", "view", "--json", name, "version"]) or "null")
        return said if isinstance(said, str) else None
    if package["get"] == "pypi":
        said = run([sys.executable, "-m", "pip", "index", "versions", name])
        found = re.match(rf"{re.escape(name)} \(([^)]+)\)", said)
    else:
        found = re.search(r"Candidate: (\S+)", run(["apt-cache", "policy", name]))
    return found[1] if found else None


def pin(package: dict[str, Any], version: str, table: Path) -> None:
    """Write a package's newer version and its digest into the table, and the day that the version names, if it does."""
    with tempfile.TemporaryDirectory() as scratch:
        value = digest(fetch_package({**package, "version": version}, Path(scratch)))
    text = table.read_text(encoding="utf-8")
    pattern = rf'(\[\[package\]\]\nname = "{package["name"]}"\n(?:(?!\[\[).*\n)*?)version = "[^"]*"\nsha256 = "[^"]*"'
    text = re.sub(pattern, rf'\g<1>version = "{version}"\nsha256 = "{value}"', text)
    table.write_text(text, encoding="utf-8")


def day_of(version: str) -> str | None:
    """Return the ISO date that a version carries, if it carries one."""
    found = _DAY.fullmatch(version)
    return "-".join(found.groups()) if found else None


def ask(command: list[str]) -> str:
    """Run a registry's client; what it cannot say is nothing."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the commands stand above
    return done.stdout if done.returncode == 0 else ""


def renew_pins(packages: list[dict[str, Any]], table: Path, run: Run = ask) -> list[str]:
    """Pin what is newer; return a line for each package."""
    lines = []
    for package in packages:
        found = newest(package, run)
        if found is None:
            lines.append(f"{package['name']}: its registry says nothing of it; {package['version']} stays")
        elif found == package["version"]:
            lines.append(f"{package['name']}: {found} is the newest its registry has")
        else:
            pin(package, found, table)
            day = day_of(found) or "the day of its data"
            lines.append(f"{package['name']}: {found} is pinned; write {day} as the date of the sets made from it")
    return lines
