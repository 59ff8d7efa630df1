from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.cli.doctor import _partners, ages
from router.data import SetStatus
from router.guard import process
from router.partners.keys import PeerKey, Signer


def test_the_doctor_says_what_is_wrong_and_what_to_do(run: Callable[..., Any], data: str) -> None:
    done = run("doctor", "--data", data)
    assert done.code == 1
    # The shipped data are old one day, which is another line.
    lines = [one.removeprefix("WRONG").strip() for one in done.out.splitlines() if one.startswith("WRONG")]
    wrong = {check: text for check, _, text in (line.partition(": ") for line in lines) if check != "data sets"}
    assert "no partner is enabled" in wrong["partners"]
    assert "partners import" in wrong["partners"]
    assert "alarm set FILE" in wrong["alarm"]
    assert "audit_receiver" in wrong["audit anchor"]


def test_the_doctor_shows_the_key_that_peers_pin(run: Callable[..., Any], data: str) -> None:
    found = {one["check"]: one for one in run("doctor", "--json", "--data", data).json["checks"]}
    key = found["identity"]["key"]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex((Path(data) / "identity.key").read_text()))
    assert PeerKey(**key) == PeerKey(id="child-focus-be-1", public=Signer(key["id"], private).public)
    line = f"good   identity: peers pin key child-focus-be-1 = {key['public']}"
    assert line in run("doctor", "--data", data).out.splitlines()


def test_the_doctor_looks_even_when_nothing_opens(run: Callable[..., Any], data: str) -> None:
    (Path(data) / "master.key").chmod(0o644)
    done = run("doctor", "--json", "--data", data)
    assert done.code == 1
    assert any("chmod 600" in one["text"] for one in done.json["checks"])


@pytest.mark.parametrize(
    ("partners", "ok", "said"),
    [
        ([{"name": "a", "enabled": False}], False, "no partner is enabled"),
        ([{"name": "a", "enabled": True}], False, "never reached: a"),
        ([{"name": "a", "enabled": True, "checked_on": "2026-11-22"}], True, "1 enabled"),
    ],
)
def test_what_the_doctor_says_of_partners(partners: list[dict[str, Any]], *, ok: bool, said: str) -> None:
    found = _partners(partners)
    assert found["ok"] is ok
    assert said in found["text"]


def test_the_doctor_says_which_limits_are_too_tight(
    run: Callable[..., Any], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "good   limits: enough files" in run("doctor", "--data", data).out
    monkeypatch.setattr(process.resource, "getrlimit", lambda _: (300, 300))
    (said,) = [one for one in run("doctor", "--data", data).out.splitlines() if "limits" in one]
    assert said.startswith("WRONG  limits: open files: 300, should be 1024 (`ulimit -n`); ")


def aged(name: str, age: int, limit: int = 200) -> SetStatus:
    return SetStatus(name, name, "2026-06-01", age, limit, "CC0-1.0", "")


@pytest.mark.parametrize(
    ("sets", "ok", "said"),
    [
        ([aged("geolocation", 100)], True, "present and fresh"),
        ([aged("geolocation", 181), aged("ranges", 3)], True, "from 2026-12-19 on too old: geolocation; "),
        (
            [aged("geolocation", 200), aged("delegation", 190)],
            True,
            "from 2026-11-30 on too old: geolocation, delegation; ",
        ),
        (
            [aged("geolocation", 201), aged("ranges", 190)],
            False,
            "older than their limit: geolocation; run `data refresh`",
        ),
    ],
)
def test_sets_do_not_go_stale_in_silence(sets: list[SetStatus], *, ok: bool, said: str) -> None:
    found = ages(sets, date(2026, 11, 29))
    assert found["ok"] is ok
    assert found["text"].startswith(said)
