"""How a hub is reached."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from router.errors import BadInput
from router.partners.base import Tools
from router.partners.iccam.settings import IccamConfig, Mode, certificate, check_is_valid
from router.world.ca import Authority
from schemas.partner import Partner
from tests.partners.iccam.stage import START, Near, settings


def config(**changes: object) -> IccamConfig:
    return IccamConfig.model_validate(settings(**changes))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://hub.test", "https://hub.test/rest/reports"),
        ("https://hub.test/", "https://hub.test/rest/reports"),
        ("https://hub.test:8443/api", "https://hub.test:8443/api/rest/reports"),
        ("https://hub.test:8443/api/v3/", "https://hub.test:8443/api/v3/rest/reports"),
    ],
)
def test_paths_lie_below_the_root_with_or_without_a_slash(url: str, address: str) -> None:
    assert config(url=url).at("rest/reports") == address


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://hub.test/"},
        {"username": ""},
        {"password": "With Blanks"},
        {"push_per_second": 0},
        {"pull_per_second": 51},
        {"token_settle": -1},
        {"surprise": 1},
        {"mode": "both"},
        {"mode": "contents", "gather": "soon"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        config(**changes)


def test_by_default_the_hub_is_called_once_a_second() -> None:
    plain = {name: value for name, value in settings().items() if not name.endswith("_second")}
    made = IccamConfig.model_validate(plain)
    assert (made.push_per_second, made.pull_per_second, made.token_settle) == (1, 1, 2)


def test_a_page_is_fetched_by_the_hub_unless_its_files_are_reported() -> None:
    assert (config().mode, config(mode="contents").mode) == (Mode.PAGES, Mode.CONTENTS)
    assert config(mode="contents", gather="2m").gather == timedelta(minutes=2)


async def test_the_certificate_is_read_in_either_form(at: Near) -> None:
    bundle = certificate(config(), at.tools)
    pair = certificate(config(certificate="iccam.pem", certificate_key="iccam.key"), at.tools)
    assert bundle.fingerprint == pair.fingerprint
    assert bundle.until == pair.until


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate_password": None},
        {"certificate_password": "iccam.password"},
        {"certificate": "iccam.nothing"},
        {"certificate": "iccam.key"},
        {"certificate": "iccam.pem", "certificate_key": "iccam.pem"},
    ],
)
async def test_a_certificate_that_cannot_be_used_is_said_so(at: Near, changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        certificate(config(**changes), at.tools)


async def test_a_certificate_that_has_ended_is_named_with_its_date(at: Near, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    client = Authority(folder).issue_client("us.test", "pw", START)
    tools = Tools(at.tools.egress, at.clock, "us", (), lambda _: "pw", lambda _: client.bundle.read_bytes())
    old = certificate(config(), tools)
    check_is_valid(old, START - timedelta(seconds=1))
    with pytest.raises(BadInput, match=r"29\.11\.2026"):
        check_is_valid(old, START)


def test_the_entry_in_the_operators_guide_can_be_used_as_it_stands() -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs/operating.md").read_text(encoding="utf-8")
    block = guide.partition("## A hub: ICCAM")[2].partition("```toml\n")[2].partition("```")[0]
    entry = tomllib.loads(block.replace("HOST:PORT", "hub.test:8443"))["partners"]
    given = {"name": "iccam", "title": "ICCAM", "kind": "hub", "dialect": "iccam", **entry}
    assert IccamConfig.model_validate(Partner.model_validate(given).config).country == "BE"
