"""Trails at the terminal: asked for, listed, confirmed by another, and written into an empty folder."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli import proposals
from router.cli.client.api import ApiAnswer, ApiClient
from router.cli.trails import verbs

ONE = {
    "id": "t-1",
    "case": "c-1",
    "order": "BR.1/26",
    "court": "the court",
    "by": "person:anna",
    "agreed_by": None,
    "made_at": None,
}
PAPERS = {
    "files": [{"name": name, "content": b64encode(name.encode()).decode()} for name in ("trail.json", "house.pem")]
}
WAITS = {"subject": "trail:t-1", "id": "p-1", "by": "person:anna", "since": "now", "until": "then"}
WAITS |= {"in_force_by": None, "outdated": False, "changes": []}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    seen: list[tuple[str, str, Any]] = []
    answers: dict[tuple[str, str], Any] = {
        ("POST", "/v1/trails"): ONE,
        ("GET", "/v1/trails?limit=50"): {"items": [ONE], "total": 2, "more": False, "next": "t-1", "key": "f00d"},
        ("GET", "/v1/trails?cursor=t-1&limit=49"): {
            "items": [ONE],
            "total": 2,
            "more": False,
            "next": None,
            "key": "f00d",
        },
        ("POST", "/v1/trails/t-1/papers"): PAPERS,
        ("GET", "/v1/proposals"): {"items": [WAITS]},
        ("POST", "/v1/proposals/trail%3At-1/confirm"): {"version": 0},
        ("POST", "/v1/proposals/trail%3At-1/withdraw"): None,
    }

    class Served:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            seen.append((method, path, json.loads(body) if body else None))
            return ApiAnswer(200, json.dumps(answers[method, path]).encode())

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Served())

    for module in (verbs, proposals):
        monkeypatch.setattr(module, "open_client", opened)
    return seen


TOKEN = ("--token", "rr_x")


def test_it_is_asked_for_with_the_order_and_another_confirms(
    run: Callable[..., Any], asked: list[tuple[str, str, Any]]
) -> None:
    order = ("--order", "BR.1/26", "--court", "the court", "--language", "nl")
    said = run("trails", "ask", "c-1", *order, *TOKEN).out
    assert "trails confirm t-1" in said
    assert asked == [
        ("POST", "/v1/trails", {"case": "c-1", "order": "BR.1/26", "court": "the court", "language": "nl"})
    ]
    listed = run("trails", "list", *TOKEN).out
    assert (listed.count("BR.1/26"), listed.count("f00d")) == (2, 1)
    run("trails", "confirm", "t-1", "--id", "p-1", *TOKEN)
    run("trails", "withdraw", "t-1", *TOKEN)
    settled = [path for method, path, _ in asked if method == "POST"][1:]
    assert settled == ["/v1/proposals/trail%3At-1/confirm", "/v1/proposals/trail%3At-1/withdraw"]


def test_its_files_are_written_for_us_alone_into_an_empty_folder(
    run: Callable[..., Any], asked: list[tuple[str, str, Any]], tmp_path: Path
) -> None:
    folder = tmp_path / "for the court"
    run("trails", "take", "t-1", "--to", str(folder), "--names", *TOKEN)
    assert asked == [("POST", "/v1/trails/t-1/papers", {"names": True})]
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {
        "trail.json": b"trail.json",
        "house.pem": b"house.pem",
    }
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
    again = run("trails", "take", "t-1", "--to", str(folder), *TOKEN)
    assert ("no empty folder" in again.err, len(asked)) == (True, 1)
