"""`purge` and `holds`: counted before it is done, and by who operates the machine."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from router.cli.retention import verbs

UNKNOWN = "01999999-0000-7000-8000-000000000000"


def test_nothing_is_due_in_a_fresh_router(run: Callable[..., Any], data: str) -> None:
    for words in (("purge", "--dry-run"), ("purge",)):
        done = run(*words, "--data", data)
        assert (done.code, done.out.strip()) == (0, "Nothing is due.")
    assert run("purge", "--json", "--data", data).json["erased"] == {}
    assert run("purge", "--records", "--data", data).out.strip() == "None."
    assert run("purge", "--records", "--json", "--data", data).json["total"] == 0
    refused = run("purge", "--cursor", UNKNOWN, "--data", data)
    assert (refused.code, "nothing was erased" in refused.err) == (2, True)
    assert run("purge", "--records", "--cursor", UNKNOWN, "--data", data).code == 2


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


class Parts:
    """A router that erases in parts."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    async def post(self, _: str, *, dry_run: bool, after: str | None = None) -> dict[str, Any]:
        assert dry_run
        self.asked.append(after)
        said = {"held": {"police": 1}, "lost": 0, "requests": 0, "reasons": 0, "stopped": None, "dry_run": True}
        said["at"] = "2026-11-30T09:00:00Z"
        if after is None:
            return {**said, "erased": {"cases": 9, "urls": 1}, "next": "urls.1.x"}
        return {**said, "erased": {"urls": 2}, "held": {"embargo": 3}, "lost": 4, "requests": 2, "next": None}


def test_much_is_erased_part_after_part_and_told_together(
    run: Callable[..., Any], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = Parts()

    @asynccontextmanager
    async def opened(_: Any) -> AsyncIterator[Parts]:
        yield router

    monkeypatch.setattr(verbs, "open_client", opened)
    said = run("purge", "--dry-run", "--json", "--data", data).json
    assert (said["erased"], said["held"]) == ({"cases": 9, "urls": 3}, {"police": 1, "embargo": 3})
    assert (said["lost"], said["requests"], said["next"], router.asked) == (4, 2, None, [None, "urls.1.x"])


def test_the_clock_is_shown_and_nobody_confirms_what_nobody_doubts(run: Callable[..., Any], data: str) -> None:
    said = run("clock", "show", "--json", "--data", data)
    assert (said.code, said.json["doubt"]) == (0, None)
    assert "nothing to confirm" in run("clock", "confirm", "--reason", "it is right", "--data", data).err
