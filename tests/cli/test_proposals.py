"""At the machine: alone while nobody serves, by two while somebody does, and what waits is shown where people look."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli.proposals import lines_of, told
from router.serving.held_open import serving_here
from tests.office import line

ADDED = """
[[partners]]
name = "new-nl"
title = "New"
kind = "hotline"
countries = ["NL"]
dialect = "webhook"
config = { url = "https://partner.example/hook", secrets = ["nl"] }
"""


@contextmanager
def served(data: str) -> Iterator[None]:
    """As if `serve` ran elsewhere on this directory; the verbs still come by the API in their own process."""
    with serving_here(Path(data)):
        yield


def own_token(run: Callable[..., Any], data: str, account: str) -> str:
    """A token by the person's own hand, as they make it once they signed in."""
    import asyncio

    from router.app import build
    from router.casework.people import tokens
    from router.settings import Settings
    from schemas.acts import TokenGiven

    async def make() -> str:
        async with build(Settings.load(data_dir=Path(data))) as router:
            actor = (await tokens.account_named(router.ctx, account)).actor
            return (await tokens.create_token(router.ctx, TokenGiven(name="own", account=account), actor)).token

    assert run("accounts", "list", "--data", data).code == 0
    return asyncio.run(make())


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "partners.toml"
    path.write_text(ADDED)
    return str(path)


def test_alone_while_nobody_serves(run: Callable[..., Any], data: str, file: str) -> None:
    done = run("partners", "add", file, "--data", data)
    assert (done.code, "is in force: new-nl" in done.out) == (0, True)
    (entry, *_) = run("audit", "export", "--data", data).out.splitlines() or [""]
    assert entry is not None


def test_by_two_while_somebody_does(run: Callable[..., Any], data: str, file: str) -> None:
    assert run("accounts", "add", "ann", "supervisor", "--data", data).code == 0
    ann, boss = (own_token(run, data, name) for name in ("ann", "supervisor"))
    with served(data):
        done = run("partners", "add", file, "--data", data)
        assert (done.code, "takes two people" in done.err, "stop `serve`" in done.err) == (3, True, True)
        done = run("partners", "add", file, "--token", ann, "--data", data)
        assert (done.code, "partners confirm new-nl" in done.out) == (0, True)
        listed = run("partners", "list", "--country", "NL", "--data", data).out
        assert "partner:new-nl: proposed by person:ann" in listed
        assert 'config.url: - -> "https://partner.example/hook"' in listed
        assert "partner:new-nl: proposed" in run("doctor", "--data", data).out
        looked = run("partners", "confirm", "new-nl", "--token", boss, "--data", data)
        assert (looked.code, "Nothing was confirmed yet" in looked.err) == (2, True)
        named = ("--id", looked.err.partition("--id ")[2].partition("`")[0])
        assert "two people" in run("partners", "confirm", "new-nl", *named, "--data", data).err
        assert run("partners", "confirm", "new-nl", *named, "--token", ann, "--data", data).code == 3
        done = run("partners", "confirm", "new-nl", *named, "--token", boss, "--data", data)
        assert (done.code, "Confirmed; version" in done.out) == (0, True)
        done = run("partners", "disable", "new-nl", "--reason", "not yet", "--data", data)
        assert done.code == 0
        assert run("partners", "enable", "new-nl", "--reason", "now", "--token", boss, "--data", data).code == 0
        assert run("partners", "withdraw", "new-nl", "--token", boss, "--data", data).out.endswith("Withdrawn.\n")


WAITED = "1 case on the desk could go to eco-de by now: `partners decide-waiting eco-de` shows them."
READY = ("enabled=true", "disabled_reason=null", "dialect=webhook", "checked_on=2026-11-01")
READY += ("config.url=https://partner.example/hook", 'config.secrets=["de"]')


@pytest.fixture
def waits(run: Callable[..., Any], data: str, worked: Callable[[str], None]) -> None:
    """A case on the desk that is hosted in Germany, whose hotline may not receive."""
    body = line("r-1", "https://3.120.0.1/secret")
    assert run("submit", "-", "--data", data, stdin=body).code == 0
    worked(data)


@pytest.mark.usefixtures("waits")
def test_who_makes_a_partner_usable_hears_of_what_waited_for_it(run: Callable[..., Any], data: str) -> None:
    assert run("accounts", "add", "ann", "supervisor", "--data", data).code == 0
    ann, boss = (own_token(run, data, name) for name in ("ann", "supervisor"))
    with served(data):
        done = run("partners", "set", "eco-de", *READY, "--token", ann, "--data", data)
        assert (done.code, WAITED in done.out) == (0, False), "nobody confirmed it yet"
        confirm = ("partners", "confirm", "eco-de", "--token", boss, "--data", data)
        looked = run(*confirm)
        assert WAITED not in looked.out
        seen = looked.err.rsplit("--id ", 1)[1].split("`")[0]
        assert WAITED in run(*confirm, "--id", seen).out.splitlines()
    assert WAITED not in run("partners", "disable", "eco-de", "--reason", "not yet", "--data", data).out
    assert WAITED in run("partners", "enable", "eco-de", "--reason", "now", "--data", data).out.splitlines()
    assert run("partners", "pause", "eco-de", "--reason", "they asked", "--data", data).code == 0
    assert WAITED in run("partners", "resume", "eco-de", "--reason", "they are back", "--data", data).out.splitlines()
    assert WAITED not in run("partners", "enable", "offlimits", "--reason", "now", "--data", data).out


def test_break_glass_says_what_it_is(run: Callable[..., Any], data: str, file: str, tmp_path: Path) -> None:
    ways = tmp_path / "alarm.toml"
    ways.write_text('[alarm]\nwebhook = [{ url = "http://127.0.0.1:9/hook" }]\n')
    assert run("alarm", "set", str(ways), "--data", data).code == 0
    boss = own_token(run, data, "supervisor")
    with served(data):
        assert run("partners", "add", file, "--token", boss, "--data", data).code == 0
        glass = ("partners", "break-glass", "new-nl", "--token", boss, "--data", data)
        assert run(*glass).code == 2
        done = run(*glass, "--reason", "nobody else is there")
        assert (done.code, done.err) == (0, "")
        assert "In force until it is undone in 24 hours" in done.out
        checked = run("doctor", "--data", data)
        assert (checked.code, "IN FORCE by break-glass of person:supervisor" in checked.out) == (1, True)


def test_the_other_ways_to_settle_need_somebody_too(run: Callable[..., Any], data: str) -> None:
    for words in (("alarm", "confirm"), ("alarm", "withdraw"), ("policy", "confirm"), ("policy", "withdraw")):
        done = run(*words, "--data", data)
        assert (done.code, "Nothing is proposed" in done.err) == (2, True)
    done = run("policy", "break-glass", "--reason", "x", "--data", data)
    assert done.code == 3, "at the machine nobody breaks a glass: stop `serve` instead"


def test_lines_say_how_it_stands_and_what_comes_next() -> None:
    one = {"subject": "alarm", "by": "person:ann", "since": "now", "until": "then", "in_force_by": None}
    one |= {"outdated": True, "changes": [{"field": "webhook", "was": None, "becomes": "x" * 100}]}
    first, second = lines_of([one])
    assert "propose it anew" in first
    assert len(second) < 100
    assert told({"proposed": []}, otherwise="done") == ["done"]
    (said,) = told({"proposed": ["territories"]}, otherwise="done")
    assert "partners confirm territories" in said
