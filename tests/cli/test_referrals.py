import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli import referrals
from router.cli.client.api import ApiAnswer, ApiClient
from schemas.reply_code import code_of

pytestmark = pytest.mark.usefixtures("in_person")
UNKNOWN = "01999999-0000-7000-8000-000000000000"
AFTER = {"id": "r-1", "partner": "hotline-nl", "state": "held"}


class Caller:
    """Answers every act, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
        self.asked.append((method, path, json.loads(body) if body else None))
        return ApiAnswer(200, json.dumps(AFTER).encode())


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Caller:
    made = Caller()

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(made)

    monkeypatch.setattr(referrals, "open_client", opened)
    return made


@pytest.mark.parametrize(
    ("words", "act", "given"),
    [
        (("hold",), "hold", {}),
        (("hold", "--until", "2026-11-23 09:00:00"), "hold", {"until": "2026-11-23T09:00:00Z"}),
        (("release", "--version", "3"), "release", {"version": 3}),
        (("override", "--country", "NL"), "override", {"country": "NL"}),
        (("override", "--partner", "hotline-nl"), "override", {"partner": "hotline-nl"}),
        (("retry",), "retry", {}),
        (("recall",), "recall", {}),
    ],
)
def test_each_act_is_one_request(
    run: Callable[..., Any], caller: Caller, words: tuple[str, ...], act: str, given: dict[str, Any]
) -> None:
    verb, *rest = words
    done = run("referrals", verb, UNKNOWN, "--reason", "said so", *rest)
    assert done.code == 0
    assert caller.asked == [("POST", f"/v1/referrals/{UNKNOWN}/{act}", {"reason": "said so", **given})]
    assert done.out == "referral r-1 to hotline-nl: held\n"


def test_the_answer_as_json(run: Callable[..., Any], caller: Caller) -> None:
    assert run("referrals", "recall", UNKNOWN, "--reason", "x", "--json").json == AFTER


@pytest.mark.parametrize("verb", ["hold", "release", "override", "retry", "recall"])
def test_an_act_without_a_reason_or_a_referral_is_refused(run: Callable[..., Any], data: str, verb: str) -> None:
    done = run("referrals", verb, UNKNOWN, "--data", data)
    assert done.code == 2
    assert done.err == "reason: this must not be empty\n"
    done = run("referrals", verb, UNKNOWN, "--reason", "x", "--data", data)
    assert done.code == 2
    assert done.err == "There is no referral with this id; check it.\n"


def test_no_referrals_is_an_answer(run: Callable[..., Any], data: str) -> None:
    assert run("referrals", "list", "--data", data).out == "None.\n"
    assert run("referrals", "list", "--state", "waiting", "--json", "--data", data).json == {
        "items": [], "total": 0, "more": False, "next": None,
    }  # fmt: skip


def test_stop_and_go_on(run: Callable[..., Any], data: str) -> None:
    assert run("stop", "--list", "--data", data).out == "Nothing is halted.\n"
    done = run("stop", "--reason", "a drill", "--data", data)
    assert done.code == 0
    assert "halted: all since " in done.out
    assert done.out.endswith(": a drill\n")
    assert run("stop", "--reason", "again", "--data", data).code == 3
    assert run("stop", "all", "--lift", "--reason", "over", "--json", "--data", data).json["items"] == []


@pytest.mark.parametrize("scope", ["everything", "partner:nobody", "route:none", "partner:"])
def test_only_what_exists_is_stopped(run: Callable[..., Any], data: str, scope: str) -> None:
    done = run("stop", scope, "--reason", "x", "--data", data)
    assert done.code == 2
    assert "scope" in done.err


ONE, TWO, THREE = (f"0190f7a1-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))


def a_referral(name: str, bundle: str, receipt: str | None) -> dict[str, Any]:
    state = "waiting" if receipt is None else "accepted"
    return {"id": name, "bundle": bundle, "partner": "federal-police", "state": state, "receipt": receipt}


@pytest.fixture
def _bundles_served(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [a_referral(ONE, ONE, "FP/1"), a_referral(TWO, ONE, None), a_referral(THREE, THREE, "FP/2")]

    class Bundles:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            assert "bundled=true" in path, path
            return ApiAnswer(200, json.dumps({"items": items, "total": 3, "more": False, "next": None}).encode())

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Bundles())

    monkeypatch.setattr(referrals, "open_client", opened)


@pytest.mark.usefixtures("_bundles_served")
def test_a_bundle_has_its_receipt_when_all_in_it_have(run: Callable[..., Any]) -> None:
    found = run("bundles", "list", "--json").json["items"]
    assert [(one["code"], one["items"], one["receipt"]) for one in found] == [
        (code_of(ONE), 2, None),
        (code_of(THREE), 1, "FP/2"),
    ]
    waiting = run("bundles", "list", "--waiting")
    assert waiting.code == 0
    assert code_of(ONE) in waiting.out
    assert code_of(THREE) not in waiting.out


LETTER = {
    "partner": "federal-police",
    "at": "2026-11-30T08:00:00Z",
    "is_signed": False,
    "text": "received\nwe will see",
    "cases": ["c-1"],
    "dropped": [{"kind": "image/jpeg", "size": 17, "sha256": "00"}],
    "id": "0190f7a1-0000-7000-8000-00000000000b",
    "unread": False,
}


@pytest.fixture
def letters_served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []

    class Served:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            if method == "POST":
                (read,) = [one for one in items if path == f"/v1/letters/{one['id']}/read"]
                read["unread"] = False
                return ApiAnswer(204, b"")
            assert path == "/v1/letters"
            return ApiAnswer(200, json.dumps({"items": items}).encode())

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Served())

    monkeypatch.setattr(referrals, "open_client", opened)
    return items


def test_a_letter_is_read_at_the_terminal(run: Callable[..., Any], letters_served: list[dict[str, Any]]) -> None:
    assert run("bundles", "letters", "--token", "rr_x").out == "None.\n"
    letters_served += [LETTER, LETTER | {"is_signed": True, "cases": [], "dropped": []}]
    first, *rest = run("bundles", "letters", "--token", "rr_x").out.splitlines()
    assert first == "2026-11-30T08:00:00Z federal-police, not signed: ask them if you doubt it; cases: c-1"
    assert rest[:3] == ["    received", "    we will see", "    (not read, and not kept: image/jpeg, 17 bytes)"]
    assert rest[3].endswith("signed by their key; cases: none that it names")
    assert run("bundles", "letters", "--json", "--token", "rr_x").json["items"] == letters_served


def test_one_that_names_no_case_says_how_it_is_said_that_it_was_read(
    run: Callable[..., Any], letters_served: list[dict[str, Any]]
) -> None:
    letters_served.append(LETTER | {"cases": [], "dropped": [], "unread": True})
    said = run("bundles", "letters", "--token", "rr_x").out
    assert f"bundles letter-read {LETTER['id']}" in said
    assert "Nobody is told" in run("bundles", "letter-read", LETTER["id"], "--token", "rr_x").out
    assert "letter-read" not in run("bundles", "letters", "--token", "rr_x").out
