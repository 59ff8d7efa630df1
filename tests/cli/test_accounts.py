"""Who may sign in, from the machine itself: the way by which a dismissed person is put out."""

from collections.abc import Callable
from typing import Any

import pytest


def test_a_person_comes_changes_and_goes(run: Callable[..., Any], data: str) -> None:
    added = run("accounts", "add", "ann", "analyst", "--data", data)
    assert (added.code, added.out) == (0, "ann is analyst; let them in with: accounts invite ann\n")
    assert "ann signs in within 15 minutes" in run("accounts", "invite", "ann", "--data", data).out
    changed = run("accounts", "role", "ann", "viewer", "--data", data)
    assert (changed.code, changed.out.startswith("ann is viewer from now on; their sessions, tokens")) == (0, True)
    closed = run("accounts", "close", "ann", "--data", data)
    assert (closed.code, closed.out.startswith("The account ann is closed for good")) == (0, True)
    lines = run("accounts", "list", "--data", data).out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["account", "role"],
        ["ann", "viewer"],
        ["supervisor", "supervisor"],
    ]
    assert (lines[1].endswith("Z"), lines[2].endswith("-")) == (True, True)


def test_json_is_what_the_api_says(run: Callable[..., Any], data: str) -> None:
    made = run("accounts", "add", "ann", "analyst", "--json", "--data", data).json
    assert made == {"name": "ann", "role": "analyst", "closed_at": None}
    assert run("accounts", "role", "ann", "auditor", "--json", "--data", data).json == made | {"role": "auditor"}
    assert run("accounts", "close", "ann", "--json", "--data", data).json["closed_at"].endswith("Z")
    assert len(run("accounts", "list", "--json", "--data", data).json["items"]) == 2
    assert set(run("accounts", "invite", "supervisor", "--json", "--data", data).json) == {"account", "sign_in"}


def test_a_token_ends_with_its_account_and_the_chain_says_who_did_it(run: Callable[..., Any], data: str) -> None:
    run("accounts", "add", "ann", "analyst", "--data", data)
    run("tokens", "create", "script", "--account", "ann", "--data", data)
    before = run("audit", "verify", "--json", "--data", data).json["entries"]
    run("accounts", "close", "ann", "--data", data)
    (token,) = run("tokens", "list", "--json", "--data", data).json["items"]
    assert token["revoked_at"]
    after = run("audit", "verify", "--json", "--data", data).json
    assert (after["ok"], after["entries"]) == (True, before + 3)  # that it was verified is an entry too


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "supervisor", "viewer"), 3, "There is an account with this name"),
        (("add", "ann", "king"), 2, "role: "),
        (("add", "Ann B", "viewer"), 2, "name: "),
        (("role", "nobody", "viewer"), 2, "see `accounts list`"),
        (("close", "nobody"), 2, "see `accounts list`"),
        (("invite", "nobody"), 2, "There is no such account"),
        (("role", "supervisor", "supervisor"), 3, "is supervisor already"),
        (("role", "supervisor", "administrator"), 3, "This is the last supervisor; give somebody else that role first"),
        (("close", "supervisor"), 3, "This is the last supervisor"),
    ],
)
def test_what_cannot_be(run: Callable[..., Any], data: str, words: tuple[str, ...], code: int, said: str) -> None:
    done = run("accounts", *words, "--data", data)
    assert (done.code, said in done.err, done.err.count("\n")) == (code, True, 1), done.err


def test_where_somebody_is_signed_in_is_listed_and_ended(run: Callable[..., Any], data: str) -> None:
    run("accounts", "add", "ann", "analyst", "--data", data)
    assert run("accounts", "sessions", "ann", "--json", "--data", data).json["items"] == []
    done = run("accounts", "sign-out", "ann", "--json", "--data", data)
    assert (done.code, done.json) == (0, {"ended": 0})
    assert run("accounts", "sign-out", "ann", "--session", "0" * 32, "--data", data).code == 2
    assert run("accounts", "sessions", "nobody", "--data", data).code == 2
