from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from router.cli import GROUPS, VERBS, Verb, make_app


@cache
def spoken() -> tuple[tuple[str, Any], ...]:
    """Every command as typer understood it, by what is typed."""
    root: Any = typer.main.get_command(make_app())
    found = []
    for name, command in root.commands.items():
        inside = getattr(command, "commands", None)
        found += [(f"{name} {sub}", one) for sub, one in inside.items()] if inside else [(name, command)]
    return tuple(found)


def options(command: Any) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")}


def is_bare(parameter: Any) -> bool:
    """Whether an option takes a value that its help names by nothing but `<str>` or `<int>`."""
    return parameter.param_type_name == "option" and not parameter.is_flag and parameter.metavar is None


def test_every_row_of_the_table_is_spoken() -> None:
    assert {words for words, _ in spoken()} == {f"{one.group} {one.name}".strip() for one in VERBS}


@pytest.mark.parametrize("words", [words for words, _ in spoken() if words != "worker"])
def test_every_verb_that_ends_has_json(words: str) -> None:
    assert "--json" in options(dict(spoken())[words])


@pytest.mark.parametrize(
    "words",
    [
        words
        for words, _ in spoken()
        if words.startswith(("cases", "referrals", "stop"))
        and words.split()[-1] not in {"list", "desk", "show", "explain", "take", "pass-on", "find"}
        and words not in {"cases views", "cases keep", "cases forget"}  # of lists, and nothing is done to a case
    ],
)
def test_every_act_asks_for_a_reason(words: str) -> None:
    assert "--reason" in options(dict(spoken())[words])


@pytest.mark.parametrize("words", [words for words, _ in spoken()])
def test_every_verb_explains_itself(run: Callable[..., Any], words: str) -> None:
    done = run(*words.split(), "--help")
    assert done.code == 0
    assert len(done.out.splitlines()) > 4


@pytest.mark.parametrize("words", [(), *((group,) for group in GROUPS)])
def test_a_list_of_verbs_cuts_nobody_short(run: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert "..." not in run(*words, "--help").out.partition("Commands:")[2]


def test_no_option_is_explained_by_a_type_of_the_language() -> None:
    shown = {f"{words} {one.opts[0]}" for words, command in spoken() for one in command.params if is_bare(one)}
    assert shown == set()


# Others script against these names: a new one is added here, none is taken away or changed.
FIXED = {
    "demo", "init", "serve", "worker", "migrate", "backup", "restore", "release", "submit", "locate", "stop", "stats",
    "doctor", "figures",
    "policy check", "policy test", "policy explain", "policy diff", "policy publish",
    "partners list", "partners import", "partners check", "partners add",
    "partners set", "partners export", "partners sheet", "partners enable", "partners disable",
    "partners pause", "partners resume", "partners decide-waiting",
    "data status", "data verify", "data refresh", "data accept",
    "accounts sessions", "accounts sign-out",
    "accounts mandate", "accounts mandates", "accounts end-mandate", "accounts left", "accounts tick-off",
    "accounts asking", "accounts agree", "accounts exposure",
    "audit verify", "audit export", "keys rotate", "keys compromised", "keys revoked",
    "cases list", "cases show", "cases explain", "tokens create", "tokens list", "tokens revoke",
    "referrals list", "referrals hold", "referrals release", "referrals override", "referrals retry",
    "cases desk", "cases assess", "cases send", "cases refer", "cases ask", "cases done", "cases retrace", "cases look",
    "cases site", "cases several", "cases find", "cases next", "cases take", "cases pass-on",
    "cases not-illegal", "cases reopen", "cases undo",
    "cases handed-over", "cases told-police", "cases not-ours",
    "cases acknowledge", "alarm test", "alarm show", "alarm set", "alarm confirm", "alarm withdraw",
    "partners confirm", "partners withdraw", "partners break-glass",
    "policy drafts", "policy confirm-draft", "policy withdraw-draft",
    "policy versions", "policy compare", "policy rollback",
    "policy draft", "policy confirm", "policy withdraw", "policy break-glass",
    "cases close", "referrals recall", "referrals taken-back",
    "referrals receipt", "referrals answer", "bundles list", "bundles receipt",
    "bundles letters", "bundles letter-read", "reminders list", "reminders take",
    "cases views", "cases keep", "cases forget",
    "notes add", "notes list",
    "sessions export", "sessions open", "sessions import", "sessions list", "sessions show", "sessions close",
    "sessions lost",
    "trails ask", "trails list", "trails confirm", "trails withdraw", "trails take",
    "embargo add", "embargo list", "embargo show", "embargo end", "embargo confirm", "embargo withdraw",
    "cases origin", "cases target", "sources list", "sources add", "sources change",
    "sources confirm", "sources withdraw", "sources break-glass",
    "requests add", "requests list", "requests show", "requests agree", "requests search", "requests extend",
    "requests close",
    "purge", "holds list", "holds add", "holds end", "clock show", "clock confirm",
    "accounts list", "accounts add", "accounts role", "accounts close", "accounts invite",
}  # fmt: skip


def test_the_names_others_script_against() -> None:
    assert {words for words, _ in spoken()} == FIXED


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("cases",),
        ("cases", "nonsense"),
        ("cases", "show"),
        ("cases", "list", "--limit", "0"),
        ("cases", "list", "--colour"),
        ("referrals", "hold", "x", "--until", "tomorrow"),
        ("submit",),
    ],
)
def test_wrong_use_is_2(run: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert run(*words).code == 2


def test_a_verb_is_a_row() -> None:
    assert all(isinstance(one, Verb) and callable(one.run) for one in VERBS)
    assert len({(one.group, one.name) for one in VERBS}) == len(VERBS)


MAKES = {"init", "serve", "restore"}


@pytest.mark.usefixtures("log_restored")
@pytest.mark.parametrize("words", [words for words, one in spoken() if "--data" in options(one) and words not in MAKES])
def test_a_directory_that_is_not_there_is_refused_and_not_made(
    run: Callable[..., Any], tmp_path: Path, words: str
) -> None:
    """`worker --data` with a slip of the hand made a key and a database there."""
    command = dict(spoken())[words]
    given = ["x" for one in command.params if one.param_type_name == "argument"]
    done = run(*words.split(), *given, "--data", str(tmp_path / "missing"))
    assert done.code == 3, done.err
    assert "`init`" in done.err
    assert not (tmp_path / "missing").exists()
