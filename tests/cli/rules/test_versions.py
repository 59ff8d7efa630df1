"""`policy versions | compare | rollback` at the terminal, against a router's own store."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.cli.rules import versions
from router.data.policies import default_policy


@pytest.fixture
def two(run: Callable[..., Any], data: str, tmp_path: Path) -> str:
    """A router with the policy of its first start, and a version that checks sooner."""
    file = tmp_path / "sooner.toml"
    text, count = re.subn(r'(?m)^follow_up = "5d"', 'follow_up = "36h"', default_policy("BE"))
    assert count == 1
    file.write_text(text, encoding="utf-8")
    assert run("policy", "publish", str(file), "--data", data).code == 0
    return data


def test_they_are_listed_compared_and_rolled_back(run: Callable[..., Any], two: str) -> None:
    listed = run("policy", "versions", "--json", "--data", two).json
    assert [(one["version"], one["in_force"]) for one in listed["items"]] == [(2, True), (1, False)]
    said = run("policy", "compare", "2", "--text", "--data", two).out
    assert 'follow_up: "5d" -> "36h"' in said
    assert '+follow_up = "36h"' in said
    assert "Another person" not in said
    back = run("policy", "rollback", "1", "--data", two)
    assert 'follow_up: "36h" -> "5d"' in back.out
    assert "Policy version 3 is in force, with the text of version 1." in back.out
    assert "the text of 1 again  (in force)" in run("policy", "versions", "--data", two).out
    assert run("policy", "rollback", "1", "--over", "2", "--data", two).code == 3
    assert run("policy", "compare", "9", "--data", two).code != 0


def test_a_second_yes_and_one_who_was_alone_are_told_apart() -> None:
    one = {"version": 2, "at": "2026-01-01", "by": "person:bob", "proposed_by": "person:anna", "same_as": None}
    two = one | {"confirmed_by": "person:bob", "in_force": False}
    alone = one | {"confirmed_by": None, "in_force": True}
    said = list(versions._listed({"items": [two, alone], "total": 2, "next": None}))
    assert "proposed by person:anna, confirmed by person:bob" in said[0]
    assert "put in force by person:bob by break-glass" in said[1]
    assert said[-1] == "2 versions."
    assert list(versions._listed({"items": [alone], "total": 1, "next": None}))[-1] == "1 version."
