import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from router import __version__
from router.app_tracer import SETS
from router.cli import make_app
from router.cli.output import CANNOT_RUN, OK, WRONG_USE
from router.data.compile import TABLE
from router.data.datasets import MANIFEST, SHIPPED, read_infos
from router.data.in_force import LINK

RUN = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, whose data directory is `data` there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_names_the_version_and_the_day_of_each_set() -> None:
    done = RUN.invoke(make_app(), ["--version"])
    first, *rest = done.stdout.splitlines()
    assert done.exit_code == OK
    assert first == f"referral-router {__version__}"
    assert rest == [f"  {info.name}: data of {info.date}" for info in read_infos(SHIPPED).values()]
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


@pytest.mark.parametrize("words", [["--version", "--json"], ["--json", "--version"], ["--version", "--json", "stats"]])
def test_json_is_one_object_wherever_the_option_stands(words: list[str]) -> None:
    done = RUN.invoke(make_app(), words)
    assert done.exit_code == OK
    sets = [{"name": info.name, "date": info.date} for info in read_infos(SHIPPED).values()]
    assert json.loads(done.stdout) == {"version": __version__, "sets": sets}


def test_the_sets_are_those_that_a_refresh_put_in_force(folder: Path) -> None:
    place = folder / "data" / SETS / "2026-12-01-0"
    shutil.copytree(SHIPPED, place)
    before = min(info.date for info in read_infos(SHIPPED).values())
    (place / MANIFEST).write_text(TABLE.read_text(encoding="utf-8").replace(before, "2026-11-30"), encoding="utf-8")
    (place.parent / LINK).symlink_to(place.name)
    found = json.loads(RUN.invoke(make_app(), ["--version", "--json"]).stdout)["sets"]
    assert "2026-11-30" in {one["date"] for one in found}


def test_a_broken_installation_still_says_its_version(folder: Path) -> None:
    place = folder / "data" / SETS / "2026-12-01-0"
    place.mkdir(parents=True)
    (place / MANIFEST).write_text("nothing = [", encoding="utf-8")
    (place.parent / LINK).symlink_to(place.name)
    done = RUN.invoke(make_app(), ["--version", "--json"])
    assert done.exit_code == CANNOT_RUN
    assert json.loads(done.stdout) == {"version": __version__, "sets": []}
    assert "data refresh" in done.stderr


def test_json_before_a_verb_is_wrong_use() -> None:
    for words in (["--json"], ["--json", "stats"]):
        done = RUN.invoke(make_app(), words)
        assert done.exit_code == WRONG_USE
        assert "--json stands after a verb" in done.stderr
