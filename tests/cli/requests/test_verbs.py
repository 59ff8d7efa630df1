"""`requests`: by people with their own tokens; who asked and about what comes by standard input."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.app import build
from router.casework.people import tokens
from router.settings import Settings
from schemas.acts import TokenGiven

ADD = ("add", "access", "--received", "2026-11-20", "--asked-by", "-", "--url", "-", "--account", "-")
TYPED = b"folder seven\nhttps://canary.test/page\nChat=@canary-handle\n"


@pytest.fixture
def hands(run: Callable[..., Any], data: str) -> dict[str, str]:
    """Tokens by people's own hands."""
    people = {"dora": "data_protection_officer", "ben": "supervisor"}
    for name, role in people.items():
        assert run("accounts", "add", name, role, "--data", data).code == 0

    async def make() -> dict[str, str]:
        async with build(Settings.load(data_dir=Path(data))) as router:
            made = {}
            for name in people:
                actor = (await tokens.account_named(router.ctx, name)).actor
                issued = await tokens.create_token(router.ctx, TokenGiven(name="own", account=name), actor)
                made[name] = issued.token
            return made

    return asyncio.run(make())


def test_a_request_from_its_letter_to_its_end(run: Callable[..., Any], data: str, hands: dict[str, str]) -> None:
    def by(name: str, *words: str, **more: Any) -> Any:
        return run("requests", *words, "--data", data, "--token", hands[name], **more)

    assert by("dora", "list").out.strip() == "None."
    done = by("dora", *ADD, stdin=TYPED)
    assert done.code == 0, done.err
    assert "Have another person run" in done.out
    assert "canary" not in done.out
    (one,) = by("ben", "list", "--json").json["items"]
    assert "canary" not in by("ben", "list").out
    shown = by("ben", "show", one["id"]).out
    assert all(said in shown for said in ("folder seven", "hxxps://canary[.]test/page", "2. account: @canary-handle"))
    assert by("dora", "search", one["id"]).code == 3
    assert by("dora", "agree", one["id"]).code == 3
    assert f"requests search {one['id']}" in by("ben", "agree", one["id"]).out
    assert by("ben", "search", one["id"]).code == 3
    assert by("dora", "search", one["id"]).out.startswith("Nothing is found")
    ended = by("dora", "close", one["id"], "not_concerned", "--reason", "told so by letter")
    assert ended.out.strip() == "It is closed."
    assert by("dora", "list", "--closed", "--json").json["items"][0]["outcome"] == "not_concerned"


def test_without_a_person_nothing_is_opened_or_listed(run: Callable[..., Any], data: str) -> None:
    one = "0" * 36
    for words in (ADD, ("list",), ("show", one), ("agree", one), ("search", one), ("extend", one, "--reason", "x")):
        done = run("requests", *words, "--data", data, stdin=TYPED)
        assert (done.code, "by a person, by name" in done.err) == (3, True), words
