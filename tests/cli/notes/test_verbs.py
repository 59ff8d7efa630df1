"""Notes at the terminal: kept, and shown."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli.client.api import ApiAnswer, ApiClient
from router.cli.notes import verbs

AT = "2026-11-22T09:00:00Z"
TIMELINE = [
    {"at": AT, "actor": "router", "act": "case.opened", "text": ""},
    {"at": AT, "actor": "person:anna", "act": "case.noted", "text": "", "typed": "call them"},
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []

    class Served:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            if method == "POST":
                seen.append((path, json.loads(body or b"")))
                return ApiAnswer(204, b"")
            return ApiAnswer(200, json.dumps({"timeline": TIMELINE}).encode())

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Served())

    monkeypatch.setattr(verbs, "open_client", opened)
    return seen


def test_a_note_is_kept_and_shown(run: Callable[..., Any], asked: list[Any]) -> None:
    assert run("notes", "add", "c-1", "call them", "--token", "rr_x").out == "Noted.\n"
    assert asked == [("/v1/notes", {"case": "c-1", "note": "call them"})]
    assert run("notes", "list", "c-1", "--token", "rr_x").out == f"{AT}  person:anna  call them\n"
    assert run("notes", "list", "c-1", "--json", "--token", "rr_x").json["items"] == TIMELINE[1:]
