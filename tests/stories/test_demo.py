"""Twelve days of the simulated world, as `make run CHECK=1 ARGS="--days 12"` plays them, judged from outside."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from router.world.story import CANADA, HUB, START, TALES

ROOT = Path(__file__).resolve().parents[2]
DAYS = 12


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the demo ends with. Three processes and twelve days take 10 to 20 s on a machine of its own."""
    temp = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "demo", "--check", "--days", str(DAYS), "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"TMPDIR": str(temp), "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "SIMULATION" in done.stderr
    assert "FAILED" not in done.stderr
    assert list(temp.iterdir()) == []
    (line,) = done.stdout.splitlines()
    said: dict[str, Any] = json.loads(line)
    return said


pytestmark = pytest.mark.timeout(320)


def outcomes(told: dict[str, Any]) -> list[str]:
    return sorted(case["outcome"] for case in told["cases"] if case["outcome"])


def test_some_are_removed_one_on_the_word_of_the_police_and_one_is_gone(told: dict[str, Any]) -> None:
    assert outcomes(told) == [*["removed"] * 7, "unavailable"]


def test_one_moved_and_was_referred_again(told: dict[str, Any]) -> None:
    moved = [case for case in told["cases"] if set(case["partners"]) == {CANADA, HUB}]
    assert [(case["country"], case["outcome"]) for case in moved] == [("NL", None)]


def test_some_wait_for_a_look_with_their_next_date(told: dict[str, Any]) -> None:
    looks = [case for case in told["cases"] if case["state"] == "desk" and case["partners"]]
    assert len(looks) >= 5
    # The date of the next check, which nobody waits for in vain.
    assert all(datetime.fromisoformat(case["next"]) > START for case in looks)


def test_every_open_case_has_a_next_date_or_the_desk(told: dict[str, Any]) -> None:
    waiting = [case for case in told["cases"] if case["state"] != "closed"]
    assert [case["id"] for case in waiting if case["next"] is None and case["state"] != "desk"] == []


def test_every_report_is_accounted_for(told: dict[str, Any]) -> None:
    assert list(told["cases"][0]) == ["id", "state", "verdict", "country", "partners", "outcome", "next"]
    assert told["reports"] == len(TALES)
    # Two reports name one place, and share its case; one is of a page with three files, which have cases of their own.
    assert len(told["cases"]) == len({case["id"] for case in told["cases"]}) == len(TALES) - 1 + 3
