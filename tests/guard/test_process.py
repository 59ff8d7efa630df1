import resource
import subprocess
import sys
from pathlib import Path

import pytest

from router.errors import CannotStart
from router.guard import process

ROOT = Path(__file__).resolve().parents[2]
FILES = resource.RLIMIT_NOFILE


def elsewhere(work: str) -> str:
    """What another process prints: its limits and its memory are its own."""
    ran = subprocess.run([sys.executable, "-c", work], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_a_process_with_keys_leaves_no_dump_and_cannot_be_looked_into() -> None:
    work = (
        "import resource, ctypes; from router.guard.process import leave_no_dump; leave_no_dump();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    assert elsewhere(work) == "(0, 0) 0"


@pytest.mark.parametrize(("soft", "hard", "found"), [(256, 700, "700"), (700, 700, "700"), (300, 300, "300")])
def test_the_limit_of_open_files_is_raised_as_far_as_it_may(soft: int, hard: int, found: str) -> None:
    work = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}));"
        "from router.guard.process import open_files; print(open_files())"
    )
    assert elsewhere(work) == found


def test_too_few_open_files_are_a_reason_not_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.resource, "getrlimit", lambda _: (100, 100))
    with pytest.raises(CannotStart, match="may open 100 files and needs 256"):
        process.open_files()


def test_no_limit_at_all_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert process.open_files() > 1_000_000
    assert process.too_tight() == []


def test_each_limit_that_is_too_tight_is_named_with_what_it_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.resource, "getrlimit", lambda _: (10, 10))
    found = process.too_tight()
    assert len(found) == len(process.LIMITS)
    assert found[0] == "open files: 10, should be 1024 (`ulimit -n`)"
