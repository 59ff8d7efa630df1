"""`alarm`: a test that nobody would hear is an answer of no; whom alarms reach is read from a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = """
[alarm]
webhook = [{ url = "http://127.0.0.1:9/hook" }]
"""


def test_a_test_that_nobody_hears_exits_1(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    none = run("alarm", "test", "--data", data)
    assert (none.code, none.out.startswith("Nobody would be told")) == (1, True)
    file = tmp_path / "alarm.toml"
    file.write_text(FILE, encoding="utf-8")
    assert run("alarm", "set", str(file), "--json", "--data", data).json == {"version": 1, "proposed": []}
    tried = run("alarm", "test", "--data", data)
    assert (tried.code, tried.out.startswith("WRONG  webhook-")) == (1, True)
    shown = run("alarm", "show", "--json", "--data", data).json
    assert (len(shown["ways"]), shown["heartbeat"]) == (1, False)
    assert "127.0.0.1" not in run("alarm", "show", "--data", data).out


def test_what_is_no_table_is_refused(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[other]\n", encoding="utf-8")
    for file in (tmp_path / "other.toml", tmp_path / "missing.toml"):
        assert run("alarm", "set", str(file), "--data", data).code == 2
