"""Viewing sessions at the terminal: taken into a folder as a file for us alone, brought back as a table, ended."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli.client.api import ApiAnswer, ApiClient
from router.cli.viewings import verbs

NAME = "S-BCDFGHJ"
ONE = {"name": NAME, "by": "bert", "until": "then", "lines": 2, "done": 1, "digest": "f00d", "ended_as": None}
ONE |= {"overdue": False}
LEFT = {"case": "c-3", "dossiers": ["D3"], "code": "held", "text": "anna has it"}
MADE = {"session": ONE, "left_out": [LEFT], "file_name": f"{NAME}.zip.gpg", "file": b64encode(b"closed").decode()}
SHOWN = {"session": ONE, "lines": [{"line": 1, "case": "c-1", "dossiers": ["D1"], "done": True}]}
ANSWER = {"row": 2, "dossiers": ["D1"], "done": True, "code": None, "text": None}
TOKEN = ("--token", "rr_x")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    seen: list[tuple[str, str, Any]] = []
    answers: dict[tuple[str, str], Any] = {
        ("POST", "/v1/viewings"): MADE,
        ("GET", "/v1/viewings?limit=50"): {"items": [ONE], "total": 2, "more": False, "next": NAME},
        ("GET", f"/v1/viewings?cursor={NAME}&limit=49"): {"items": [ONE], "total": 2, "more": False, "next": None},
        ("GET", f"/v1/viewings/{NAME}"): SHOWN,
        ("POST", f"/v1/viewings/{NAME}/close"): SHOWN,
        ("POST", f"/v1/viewings/{NAME}/lost"): SHOWN,
        ("POST", "/v1/viewings/results"): {"items": [ANSWER], "done": 1, "refused": 0, "empty": 0},
    }

    class Served:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            seen.append((method, path, json.loads(body) if body else None))
            return ApiAnswer(200, json.dumps(answers[method, path]).encode())

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Served())

    monkeypatch.setattr(verbs, "open_client", opened)
    return seen


def test_a_session_is_written_for_us_alone_and_what_is_left_out_is_named(
    run: Callable[..., Any], asked: list[tuple[str, str, Any]], tmp_path: Path
) -> None:
    done = run("sessions", "export", "--to", str(tmp_path), "--reason", "not_assessed", "--limit", "5", *TOKEN)
    file = tmp_path / f"{NAME}.zip.gpg"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"closed", 0o600)
    assert all(one in done.out for one in ("f00d", "D3", "anna has it", "2 locations"))
    assert asked == [("POST", "/v1/viewings", {"reason": "not_assessed", "limit": 5})]
    none = run("sessions", "export", "--to", str(tmp_path / "none"), *TOKEN)
    assert (none.code, len(asked)) == (2, 1), "nothing is taken for a folder that is none"
    run("sessions", "open", "--case", "c-1", "--case", "c-2", *TOKEN)
    assert asked[1:] == [("POST", "/v1/viewings", {"cases": ["c-1", "c-2"], "on_screen": True})]


def test_a_table_is_brought_back_as_a_spreadsheet_wrote_it(
    run: Callable[..., Any], asked: list[tuple[str, str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "results.csv"
    for content in ("token\nÉ".encode(), b"\xef\xbb\xbf" + "token\nÉ".encode(), "token\nÉ".encode("utf-16")):
        file.write_bytes(content)
        assert "1 done, 0 refused" in run("sessions", "import", str(file), *TOKEN).out
    assert [one[2] for one in asked] == [{"table": "token\nÉ"}] * 3
    file.write_bytes("token\nÉ".encode("latin-1"))
    refused = run("sessions", "import", str(file), *TOKEN)
    assert (refused.code, "CSV UTF-8" in refused.err) == (2, True)
    assert run("sessions", "import", str(tmp_path / "none"), *TOKEN).code == 2


def test_it_is_listed_and_ended(run: Callable[..., Any], asked: list[tuple[str, str, Any]]) -> None:
    assert "open" in run("sessions", "list", *TOKEN).out
    assert "D1" in run("sessions", "show", NAME, *TOKEN).out
    run("sessions", "close", NAME, *TOKEN)
    run("sessions", "lost", NAME, "--reason", "left on a train", *TOKEN)
    assert asked[3:] == [
        ("POST", f"/v1/viewings/{NAME}/close", {}),
        ("POST", f"/v1/viewings/{NAME}/lost", {"reason": "left on a train"}),
    ]
    assert run("sessions", "lost", NAME, *TOKEN).code == 2
