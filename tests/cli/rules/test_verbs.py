"""A drafted rule at the terminal: what it says, what it would have changed, and the file that is published."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli.client.api import ApiAnswer, ApiClient
from router.cli.rules import verbs

CASE = "01999999-0000-7000-8000-000000000000"
CHANGED = {"case": "c-2", "kind": "elsewhere", "before": ["hotline-nl"], "after": ["hotline-ca"]}
FOUND = {
    "name": "always-host-1",
    "before": "abroad",
    "over": 3,
    "route": '[[route]]\nname = "always-host-1"',
    "test": '[[tests]]\nname = "always-host-1"',
    "text": "version = 1\n",
    "limit": 50,
    "kinds": {"elsewhere": 1},
    "changed": [CHANGED],
    "widens": ["route always-host-1 is new and sends to hotline-ca"],
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    bodies: list[dict[str, Any]] = []

    class Served:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            assert (method, path) == ("POST", "/v1/policy/draft")
            bodies.append(json.loads(body or b"{}"))
            return ApiAnswer(200, json.dumps(FOUND).encode())

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Served())

    monkeypatch.setattr(verbs, "open_client", opened)
    return bodies


def test_a_rule_is_drafted_shown_and_written(
    run: Callable[..., Any], asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    words = ("policy", "draft", CASE, "--always-for", "host", "--limit", "50", "--propose")
    said = run(*words, "--output", str(file), "--token", "rr_x").out
    assert asked == [{"case": CASE, "scope": "host", "mode": "propose", "limit": 50}]
    assert "always-host-1 would stand before abroad in version 3" in said
    assert "Of the last 50 decisions it would have changed: elsewhere 1." in said
    assert "c-2 [elsewhere]: hotline-nl -> hotline-ca" in said
    assert "Another person has to confirm it" in said
    assert f"policy publish {file}" in said
    assert file.read_text(encoding="utf-8") == FOUND["text"]


def test_it_is_handed_in_instead(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    paths: list[str] = []

    class Served:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            paths.append(f"{method} {path}")
            return (
                ApiAnswer(204, b"") if path.endswith("withdraw") else ApiAnswer(200, json.dumps(answers[path]).encode())
            )

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Served())

    waits = {"subject": f"rule:{CASE}", "by": "person:cleo", "since": "2026-01-01", "in_force_by": None}
    answers = {
        "/v1/policy/drafts": FOUND | {"case": CASE},
        "/v1/proposals": {"items": [waits | {"outdated": False, "changes": []}]},
    }
    monkeypatch.setattr(verbs, "open_client", opened)
    said = run("policy", "draft", CASE, "--always-for", "host", "--hand-in", "--token", "rr_x").out
    assert f"It waits for a supervisor: `policy confirm-draft {CASE}`." in said
    listed = run("policy", "drafts").out
    assert f"drafted by person:cleo since 2026-01-01; a supervisor publishes it: policy confirm-draft {CASE}" in listed
    assert run("policy", "withdraw-draft", CASE, "--token", "rr_x").out == "Withdrawn.\n"
    assert paths == ["POST /v1/policy/drafts", "GET /v1/proposals", f"POST /v1/policy/drafts/{CASE}/withdraw"]
