import os
import subprocess
import sys
from pathlib import Path

import pytest

import main

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("fastapi", "sqlalchemy", "aiohttp", "router.app")


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


def test_importing_main_loads_nothing_heavy() -> None:
    assert run(f"import sys, main; print([name for name in {HEAVY!r} if name in sys.modules])") == "[]"


def test_app_is_built_by_the_composition_root(monkeypatch: pytest.MonkeyPatch) -> None:
    from router import app

    built = object()
    monkeypatch.setattr(app, "asgi", lambda: built)
    assert main.app is built


def test_other_attributes_do_not_exist() -> None:
    with pytest.raises(AttributeError, match="no attribute 'application'"):
        _ = main.application


def test_help_answers_within_its_limit() -> None:
    """--help under 300 ms, where Python with asyncio is up after 85.

    What Python takes is the measure, and both count the processor's time alone: so a machine that is slow, or busy with
    other tests, changes nothing. Loading the application would take ten times as long.
    """
    bare = min(processor_seconds("-c", "import asyncio, dataclasses, json") for _ in range(2))
    spent = min(processor_seconds("main.py", "--help") for _ in range(2))
    assert spent < 3.5 * bare, f"--help took {spent:.3f} s, and Python alone {bare:.3f} s"


def processor_seconds(*words: str) -> float:
    alone = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    before = os.times()
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, check=False, timeout=30, env=alone)
    after = os.times()
    assert done.returncode == 0, done.stderr.decode()
    return after.children_user + after.children_system - before.children_user - before.children_system
