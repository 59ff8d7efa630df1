"""`embargo`: by people with their own tokens; what it names comes by standard input and is shown to the named few."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.app import build
from router.casework.people import tokens
from router.settings import Settings
from schemas.acts import TokenGiven

ADD = ("embargo", "add", "host", "-", "--until", "2026-12-31", "--asked-by", "Federal Police", "--reason", "-")
TYPED = b"a.secret-host.test\nthe raid of tomorrow\n"


@pytest.fixture
def hands(run: Callable[..., Any], data: str) -> dict[str, str]:
    """Tokens by people's own hands."""
    for name, role in (("ann", "supervisor"), ("ben", "supervisor"), ("cleo", "analyst")):
        assert run("accounts", "add", name, role, "--data", data).code == 0

    async def make() -> dict[str, str]:
        async with build(Settings.load(data_dir=Path(data))) as router:
            made = {}
            for name in ("ann", "ben", "cleo"):
                actor = (await tokens.account_named(router.ctx, name)).actor
                issued = await tokens.create_token(router.ctx, TokenGiven(name="own", account=name), actor)
                made[name] = issued.token
            return made

    return asyncio.run(make())


def test_without_a_person_nothing_is_set_or_listed(run: Callable[..., Any], data: str) -> None:
    for words in (ADD, ("embargo", "list"), ("embargo", "show", "0" * 36), ("embargo", "end", "0" * 36)):
        done = run(*words, "--data", data, stdin=TYPED)
        assert (done.code, "by a person, by name" in done.err) == (3, True), words


def test_set_by_one_shown_to_few_ended_by_two(run: Callable[..., Any], data: str, hands: dict[str, str]) -> None:
    def by(name: str, *words: str, **more: Any) -> Any:
        return run("embargo", *words, "--data", data, "--token", hands[name], **more)

    done = by("ann", *ADD[1:], "--reader", "cleo", stdin=TYPED)
    assert done.code == 0, done.err
    assert "analysts are told to ask ann" in done.out
    assert "secret-host" not in done.out
    (one,) = by("cleo", "list", "--json").json["items"]
    listed = by("ben", "list")
    assert one["id"] in listed.out
    assert "secret-host" not in listed.out
    assert "a[.]secret-host[.]test" in by("cleo", "show", one["id"]).out
    refused = by("ben", "show", one["id"])
    assert (refused.code, "ask ann" in refused.err) == (3, True)
    later = by("ben", "end", one["id"], "--at", "2027-03-01")
    assert "in force until 2027-03-01" in later.out
    proposed = by("ann", "end", one["id"])
    assert f"embargo confirm {one['id']}" in proposed.out
    assert by("ann", "confirm", one["id"], "--id", "x" * 36).code != 0
    waits = by("ben", "confirm", one["id"])
    assert waits.code == 2, "it names no proposal yet"
    seen = waits.err.partition("--id ")[2].partition("`")[0]
    done = by("ben", "confirm", one["id"], "--id", seen)
    assert (done.code, "what was proposed is in force" in done.out) == (0, True), done.err
    assert by("ann", "list").out.strip() == "None."
    assert by("ann", "list", "--ended", "--json").json["items"][0]["ended_by"] == ["person:ann", "person:ben"]


def test_an_end_that_is_proposed_is_taken_back_by_one(
    run: Callable[..., Any], data: str, hands: dict[str, str]
) -> None:
    def by(name: str, *words: str, **more: Any) -> Any:
        return run("embargo", *words, "--data", data, "--token", hands[name], **more)

    one = by("ann", *ADD[1:], "--json", stdin=TYPED).json["embargo"]["id"]
    assert by("ann", "end", one).code == 0
    assert by("ben", "withdraw", one).code == 0
    (left,) = by("ann", "list", "--json").json["items"]
    assert left["proposed"] is None


@pytest.mark.parametrize("words", [("network", "x.test"), ("host", "co.uk"), ("account", "someone")])
def test_bad_input_is_told_and_never_repeated(
    run: Callable[..., Any], data: str, hands: dict[str, str], words: tuple[str, str]
) -> None:
    more = ("--until", "2026-12-31", "--asked-by", "x", "--reason", "y", "--data", data, "--token", hands["ann"])
    done = run("embargo", "add", *words, *more)
    assert (done.code, words[1] in done.err) == (2, False), done.err
