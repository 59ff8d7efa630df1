"""Lists of the desk that are kept, at the terminal: by name, with how many they have, and what `cases desk` shows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def by_anna(run: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    data = str(tmp_path / "data")
    run("init", "--data", data)
    run("accounts", "add", "anna", "supervisor", "--data", data)
    token = run("tokens", "create", "t", "--account", "anna", "--json", "--data", data).json["token"]
    return lambda *words: run(*words, "--token", token, "--data", data)


def test_kept_listed_shown_and_forgotten(by_anna: Callable[..., Any]) -> None:
    assert by_anna("cases", "views").out == "None.\n"
    assert by_anna("cases", "keep", "Late in NL", "--country", "NL", "--due", "overdue", "--order", "age").code == 0
    assert by_anna("cases", "keep", "At risk", "--at-risk", "--shared").code == 0
    told = by_anna("cases", "views").out
    assert "country NL, due overdue, order age" in told
    assert "for all" in told
    first, second = by_anna("cases", "views", "--json").json["items"]
    assert (first["name"], first["count"], second["wanted"]["at_risk"]) == ("Late in NL", {"n": 0, "more": False}, True)
    listed = by_anna("cases", "desk", "--view", "Late in NL", "--json")
    assert (listed.code, listed.json["total"]) == (0, 0)
    assert by_anna("cases", "desk", "--view", "nobody's").code == 2
    assert by_anna("cases", "forget", "At risk", "--shared").code == 0
    assert [one["name"] for one in by_anna("cases", "views", "--json").json["items"]] == ["Late in NL"]


def test_a_list_says_at_least_where_it_was_not_counted_whole() -> None:
    from router.cli.queue.verbs import _row

    kept = {"name": "x", "shared": True, "wanted": {"reason": "doubtful", "mine": False, "due": None}}
    assert _row(kept | {"count": {"n": 1000, "more": True}}) == {
        "name": "x", "whose": "for all", "now": "1,000 or more", "narrowed": "reason doubtful",
    }  # fmt: skip
