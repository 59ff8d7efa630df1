"""Digests at the terminal: what waits, what was taken, and the text that is handed over."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli.client.api import ApiAnswer, ApiClient
from router.cli.reminders import verbs

ONE = {
    "partner": "hotline-nl",
    "items": [{"referral": "r-1", "case": "c-1", "theirs": "NL-7", "accepted_at": None, "seen_at": None}],
    "police": False,
    "text": None,
    "taken_at": None,
    "taken_by": None,
    "from_day": "2026-12-01",
}
TAKEN = ONE | {"text": "Still there.\nr-1  yours: NL-7", "taken_at": "2026-12-01T08:00:00Z", "taken_by": "person:anna"}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []

    class Served:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            if method == "POST":
                assert path == "/v1/reminders/hotline-nl"
                return ApiAnswer(200, json.dumps(TAKEN).encode())
            assert path == "/v1/reminders"
            return ApiAnswer(200, json.dumps({"items": items}).encode())

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Served())

    monkeypatch.setattr(verbs, "open_client", opened)
    return items


def test_what_waits_says_from_when_on_and_how_it_is_taken(
    run: Callable[..., Any], served: list[dict[str, Any]]
) -> None:
    assert run("reminders", "list", "--token", "rr_x").out == "None.\n"
    served += [ONE, TAKEN, ONE | {"partner": "federal-police", "police": True}]
    said = run("reminders", "list", "--token", "rr_x").out.splitlines()
    assert said[0] == "hotline-nl: 1 still there, from 2026-12-01 on: reminders take hotline-nl"
    assert said[1] == "hotline-nl: 1 taken at 2026-12-01T08:00:00Z by person:anna:"
    assert said[2:4] == ["    Still there.", "    r-1  yours: NL-7"]
    assert said[4:] == ["federal-police: 1 to ask about, from 2026-12-01 on: reminders take federal-police"]
    assert run("reminders", "list", "--json", "--token", "rr_x").json["items"] == served


@pytest.mark.usefixtures("served")
def test_what_is_taken_is_printed_to_be_handed_over(run: Callable[..., Any]) -> None:
    assert run("reminders", "take", "hotline-nl", "--token", "rr_x").out == "Still there.\nr-1  yours: NL-7\n"
