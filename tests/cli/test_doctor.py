import errno
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.app import build
from router.app_tracer import SECOND
from router.backup.trial import Trial
from router.cli.doctor import _partners, _policy, _probes, ages, judged_clock
from router.cli.output import finish
from router.clock import micros
from router.data import SetStatus
from router.data.policies import default_policy
from router.errors import StoreUnavailable
from router.guard import process
from router.guard.master import open_keyring
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.second import Edition, Second
from router.partners.keys import PeerKey, Signer
from router.settings import Settings
from router.store.writer import Writer
from tests.cli.test_data import held_back
from tests.data.conftest import country_database


@pytest.fixture(autouse=True)
def resolver(name_server: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Our resolver on loopback, where only `web.test` exists."""
    server = f"127.0.0.1:{name_server}"
    monkeypatch.setenv("ROUTER_RESOLVERS", f'["{server}"]')
    monkeypatch.setenv("ROUTER_RESOLVER_CHECK_PRESENT", '["web.test"]')
    return server


def test_the_doctor_asks_each_resolver_whether_it_tells_the_truth(
    run: Callable[..., Any], data: str, resolver: str
) -> None:
    assert f"good   resolvers: {resolver} tells the truth" in run("doctor", "--data", data).out.splitlines()


def test_one_that_lies_is_named_and_closes_no_case_until_it_is_found_not_to(
    run: Callable[..., Any], data: str, resolver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROUTER_RESOLVER_CHECK_PRESENT", '["web.test", "blocked.test"]')
    (said,) = [one for one in run("doctor", "--data", data).out.splitlines() if "resolvers" in one]
    assert said.startswith(f"WRONG  resolvers: {resolver} says that blocked.test, which exists, has no public address")
    assert "no case closes or moves" in said
    assert finish(_lying(data)) == (resolver,)
    monkeypatch.setenv("ROUTER_RESOLVER_CHECK_PRESENT", '["web.test"]')
    run("doctor", "--data", data)
    assert finish(_lying(data)) == ()


async def _lying(data: str) -> tuple[str, ...]:
    """Who a worker on this data directory holds for a liar."""
    async with build(Settings.load(data_dir=Path(data))) as router:
        return router.ctx.lying_resolvers()


def test_where_nobody_outside_is_asked_only_names_of_our_own_are(
    run: Callable[..., Any], data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROUTER_RESOLVER_CHECK_PRESENT")
    written = re.sub(r"^online = .*$", 'online = "never"', default_policy("BE"), flags=re.MULTILINE)
    (tmp_path / "never.toml").write_text(written)
    assert run("policy", "publish", str(tmp_path / "never.toml"), "--data", data).code == 0
    (said,) = [one for one in run("doctor", "--data", data).out.splitlines() if "resolvers" in one]
    assert said.startswith('good   resolvers: not asked, as the policy says online = "never"')


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


def test_the_doctor_counts_again(run: Callable[..., Any], data: str) -> None:
    assert "good   figures: every count is what counting again finds; " in run("doctor", "--data", data).out


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


@pytest.mark.parametrize(
    ("ahead", "partners", "ok", "said"),
    [
        (None, {}, True, "no partner has said its time yet; `partners check` asks"),
        (None, {"hotline-nl": -1}, True, "the database is on this machine"),
        (0.2, {"hotline-nl": 2}, True, "0 seconds ahead of the database's"),
        (-181.0, {}, False, "181 seconds behind the database's; set it by a time server"),
        (None, {"hotline-nl": 180}, False, "hotline-nl's is 180 seconds ahead of ours"),
        (None, {"hotline-nl": 180, "hotline-ca": 179}, False, "ours is the wrong one"),
        (None, {"hotline-nl": 180, "hotline-ca": 0}, False, "ask them too"),
    ],
)
def test_the_doctor_compares_clocks(ahead: float | None, partners: dict[str, int], *, ok: bool, said: str) -> None:
    found = judged_clock(ahead, partners)
    assert found["ok"] is ok
    assert said in found["text"]


def test_the_doctor_looks_at_the_clock_and_at_the_public_address(
    run: Callable[..., Any], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = run("doctor", "--data", data).out.splitlines()
    assert any(line.startswith("good   clock: the database is on this machine") for line in out)
    assert "good   public_url: not set, and not needed: no peer is enabled" in out
    monkeypatch.setenv("ROUTER_PUBLIC_URL", "http://router.test")
    assert any(
        line.startswith("WRONG  public_url: not https") for line in run("doctor", "--data", data).out.splitlines()
    )


def test_a_peer_without_a_public_address_of_ours_is_a_finding(
    run: Callable[..., Any], data: str, tmp_path: Path
) -> None:
    key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    (tmp_path / "peer.toml").write_text(
        f"""[[partners]]
name = "hotline-nl"
title = "Offlimits"
kind = "hotline"
countries = ["NL"]
dialect = "router"
enabled = true
[partners.config]
url = "https://nl.test"
peer = "hotline-nl"
keys = [{{ id = "hotline-nl-1", public = "{key}" }}]
"""
    )
    assert run("partners", "add", str(tmp_path / "peer.toml"), "--data", data).code == 0
    out = run("doctor", "--data", data).out.splitlines()
    assert any(line.startswith("WRONG  public_url: missing, so peers can bring us nothing") for line in out)


@pytest.mark.parametrize(
    ("database", "mode", "ok"),
    [
        ("postgresql://u:s3cret@127.0.0.1:9/d", 0o644, False),
        ("postgresql://u:s3cret@127.0.0.1:9/d", 0o600, True),
        ("postgresql://u@127.0.0.1:9/d", 0o644, True),
    ],
)
def test_a_password_among_settings_that_others_read_is_a_finding(
    run: Callable[..., Any], data: str, database: str, mode: int, *, ok: bool
) -> None:
    file = Path(data) / "router.toml"
    file.write_text(f'database = "{database}"\n')
    file.chmod(mode)
    found = {one["check"]: one for one in run("doctor", "--json", "--data", data).json["checks"]}
    assert found["settings"]["ok"] is ok
    assert ok or "chmod 600" in found["settings"]["text"]
    assert "s3cret" not in str(found)


def test_the_doctor_asks_whether_a_report_would_be_taken(
    run: Callable[..., Any], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "good   store: takes reports" in run("doctor", "--data", data).out.splitlines()

    async def full(_: Any) -> None:
        raise StoreUnavailable("The disk is full; free some space.", reason="disk_full")

    monkeypatch.setattr(Writer, "ready", full)
    assert "WRONG  store: The disk is full; free some space." in run("doctor", "--data", data).out.splitlines()


def test_data_that_wait_for_a_person_are_wrong_until_somebody_looked(run: Callable[..., Any], data: str) -> None:
    held_back(Path(data))
    (said,) = [line for line in run("doctor", "--data", data).out.splitlines() if "data sets" in line.split(":")[0]]
    assert said.startswith("WRONG  data sets: New data sets of 2026-12-01 wait for a person: ")
    assert "AS64500 Example from NL to DE (35 hosts)" in said
    assert "`data accept --id " in said


@pytest.mark.parametrize(
    ("day", "said"), [("2025-12-03", "was measured"), ("2025-12-02", "changes nothing"), (None, "changes nothing")]
)
def test_whether_a_second_geolocator_is_heard(
    run: Callable[..., Any], data: str, monkeypatch: pytest.MonkeyPatch, day: str | None, said: str
) -> None:
    folder = Path(data)
    country_database(folder / "own.mmdb", {"5.0.0.0/16": "NL"}, kind="GeoLite2-Country", epoch=1_764_720_000)
    monkeypatch.setenv("ROUTER_MAXMIND", str(folder / "own.mmdb"))
    if day is not None:
        second = Second(Edition("GeoLite2-Country", day), Calibration({}), Calibration({}))
        (folder / SECOND).write_text(second.written(), encoding="utf-8")
    (told,) = [line for line in run("doctor", "--data", data).out.splitlines() if "second geolocator" in line]
    assert told.startswith("good   second geolocator: GeoLite2-Country of 2025-12-03")
    assert said in told


def test_the_doctor_goes_on_where_the_disk_takes_nothing(
    run: Callable[..., Any], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could not note what it had found of the resolvers, and so said nothing at all."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("router.hosting.dns.honesty.Liars.keep", full)
    done = run("doctor", "--data", data)
    lines = done.out.splitlines()
    assert (done.code, done.err) == (1, "")
    assert "good   store: takes reports" in lines
    assert "WRONG  disk: The disk is full; free some space and run it again." in lines


@pytest.mark.parametrize(
    ("line", "ok", "said"),
    [
        ("", True, "reported hosts are not asked"),
        ('probe_from = ["127.0.0.9"]', True, "each reported host is asked once a day at most, from 127.0.0.9"),
        ('probe_from = ["192.88.99.1"]', False, "no address of this machine is 192.88.99.1"),
    ],
)
def test_the_doctor_says_whether_reported_hosts_are_asked(tmp_path: Path, line: str, *, ok: bool, said: str) -> None:
    (tmp_path / "router.toml").write_text(line)
    found = _probes(tmp_path)
    assert (found["check"], found["ok"]) == ("probes", ok)
    assert said in found["text"]


def test_how_old_the_newest_copy_is_that_somebody_put_back(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    def said() -> dict[str, Any]:
        checks = run("doctor", "--data", data, "--json").json["checks"]
        return next(one for one in checks if one["check"] == "restored copy")

    assert (said()["ok"], "audit_receiver" in said()["text"]) == (False, True)
    receiver = tmp_path / "receiver"
    receiver.mkdir()
    with (Path(data) / "router.toml").open("a") as file:
        file.write(f'audit_receiver = "{receiver}"\n')
    assert run("backup", str(tmp_path / "b"), "--data", data).code == 0
    assert (said()["ok"], "ever put back" in said()["text"]) == (False, True), "a backup alone is none"
    ledger = receiver / "child-focus-be.ledger"
    done = run("restore", str(tmp_path / "b"), "--data", str(tmp_path / "new"), "--ledger", str(ledger))
    assert "child-focus-be.restored" in done.out
    assert (said()["ok"], "is 0 days old" in said()["text"]) == (True, True)
    old = micros(datetime.now(UTC)) - 40 * 86_400_000_000
    Trial("b-1", old, old).write(ledger.with_suffix(".restored"), open_keyring(Path(data) / "master.key"))
    assert (said()["ok"], "is 40 days old" in said()["text"]) == (False, True)


def test_a_rule_for_a_host_that_nobody_knows_any_more_is_named_with_what_to_do() -> None:
    assert _policy(3, []) == {"check": "policy", "ok": True, "text": "version 3 is in force"}
    found = _policy(3, ["always-host-1"])
    assert (found["ok"], "always-host-1" in found["text"], "policy draft" in found["text"]) == (False, True, True)
