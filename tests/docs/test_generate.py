"""What is made from the code is what the code says now."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

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
