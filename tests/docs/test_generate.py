"""What is made from the code is what the code says now."""

import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.casework.retention import erase
from router.guard.access import ROLES, Permission
from schemas.actor import Role
from schemas.states import CASE, REFERRAL

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "generate.py"


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module: docs is no package that is installed."""
    from importlib.util import module_from_spec, spec_from_file_location

    monkeypatch.setattr(sys, "path", list(sys.path))  # the script adds the project's folder to it
    spec = spec_from_file_location("generate_docs", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_documents_are_current(generate: ModuleType) -> None:
    assert generate.outdated(generate.FOLDER) == []


def test_what_is_written_is_current_and_each_difference_is_named(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main(["--check"], tmp_path) == 1
    assert list(tmp_path.iterdir()) == []
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    (tmp_path / "roles.md").write_text("everybody may do everything")
    capsys.readouterr()
    assert generate.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert "roles.md" in said
    assert "states.md" not in said


def test_every_step_of_both_tables_is_drawn(generate: ModuleType) -> None:
    text = generate.states()
    rows: list[tuple[Any, dict[str, Any]]] = [*CASE.items(), *REFERRAL.items()]
    steps = [f"    {state} --> {after}: {event}\n" for state, row in rows for event, after in row.items()]
    assert [step for step in steps if step not in text] == []
    assert text.count(" --> ") == len(steps) + 3  # closed, recalled, superseded
    assert text.count("nothing: it is over") == 1  # superseded: the others may be opened again


@pytest.mark.parametrize("role", Role)
def test_a_role_has_a_yes_for_exactly_what_it_may_do(generate: ModuleType, role: Role) -> None:
    lines = [line.split("|")[1:-1] for line in generate.roles().splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line] for line in lines]
    cells = {row[0].strip("`"): row[head.index(role)] for row in rows}
    assert set(cells) == set(Permission)
    assert {name for name, cell in cells.items() if cell == "yes"} == set(ROLES[role])


def test_it_runs_as_make_calls_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_field_that_is_kept_has_one_row_that_says_why(generate: ModuleType) -> None:
    named = [name for row in rows(generate) for name in row["fields"]]
    assert generate.unplaced(named) == []
    assert generate.unplaced([name for name in named if name != "cases.sealed"]) == ["cases.sealed"]
    assert generate.unplaced([*named, "items.location"]) == ["items.location"], "a column that is none"
    assert generate.unplaced([*named, "cases.sealed"]) == ["cases.sealed"], "in two rows"
    assert "accounts.name" in generate.unplaced([name for name in named if name != "accounts"])


def test_a_period_that_is_stated_is_the_one_by_which_it_goes(generate: ModuleType) -> None:
    stated: dict[str, set[str]] = {}
    for row in rows(generate):
        stated.setdefault(row["period"], set()).update(row["fields"])
    with_case = {table.name for table in erase._WHOLE} | {"cases", "reports", "attempts", "left_before_restore"}
    assert {name.partition(".")[0] for name in stated["cases"]} <= with_case
    emptied = {f"{table.name}.{name}" for table, _, values in erase._SEALED for name in values}
    emptied |= {f"cases.{name}" for name in erase._NO_LOCATION} | {f"items.{name}" for name in erase._NO_ITEM}
    assert emptied <= stated["urls"] | stated["handles"]
    columns = {name for name in stated["urls"] if name.islower() and "." in name}
    assert columns - emptied == {"audit.sealed"}, "which only the case's key opens"


def rows(generate: ModuleType) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(generate._DATA_PROTECTION.read_text(encoding="utf-8"))["row"]
    return found
