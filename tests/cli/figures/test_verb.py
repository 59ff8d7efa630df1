from collections.abc import Callable
from typing import Any

import pytest

DAYS = ("--from", "2025-01-01", "--to", "2025-12-31")


@pytest.mark.parametrize("audience", ["inhope", "platform", "dsa", "public", "internal"])
def test_days_without_anything_are_an_answer(run: Callable[..., Any], data: str, audience: str) -> None:
    done = run("figures", *DAYS, "--for", audience, "--definitions", "v1", "--against", "2019", "--data", data)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("2025-01-01 to 2025-12-31, beside 2019-01-01 to 2019-12-31\n")
    assert ("No notices yet" in done.out) is (audience == "dsa")
    said = run("figures", *DAYS, "--for", audience, "--json", "--data", data).json
    assert (said["audience"], said["period"]["last"]) == (audience, "2025-12-31")
    assert {one["value"] for one in said["figures"]} == {0}


def test_a_table_for_machines(run: Callable[..., Any], data: str) -> None:
    done = run("figures", *DAYS, "--csv", "--for", "inhope", "--data", data)
    assert "inhope,v1,2025-01-01,2025-12-31,reports,total,all,0,,2024-01-01,2024-12-31,0,," in done.out


def test_an_edition_is_frozen_once_and_another_says_why(run: Callable[..., Any], data: str) -> None:
    words = ("figures", *DAYS, "--for", "public", "--publish", "--data", data)
    assert run(*words).out.startswith("Edition 1, ")
    refused = run(*words)
    assert (refused.code, "say why" in refused.err) == (2, True)
    assert run(*words, "--reason", "counted anew", "--json").json["number"] == 2
    listed = run("figures", "--editions", "--data", data).out
    assert listed.count("2025-01-01/2025-12-31") == 2
    page = run("figures", "--editions", "--limit", "1", "--json", "--data", data).json
    assert ([one["number"] for one in page["items"]], page["total"]) == ([2], 2)
    assert f"1 of 2; --cursor {page['next']}" in run("figures", "--editions", "--limit", "1", "--data", data).out
    last = run("figures", "--editions", "--cursor", page["next"], "--json", "--data", data).json
    assert ([one["number"] for one in last["items"]], last["total"], last["next"]) == ([1], 2, None)


def test_wrong_words_are_wrong_use(run: Callable[..., Any], data: str) -> None:
    for days in ((), ("--from", "2025-01-01"), ("--to", "2025-12-31")):
        refused = run("figures", *days, "--data", data)
        assert (refused.code, "--editions" in refused.err) == (2, True)
    assert run("figures", *DAYS, "--for", "press", "--data", data).code == 2
    assert run("figures", "--from", "yesterday", "--to", "2025-12-31", "--data", data).code == 2
