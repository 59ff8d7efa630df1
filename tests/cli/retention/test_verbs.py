"""`purge` and `holds`: counted before it is done, and by who operates the machine."""

import json
from collections.abc import Callable
from typing import Any

UNKNOWN = "01999999-0000-7000-8000-000000000000"


def test_nothing_is_due_in_a_fresh_router(run: Callable[..., Any], data: str) -> None:
    for words in (("purge", "--dry-run"), ("purge",)):
        done = run(*words, "--data", data)
        assert (done.code, done.out.strip()) == (0, "Nothing is due.")
    assert run("purge", "--json", "--data", data).json["erased"] == {}


def test_without_periods_nothing_may_be_erased(run: Callable[..., Any], data: str, tmp_path: Any) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'version = 1\nhome = "BE"\n[[route]]\nname = "rest"\nto = ["desk"]\n'
        '[[tests]]\ngiven = { assessment = "baseline" }\nexpect = ["desk"]\n',
        encoding="utf-8",
    )
    text = run("policy", "check", str(policy), "--json")
    assert (text.code, json.loads(text.out)["problems"][0]["place"]) == (1, "retention")


def test_a_hold_is_of_a_case_and_has_its_reason(run: Callable[..., Any], data: str) -> None:
    assert run("holds", "list", "--data", data).out.strip() == "None."
    assert run("holds", "add", UNKNOWN, "--data", data).code == 2
    for verb in ("add", "end"):
        assert run("holds", verb, UNKNOWN, "--reason", "a court", "--data", data).code == 2, "there is no such case"
