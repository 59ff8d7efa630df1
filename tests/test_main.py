import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import main

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("fastapi", "sqlalchemy", "aiohttp", "router.app")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
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
    bare = min(processor_seconds("-c", "import asyncio, dataclasses, json") for _ in range(3))
    spent = min(processor_seconds("main.py", "--help") for _ in range(3))
    assert spent < 3.5 * bare, f"--help took {spent:.3f} s, and Python alone {bare:.3f} s"


def processor_seconds(*words: str) -> float:
    alone = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)  # in microseconds; os.times counts hundredths of a second
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, check=False, env=alone)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr.decode()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("form", [("--database", "{dsn}"), ("--database={dsn}",)])
def test_a_password_leaves_the_process_list(form: tuple[str, ...], tmp_path: Path) -> None:
    """The process goes on under the same id; what it was given on its command line is not there any more."""
    dsn = "postgresql://router:s3cret@127.0.0.1:9/none"
    watch = (
        "import os, sys; from router.cli import options; given = os.environ[options.HANDED_ON];"
        "print(given in open('/proc/self/cmdline').read(), given, '--json' in sys.argv)"
    )
    code = f"import router.cli as c; c.make_app = lambda: lambda: exec({watch!r}); c.main()"
    words = [part.format(dsn=dsn) for part in form]
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", *words, "--json", "--data", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == f"False {dsn} True"
    assert ("--database file:PATH" in done.stderr, "s3cret" in done.stderr) == (True, False)


def test_the_address_that_left_the_process_list_is_the_one_that_is_used(tmp_path: Path) -> None:
    (tmp_path / "router.toml").touch()
    dsn = "postgresql://router:s3cret@127.0.0.1:9/none"
    done = subprocess.run(
        [sys.executable, "main.py", "migrate", "--database", dsn, "--data", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "The database does not answer" in done.stderr
    assert "s3cret" not in done.stderr
