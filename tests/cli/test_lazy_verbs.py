import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.data.policies import default_policy


@pytest.fixture
def policy(tmp_path: Path) -> str:
    file = tmp_path / "policy.toml"
    file.write_text(default_policy("BE"), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("verb", ["check", "test"])
def test_a_good_policy(run: Callable[..., Any], policy: str, verb: str) -> None:
    done = run("policy", verb, policy, "--json")
    assert (done.code, done.json["ok"]) == (0, True)


def test_a_wrong_policy_is_the_answer_no(run: Callable[..., Any], policy: str) -> None:
    Path(policy).write_text("version = 1\n")
    done = run("policy", "check", policy)
    assert done.code == 1
    assert "home" in done.err


def test_explain_a_file_the_policy_in_force_and_a_case(run: Callable[..., Any], policy: str, data: str) -> None:
    asked = ("hosting_country=NL", "confidence=0.99", "--json")
    by_file = run("policy", "explain", *asked, "--file", policy)
    in_force = run("policy", "explain", *asked, "--data", data)
    assert by_file.code == in_force.code == 0
    assert {step["route"] for step in by_file.json["path"]} & {step["route"] for step in in_force.json["path"]}
    unknown = run("policy", "explain", "--case", "01999999-0000-7000-8000-000000000000", "--data", data)
    assert unknown.code == 2


def test_publish_and_diff(run: Callable[..., Any], policy: str, data: str) -> None:
    assert run("policy", "publish", policy, "--json", "--data", data).json == {"version": 2, "proposed": []}
    assert run("policy", "diff", policy, "--json", "--data", data).json["changed"] == []
    Path(policy).write_text("version = 1\n")
    done = run("policy", "publish", policy, "--data", data)
    assert done.code == 3
    assert "home" in done.err


def test_partners(run: Callable[..., Any], data: str) -> None:
    done = run("partners", "list", "--country", "NL", "--json", "--data", data)
    assert all("NL" in one["countries"] for one in done.json["partners"])
    assert run("partners", "list", "--enabled", "--json", "--data", data).json["partners"] == []
    assert run("partners", "check", "--json", "--data", data).json == {"ok": True, "partners": []}
    assert run("partners", "check", "nobody", "--data", data).code == 2


def test_a_directory_is_imported(run: Callable[..., Any], data: str) -> None:
    from router.data import directory

    shipped = Path(directory.__file__).parent / "partners" / "directory.toml"
    listed = run("partners", "list", "--file", str(shipped), "--json")
    assert listed.code == 0
    done = run("partners", "import", str(shipped), "--json", "--data", data)
    assert (done.json["version"], done.json["proposed"]) == (1, []), "it is in force already"
    assert done.json["partners"] == len(listed.json["partners"])


def test_locate_needs_no_router(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("locate", "--offline", "--json", "http://10.0.0.1/", "http://example.onion/", "data:x")
    assert done.code == 0
    lines = [json.loads(line) for line in done.out.splitlines()]
    kinds = [line["verdict"] and line["verdict"]["kind"] for line in lines]
    assert kinds == ["no_host", "no_host", None]
    assert lines[2]["error"]["code"] == "embedded_content"


def test_locate_without_anything_to_locate(run: Callable[..., Any]) -> None:
    assert run("locate").code == 2


def test_demo_refuses_what_cannot_be(run: Callable[..., Any]) -> None:
    assert run("demo", "--days", "-1").code == 2
