"""The wheel holds what the packages' folders hold: whatever git tracks there, of whatever kind."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from router import __version__

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("router", "schemas")
#: A kind of file that no package has today, in a folder whose name is no module's.
NEW_KIND = "router/console/static/vendor-1.2/mark.newkind"
#: What running the program leaves beside its code.
LEFT_BEHIND = "router/__pycache__/app.cpython-311.pyc"


def tracked(*folders: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what is tracked, one file of a new kind, and byte code that was left lying about."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    for name in (NEW_KIND, LEFT_BEHIND):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(b"made for this test")
    build = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    words = [sys.executable, *build, "--no-build-isolation", "--wheel-dir", str(built), str(source)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the wheel cannot be built (an old environment? run `make test`): {done.stderr}"
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def held(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return {name for name in opened.namelist() if ".dist-info/" not in name}


def test_it_holds_every_tracked_file_of_the_packages_and_nothing_else(held: set[str]) -> None:
    assert held == {*tracked(*PACKAGES), NEW_KIND}


def test_what_is_no_code_is_there_too(held: set[str]) -> None:
    data = [name for name in tracked(*PACKAGES) if not name.endswith(".py")]
    assert len(data) > 50
    assert set(data) <= held
    assert len({Path(name).suffix for name in data}) >= 9


@pytest.fixture(scope="module")
def described(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    place = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(place)
    return PathDistribution(next(place.glob("*.dist-info")))


def test_it_has_the_one_version_and_the_program(described: Distribution) -> None:
    assert described.version == __version__
    assert [(one.name, one.value) for one in described.entry_points] == [("referral-router", "router.cli:main")]


def test_it_asks_for_ranges_and_leaves_the_versions_to_the_lock(described: Distribution) -> None:
    asked = [Requirement(one) for one in described.requires or ()]
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    assert {str(one) for one in asked} == {str(Requirement(line)) for line in lines if line and line[0] != "#"}
    assert [str(one) for one in asked if any(part.operator in {"==", "==="} for part in one.specifier)] == []


def test_the_version_stands_in_one_place() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in pyproject["project"]
    code = [
        ROOT / name
        for name in tracked("router", "schemas", "main.py", "pyproject.toml")
        if name.endswith((".py", ".toml"))
    ]
    named = re.compile(rf"""["']{re.escape(__version__)}["']""")  # as a value; a sentence may name a version
    assert [path.name for path in code if named.search(path.read_text(encoding="utf-8"))] == ["__init__.py"]


def test_the_changelog_says_what_this_version_brings() -> None:
    assert re.search(
        rf"^## \[{re.escape(__version__)}\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
