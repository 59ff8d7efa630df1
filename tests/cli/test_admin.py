from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from router.cli.admin import _figures
from router.guard.credentials import well_formed


def test_a_token_is_shown_once_listed_and_revoked(run: Callable[..., Any], data: str) -> None:
    made = run("tokens", "create", "intake form", "--source", "form", "--data", data)
    assert made.code == 0
    token = made.out.splitlines()[0]
    assert well_formed(token)
    listed = run("tokens", "list", "--json", "--data", data)
    assert token not in listed.out
    (view,) = listed.json["items"]
    assert (view["name"], view["source"], view["revoked_at"]) == ("intake form", "form", None)
    assert run("tokens", "revoke", view["id"], "--data", data).out == "Revoked.\n"
    (view,) = run("tokens", "list", "--json", "--data", data).json["items"]
    assert view["revoked_at"] is not None


def test_scopes_and_life_are_the_makers_choice(run: Callable[..., Any], data: str) -> None:
    words = ("--scope", "report:submit", "--scope", "locate", "--days", "7", "--json", "--data", data)
    view = run("tokens", "create", "x", "--source", "form", *words).json["view"]
    assert view["scopes"] == ["locate", "report:submit"]
    life = date.fromisoformat(view["expires_at"][:10]) - date.fromisoformat(view["created_at"][:10])
    assert life.days == 7


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ((), "account"),
        (("--source", "form", "--account", "supervisor"), "account"),
        (("--source", "form", "--scope", "case:read"), "scopes"),
        (("--source", "nobody"), "source"),
        (("--source", "form", "--days", "0"), "days"),
    ],
)
def test_a_token_that_cannot_be(run: Callable[..., Any], data: str, words: tuple[str, ...], field: str) -> None:
    done = run("tokens", "create", "x", *words, "--data", data)
    assert done.code == 2
    assert field in done.err


def test_only_a_token_that_exists_is_revoked(run: Callable[..., Any], data: str) -> None:
    assert run("tokens", "revoke", "01999999-0000-7000-8000-000000000000", "--data", data).code == 2


def test_the_audit_chain_is_read_back(run: Callable[..., Any], data: str) -> None:
    run("stop", "--reason", "a drill", "--data", data)
    done = run("audit", "verify", "--json", "--data", data)
    assert (done.code, done.json["ok"]) == (0, True)
    assert done.json["entries"] > 3
    assert run("audit", "verify", "--data", data).out.endswith(": good.\n")


def test_a_changed_entry_is_found(run: Callable[..., Any], data: str) -> None:
    import apsw

    connection = apsw.Connection(str(Path(data) / "router.db"))
    connection.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    connection.close()
    done = run("audit", "verify", "--data", data)
    assert done.code == 1
    assert done.out.endswith(": WRONG.\n")
    assert len(done.out.splitlines()) > 1


def test_figures(run: Callable[..., Any], data: str) -> None:
    done = run("stats", "--json", "--data", data)
    assert set(done.json) == {
        "cases", "desk", "referrals", "at_risk", "oldest_on_desk", "without_receipt", "due_today", "partners_down",
        "sure_from", "wrong_of_1000", "misrouted", "bounced", "second_looks", "second_looks_differ",
        "requests_due", "requests_overdue", "not_checked",
        "overdue", "at_risk_unacknowledged_since", "clock_doubted",
    }  # fmt: skip
    assert run("stats", "--data", data).out.startswith("cases: none\ndesk: none\nreferrals: none\n")


def test_figures_in_words() -> None:
    found = {
        "cases": {"desk": 2, "closed": 1}, "desk": {"look": 2}, "referrals": {}, "at_risk": 1, "oldest_on_desk": None,
        "without_receipt": 0, "due_today": 3, "overdue": 1, "partners_down": ["hotline-nl"],
        "sure_from": 0.9, "wrong_of_1000": {"clouds": 0, "relays": 6}, "misrouted": 1, "bounced": 4,
        "second_looks": 5, "second_looks_differ": 2, "not_checked": 4, "requests_due": 2, "requests_overdue": 1,
        "clock_doubted": "It was moved.",
    }  # fmt: skip
    assert _figures(found) == [
        "It was moved.",
        "cases: 1 closed, 2 desk",
        "desk: 2 look",
        "referrals: none",
        "second looks at what was not illegal: 5, differing: 2",
        "at risk now: 1; due today: 3, overdue: 1",
        "without receipt: 0; oldest on the desk: -",
        "went to the wrong country: 1; sent back: 4",
        "checks that nobody had the time for: 4",
        "requests of people about themselves due: 2, overdue: 1",
        "partners down: hotline-nl",
        "countries are taken without a person from 0.90 on; wrong of 1,000: 0 clouds, 6 relays",
    ]
