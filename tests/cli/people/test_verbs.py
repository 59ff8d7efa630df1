from collections.abc import Callable
from typing import Any


def test_a_mandate_comes_and_goes(run: Callable[..., Any], data: str) -> None:
    run("accounts", "add", "ann", "analyst", "--data", data)
    given = run("accounts", "mandate", "ann", "--until", "2999-01-01", "--data", data)
    assert given.code == 2, "within two years"
    from datetime import UTC, datetime, timedelta

    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    made = run("accounts", "mandate", "ann", "--until", until, "--json", "--data", data).json
    assert (made["account"], made["in_force"]) == ("ann", True)
    assert "ann" in run("accounts", "mandates", "--data", data).out
    assert run("accounts", "end-mandate", made["id"], "--data", data).code == 0
    assert run("accounts", "mandates", "--json", "--data", data).json["items"][0]["in_force"] is False


def test_who_closed_an_account_does_not_tick_it_off(run: Callable[..., Any], data: str) -> None:
    run("accounts", "add", "ann", "analyst", "--data", data)
    assert run("accounts", "left", "--json", "--data", data).json["items"] == []
    run("accounts", "close", "ann", "--data", data)
    listed = run("accounts", "left", "--json", "--data", data).json["items"]
    assert [one["account"] for one in listed] == ["ann"] * 3
    assert run("accounts", "tick-off", listed[0]["id"], "--data", data).code == 3
    token = run("tokens", "create", "t", "--account", "supervisor", "--json", "--data", data).json["token"]
    assert run("accounts", "tick-off", listed[0]["id"], "--data", data, "--token", token).code == 0
    assert run("accounts", "left", "--json", "--data", data).json["items"][0]["done_by"].startswith("person:supervisor")


def test_how_much_people_looked_is_not_the_machines_to_read(run: Callable[..., Any], data: str) -> None:
    assert run("accounts", "exposure", "--data", data).code == 3
    token = run("tokens", "create", "t", "--account", "supervisor", "--json", "--data", data).json["token"]
    assert run("accounts", "exposure", "--data", data, "--token", token).code == 3
    mine = run("accounts", "exposure", "--mine", "--json", "--data", data, "--token", token)
    assert (mine.code, mine.json) == (0, {"items": []})
