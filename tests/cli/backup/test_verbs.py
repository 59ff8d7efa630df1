"""`backup`, `restore`, `release`, as they are typed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def restored(run: Run, data: str, tmp_path: Path) -> str:
    """A router with two more people in it, put back from its backup."""
    for name in ("anna", "bert"):
        assert run("accounts", "add", name, "supervisor", "--data", data).code == 0
    assert run("backup", str(tmp_path / "b"), "--keys", str(tmp_path / "k"), "--data", data).code == 0
    done = run("restore", str(tmp_path / "b"), "--keys", str(tmp_path / "k"), "--data", str(tmp_path / "new"))
    assert done.code == 0, done.err
    return str(tmp_path / "new")


def own_token(run: Run, data: str, account: str) -> str:
    """A token that the person made: one that the machine made may make it for them."""
    lent = run("tokens", "create", "lent", "--account", account, "--json", "--data", data).json["token"]
    return str(lent)


def test_without_keys_apart_it_warns_and_with_them_it_does_not(run: Run, data: str, tmp_path: Path) -> None:
    beside = run("backup", str(tmp_path / "one"), "--data", data, "--json")
    assert (beside.code, "whoever gets this folder" in beside.err) == (0, True)
    assert Path(beside.json["keys"]) == tmp_path / "one" / "keys"
    apart = run("backup", str(tmp_path / "two"), "--keys", str(tmp_path / "keys"), "--data", data, "--json")
    assert (apart.code, apart.err) == (0, "")
    assert apart.json["counts"]["audit"] > 0
    assert run("backup", str(tmp_path / "two"), "--data", data).code == 2


def test_it_needs_no_token_and_no_server(run: Run, data: str, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "one"), "--data", data).code == 0
    assert json.loads((tmp_path / "one" / "manifest.json").read_text())["engine"] == "sqlite"


def test_a_restored_router_says_what_it_is_everywhere(run: Run, restored: str) -> None:
    found = {one["check"]: one for one in run("doctor", "--data", restored, "--json").json["checks"]}
    assert not found["store"]["ok"]
    assert "paused" in found["store"]["text"]
    assert "`release`" in found["store"]["text"]
    (source, *_) = run("sources", "list", "--data", restored, "--json").json["items"]
    assert source["send_again_since"] is not None


def test_one_person_alone_does_not_release_it(run: Run, restored: str) -> None:
    machine = run("release", "--reason", "x", "--data", restored)
    assert (machine.code, "two people" in machine.err) == (3, True)
    lent = own_token(run, restored, "anna")
    refused = run("release", "--reason", "x", "--data", restored, "--token", lent)
    assert (refused.code, "your token was made by" in refused.err) == (3, True)


def test_without_a_ledger_a_reason_is_typed(run: Run, restored: str) -> None:
    lent = own_token(run, restored, "anna")
    refused = run("release", "--data", restored, "--token", lent)
    assert (refused.code, "No ledger was given" in refused.err) == (2, True)


def test_what_works_is_not_released(run: Run, data: str) -> None:
    lent = own_token(run, data, "supervisor")
    refused = run("release", "--reason", "x", "--data", data, "--token", lent)
    assert (refused.code, "works already" in refused.err) == (3, True)
