from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.test_proposals import own_token, served


def test_a_source_is_added_changed_and_listed(run: Callable[..., Any], data: str) -> None:
    added = run("sources", "add", "spider", "--kind", "crawler", "--daily-cap", "50", "--data", data)
    assert (added.code, added.out.splitlines()[1].split()) == (
        0,
        ["spider", "crawler", "no", "bulk", "no", "50", "a", "day"],
    )
    words = ("--assesses", "--lane", "normal", "--uncapped", "--json", "--data", data)
    changed = run("sources", "change", "spider", *words).json
    assert (changed["assesses"], changed["lane"], changed["daily_cap"]) == (True, "normal", None)
    assert run("sources", "change", "spider", "--assesses-not", "--json", "--data", data).json["assesses"] is False
    listed = run("sources", "list", "--json", "--data", data).json["items"]
    assert [one["name"] for one in listed] == ["analysts", "crawler", "form", "police", "spider"]
    assert run("sources", "list", "--data", data).out.startswith(
        "source    kind     assesses  lane    rings  cap  today  hears\n"
    )


def test_a_new_source_can_have_a_token_and_every_change_is_audited(run: Callable[..., Any], data: str) -> None:
    run("sources", "add", "spider", "--kind", "crawler", "--data", data)
    assert run("tokens", "create", "its", "--source", "spider", "--data", data).code == 0
    before = run("audit", "verify", "--json", "--data", data).json["entries"]
    run("sources", "change", "spider", "--daily-cap", "5", "--data", data)
    after = run("audit", "verify", "--json", "--data", data).json
    assert (after["ok"], after["entries"]) == (True, before + 2)  # that it was verified is an entry too


TAKEN = "There is a source with this name"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "form", "--kind", "public"), TAKEN),
        (("add", "spider", "--kind", "friend"), "kind: "),
        (("add", "spider", "--kind", "crawler", "--daily-cap", "0"), "daily-cap"),
        (("change", "nobody", "--daily-cap", "5"), "There is no such source"),
        (("change", "form"), "Name what is to change"),
    ],
)
def test_a_source_that_cannot_be(run: Callable[..., Any], data: str, words: tuple[str, ...], said: str) -> None:
    done = run("sources", *words, "--data", data)
    assert (done.code, said in done.err) == (2 if said != TAKEN else 3, True)


HOOK = ("--status-url", "https://form.example/status", "--status-secret", "form-status")


def test_where_it_hears_of_its_reports_takes_two_while_somebody_serves(run: Callable[..., Any], data: str) -> None:
    assert run("accounts", "add", "ann", "administrator", "--data", data).code == 0
    ann, boss = (own_token(run, data, name) for name in ("ann", "supervisor"))
    with served(data):
        done = run("sources", "change", "form", *HOOK, "--data", data)
        assert (done.code, "takes two people" in done.err) == (3, True)
        done = run("sources", "change", "form", *HOOK, "--token", ann, "--data", data)
        assert (done.code, "`" in done.out, "sources confirm form" in done.out) == (0, False, True)
        assert "source:form: proposed by person:ann" in run("sources", "list", "--data", data).out
        looked = run("sources", "confirm", "form", "--token", boss, "--data", data)
        assert (looked.code, 'status.url: - -> "https://form.example/status"' in looked.out) == (2, True)
        seen = looked.err.rsplit("--id ", 1)[1].split("`")[0]
        done = run("sources", "confirm", "form", "--id", seen, "--token", boss, "--data", data)
        assert (done.code, "Confirmed; what was proposed is in force." in done.out) == (0, True)
        assert "https://form.example/status" in run("sources", "list", "--data", data).out
        checked = run("doctor", "--data", data).out
        assert "good   status: 1 source hears of its reports" in checked
        done = run("sources", "change", "form", "--no-status-url", "--token", ann, "--json", "--data", data)
        assert (done.code, done.json["status"]) == (0, None)


def test_alone_while_nobody_serves_and_withdrawn(run: Callable[..., Any], data: str) -> None:
    done = run("sources", "change", "form", *HOOK, "--lane", "bulk", "--data", data)
    assert (done.code, "Its status address is in force." in done.out, "bulk" in done.out) == (0, True, True)
    for act in ("withdraw", "confirm", "break-glass"):
        assert run("sources", act, "form", *(("--reason", "x") if act == "break-glass" else ()), "--data", data).code


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (HOOK[:2], "status-secret"),
        (HOOK[2:], "status-url"),
        ((*HOOK, "--no-status-url"), "no-status-url"),
        (("--status-url", "http://form.example/", *HOOK[2:]), "url"),
        ((*HOOK, "--status-network", "8.8.8.0/24"), "networks"),
    ],
)
def test_half_an_address_is_none(run: Callable[..., Any], data: str, words: tuple[str, ...], said: str) -> None:
    done = run("sources", "change", "form", *words, "--data", data)
    assert (done.code, said in done.err) == (2, True)


def test_what_is_wrong_with_it_is_said() -> None:
    from router.cli.doctor import _told
    from router.cli.sources import _heard

    status = {"url": "https://a.test/", "failing": "gone", "waiting": 3, "waiting_since": "today", "given_up": 2}
    assert _heard(status) == "https://a.test/; failing (gone), 3 wait; 2 never heard"
    found = _told([{"name": "form", "status": status}, {"name": "other", "status": None}])
    assert (found["ok"], "form does not take it (gone), 3 wait since today" in found["text"]) == (False, True)
    assert "form never heard 2 in the last week" in found["text"]
