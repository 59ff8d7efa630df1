"""What is done by a person, by name, is refused to the machine's user with the remedy, and done with a token."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from router.casework.case.acts import ACTS, On, Surface
from router.cli import make_app
from router.cli.client.person import by_person, held
from router.guard.access import IN_PERSON

UNKNOWN = "01999999-0000-7000-8000-000000000000"
#: What each act of the command line wants besides a reason.
WORDS: dict[str, tuple[str, ...]] = {
    "assess": ("baseline",),
    "look": ("gone",),
    "close": ("removed",),
    "origin": ("3.120.0.1",),
    "target": ("https://x.test/",),
    "receipt": ("--number", "12"),
    "taken-back": ("--reference", "their letter"),
    "answer": ("received",),
    "told-police": ("--reference", "12"),
    "handed-over": ("--partner", "offlimits-nl", "--reference", "12"),
}
#: Whom an item of the desk is before: taken and handed on without a reason.
NOBODY_ASKS_WHY = {"take", "pass-on"}
GROUPS = {On.CASE: "cases", On.REFERRAL: "referrals"}
BY_NAME = [(GROUPS[act.on], act.name) for act in ACTS if act.on in GROUPS and Surface.CLI not in act.absent]


@pytest.mark.parametrize(("group", "name"), BY_NAME)
def test_every_act_on_a_case_needs_a_person(run: Callable[..., Any], data: str, group: str, name: str) -> None:
    why = () if name in NOBODY_ASKS_WHY else ("--reason", "x")
    words = (group, name, UNKNOWN, *WORDS.get(name, ()), *why, "--data", data)
    done = run(*words)
    assert done.code == 3
    assert "by a person, by name" in done.err
    assert "console (/me)" in done.err
    token = run("tokens", "create", "t", "--account", "supervisor", "--json", "--data", data).json["token"]
    assert "by name" not in run(*words, "--token", token).err


def test_every_verb_of_an_act_takes_a_token() -> None:
    root: Any = typer.main.get_command(make_app())
    for group, name in BY_NAME:
        options = {one for parameter in root.commands[group].commands[name].params for one in parameter.opts}
        assert "--token" in options


def test_a_token_comes_from_a_file_too_and_a_missing_file_is_nobody(
    run: Callable[..., Any], data: str, tmp_path: Path
) -> None:
    token = run("tokens", "create", "t", "--account", "supervisor", "--json", "--data", data).json["token"]
    (tmp_path / "token").write_text(token + "\n")
    words = ("referrals", "recall", UNKNOWN, "--reason", "x", "--data", data)
    assert run(*words, "--token", f"@{tmp_path / 'token'}").code == 2, "there is no such referral"
    done = run(*words, "--token", f"@{tmp_path / 'none'}")
    assert (done.code, "token" in done.err) == (2, True)


def test_whoever_has_a_token_makes_another(run: Callable[..., Any], data: str) -> None:
    assert run("tokens", "create", "x", "--mine", "--data", data).code == 3
    token = run("tokens", "create", "t", "--account", "supervisor", "--json", "--data", data).json["token"]
    made = run("tokens", "create", "x", "--mine", "--token", token, "--json", "--data", data)
    assert made.json["view"]["account"] == "supervisor"


def test_a_token_is_held_for_the_verb_alone() -> None:
    seen: list[str | None] = []

    @by_person
    def act() -> int:
        """Look."""
        seen.append(held())
        return 0

    with pytest.raises(typer.Exit):
        act(token="rr_live_x")
    assert (seen, held()) == (["rr_live_x"], None)
    assert IN_PERSON
