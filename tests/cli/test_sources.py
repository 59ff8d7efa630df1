from collections.abc import Callable
from typing import Any

import pytest


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
        "source    kind     assesses  lane    rings  cap  today\n"
    )


def test_a_new_source_can_have_a_token_and_every_change_is_audited(run: Callable[..., Any], data: str) -> None:
    run("sources", "add", "spider", "--kind", "crawler", "--data", data)
    assert run("tokens", "create", "its", "--source", "spider", "--data", data).code == 0
    before = run("audit", "verify", "--json", "--data", data).json["entries"]
    run("sources", "change", "spider", "--daily-cap", "5", "--data", data)
    after = run("audit", "verify", "--json", "--data", data).json
    assert (after["ok"], after["entries"]) == (True, before + 1)


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
