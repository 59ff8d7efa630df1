"""The files that a newcomer copies from: each does what it says, as it stands."""

import json
import runpy
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from router.cli.submit.verb import read as read_file
from router.data.directory import shipped_directory
from router.hosting.location.url import read
from router.partners.standard_webhooks import signatures
from router.policy.check import prove
from router.policy.load import load
from router.settings import Settings
from router.world.story import HOSTS, START
from schemas.report import ReportGiven

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
#: Hosts that an example names on purpose although the world does not have them.
NOWHERE = {"gone.vanished.test"}


def reports(name: str) -> list[ReportGiven]:
    lines = read_file(str(EXAMPLES / name), as_csv=name.endswith(".csv"))
    return [ReportGiven.model_validate_json(line.text) for line in lines]


@pytest.mark.parametrize("name", ["reports.ndjson", "reports.csv"])
def test_reports_can_be_taken_and_are_about_hosts_of_the_simulated_world(name: str) -> None:
    read_ones = [read(item.location, item.kind) for report in reports(name) for item in report.items]
    hosts = {one.host for one in read_ones if one.no_host is None}
    assert hosts - {host.name for host in HOSTS} <= NOWHERE
    assert all(report.received_at < START for report in reports(name))


def test_the_two_files_share_no_reference() -> None:
    # Under one reference a source sends one report; the second file is to be submitted after the first.
    assert {one.reference for one in reports("reports.ndjson")}.isdisjoint(
        one.reference for one in reports("reports.csv")
    )


def test_every_source_is_one_that_a_fresh_router_knows() -> None:
    import tomllib

    import router.data

    known = tomllib.loads((Path(router.data.__file__).parent / "sources.toml").read_text(encoding="utf-8"))
    given = {report.source for name in ("reports.ndjson", "reports.csv") for report in reports(name)}
    assert given <= set(known)


def test_the_settings_load_with_and_without_what_is_commented_out(tmp_path: Path) -> None:
    text = (EXAMPLES / "router.toml").read_text(encoding="utf-8")
    (tmp_path / "router.toml").write_text(text, encoding="utf-8")
    assert Settings.load(data_dir=tmp_path).name == "child-focus-be"
    wanted = [line for line in text.splitlines() if line.startswith("# ") and (" = " in line or line.startswith("# ["))]
    optional = [line.removeprefix("# ") for line in wanted]
    (tmp_path / "router.toml").write_text(text + "\n" + "\n".join(optional), encoding="utf-8")
    assert Settings.load(data_dir=tmp_path).resolvers == ("192.0.2.53",)


def test_the_policy_is_sound_and_passes_its_own_tests() -> None:
    directory = shipped_directory()
    policy = load((EXAMPLES / "policy.toml").read_text(encoding="utf-8"), directory)
    prove(policy, directory)


def test_the_reports_are_one_json_object_a_line() -> None:
    lines = (EXAMPLES / "reports.ndjson").read_text(encoding="utf-8").splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)


KEY = "whsec_" + b64encode(b"k" * 32).decode()
OTHER = "whsec_" + b64encode(b"o" * 32).decode()
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
BODY = b'{"type":"report.status"}'


def received(**changes: Any) -> dict[str, Any]:
    """What the example of a receiver makes of a webhook that we signed."""
    verified = runpy.run_path(str(EXAMPLES / "status_receiver.py"))["verified"]
    signed = signatures(changes.get("secrets", [KEY]), "id-1", BODY, NOW)
    headers: Mapping[str, str] = {name.title(): value for name, value in signed.items()} | changes.get("headers", {})
    found: dict[str, Any] = verified(KEY, headers, changes.get("body", BODY), changes.get("now", NOW.timestamp()))
    return found


def test_a_receiver_knows_what_we_signed_also_while_a_secret_is_replaced() -> None:
    assert received() == received(secrets=[OTHER, KEY]) == json.loads(BODY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": b'{"type":"report.statuS"}'},
        {"secrets": [OTHER]},
        {"now": NOW.timestamp() + 301},
        {"now": NOW.timestamp() - 301},
        {"headers": {"Webhook-Id": "id-2"}},
        {"headers": {"Webhook-Timestamp": "soon"}},
        {"headers": {"Webhook-Signature": ""}},
    ],
)
def test_a_receiver_believes_nothing_else(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="sign"):
        received(**wrong)
