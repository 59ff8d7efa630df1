import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from router.data import newer
from router.data.compile import TABLE, read_table
from router.data.newer import ask, day_of, newest, renew_pins


def package(get: str, version: str = "1") -> dict[str, Any]:
    return {"name": "it", "get": get, "package": "it", "version": version, "sha256": ""}


@pytest.mark.parametrize(
    ("get", "said", "version"),
    [
        ("npm", '"2.3.2026070120"\n', "2.3.2026070120"),
        ("npm", "", None),
        ("npm", "[]", None),
        ("pypi", "it (0.2)\nAvailable versions: 0.2, 0.1\n", "0.2"),
        ("pypi", "", None),
        ("debian", "it:\n  Installed: (none)\n  Candidate: 0.4.9-1\n", "0.4.9-1"),
        ("debian", "", None),
    ],
)
def test_a_registry_says_what_is_newest(get: str, said: str, version: str | None) -> None:
    asked: list[list[str]] = []

    def run(command: list[str]) -> str:
        asked.append(command)
        return said

    assert newest(package(get), run) == version
    assert "it" in asked[0]


def test_a_version_may_name_its_day() -> None:
    assert day_of("2.3.2026060120") == "2026-06-01"
    assert day_of("0.1.22") is None


def test_a_client_that_fails_says_nothing() -> None:
    assert ask(["false"]) == ""
    assert ask(["echo", "1"]) == "1\n"


def test_what_is_newer_is_pinned_and_what_is_not_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "sets.toml"
    shutil.copy(TABLE, table)

    def fetched(package: dict[str, Any], cache: Path) -> Path:
        with tarfile.open(cache / "new.tgz", "w:gz"):
            return cache / "new.tgz"

    monkeypatch.setattr(newer, "fetch_package", fetched)
    before = read_table()["package"]
    said = {"@ip-location-db/asn": '"2.3.2027010120"', before[0]["package"]: f'"{before[0]["version"]}"'}
    lines = renew_pins(before, table, lambda command: said.get(command[-2], ""))
    after = {row["name"]: row for row in read_table(table)["package"]}
    assert after["asn"]["version"] == "2.3.2027010120"
    assert after["asn"]["sha256"] != {row["name"]: row for row in before}["asn"]["sha256"]
    assert {name for name, row in after.items() if row not in before} == {"asn"}
    assert read_table(table)["set"] == read_table()["set"]
    assert any("asn: 2.3.2027010120 is pinned; write 2027-01-01" in line for line in lines)
    assert sum("is the newest its registry has" in line for line in lines) == 1
    assert sum("says nothing of it" in line for line in lines) == len(before) - 2
