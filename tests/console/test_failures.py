from typing import Any

import pytest

from router.console import failures
from router.console.page import HEADERS
from router.errors import Damaged, NotSignedIn, RouterError, StoreUnavailable


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (StoreUnavailable(), 503, "The store cannot be reached"),
        (Damaged(), 500, "Stored data is damaged"),
        (RouterError("Something of ours."), 500, "This cannot be done"),
        (NotSignedIn(), 303, ""),
    ],
)
async def test_each_failure_has_its_page(
    console: Any, analyst: Any, monkeypatch: Any, error: RouterError, status: int, heading: str
) -> None:
    async def fails(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr("router.console.desk.lists.desk", fails)
    answer = await analyst.get("/")
    assert answer.status_code == status
    assert heading in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_fault_of_ours_says_nothing_of_itself(
    console: Any, analyst: Any, monkeypatch: Any, canary: str
) -> None:
    async def fails(*_: Any, **__: Any) -> Any:
        raise ValueError(canary)

    monkeypatch.setattr("router.console.desk.lists.desk", fails)
    analyst.client._transport.raise_app_exceptions = False
    answer = await analyst.get("/")
    assert answer.status_code == 500
    assert "The router failed on this page" in answer.text
    other = await analyst.get("/nowhere")
    assert {name: answer.headers[name] for name in HEADERS} == {name: other.headers[name] for name in HEADERS}
    assert canary not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/", 405), ("DELETE", "/cases", 405)]
)
async def test_what_is_not_there_is_told_in_words(console: Any, method: str, path: str, status: int) -> None:
    answer = await console.stranger().client.request(method, path)
    assert answer.status_code == status
    assert "<h1>" in answer.text


async def test_the_path_is_not_repeated(console: Any, canary: str) -> None:
    assert canary not in (await console.stranger().get(f"/{canary}")).text.replace(f'value="/{canary}"', "")


def test_every_heading_is_a_message() -> None:
    assert all(text for _, text in failures._HEADINGS)
