"""A form says an entry as it is: filled in and sent back unchanged, nothing of it changes."""

import json
from typing import Any

import pytest

from router.console.partners.fields import ENTRY, Field, Kind, beside, filled, of_dialect, shown, unreadable
from router.data.directory import read_directory, shipped_directory
from router.partners import DIALECTS
from router.partners.base import Tools
from schemas.mistake import Mistake
from schemas.partner import Partner

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = {"id": "nl-2026", "public": "A" * 43 + "=", "not_after": "2027-01-01T00:00:00Z"}
CONFIGS: dict[str, dict[str, Any]] = {
    "webhook": {
        "url": "https://p.example/hook", "secrets": ["nl"], "template": {"id": "$referral_id"},
        "receipt_header": "X-Id",
    },
    "router": {"url": "https://p.example", "peer": "nl", "keys": [KEY]},
    "iccam": {
        "url": "https://hub.example/api", "country": "BE", "username": "us", "password": "hub.password",
        "certificate": "hub.p12", "intake": True, "mode": "contents", "gather": "5m", "push_per_second": 0.5,
    },
    "dropbox": {
        "ways": [{"folder": "/srv/unit"}], "certificate": PEM, "signing": "police", "language": "fr",
        "daily_at": "05:00",
    },
}  # fmt: skip


def dialect(name: str) -> Any:
    nothing: Any = None
    return DIALECTS[name](Tools(egress=nothing, clock=nothing, me="hotline-be"))


def fields(name: str) -> tuple[Field, ...]:
    return (*ENTRY, *of_dialect(dialect(name)))


def whole(name: str) -> Partner:
    given = {
        "name": "nl", "title": "NL", "kind": "hotline", "countries": ["NL", "DE"], "inhope": True, "dialect": name,
        "config": CONFIGS[name], "enabled": True, "accepts": ["baseline", "national"], "fields": ["location", "note"],
        "agreement": {"until": "2027-12-31", "transfer_basis": "the agreement"}, "networks": ["10.20.0.0/16"],
        "pace": {"per_second": 0.5, "burst": 3, "daily_cap": 9, "closed": [{"start": "23:30", "end": "01:00"}]},
    }  # fmt: skip
    (partner,) = read_directory(json.dumps({"partners": [given]})).partners
    return partner


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_what_is_sent_back_unchanged_changes_nothing(name: str) -> None:
    partner = whole(name)
    typed = shown(partner, fields(name))
    given = filled(partner.model_dump(mode="json"), typed, fields(name))
    (back,) = read_directory(json.dumps({"partners": [given]})).partners
    assert back == partner


def test_every_partner_that_ships_is_said_by_its_form() -> None:
    for one in shipped_directory().partners:
        some = fields(one.dialect) if one.dialect in DIALECTS else ENTRY
        given = filled(one.model_dump(mode="json"), shown(one, some), some)
        (back,) = read_directory(json.dumps({"partners": [given]})).partners
        assert back == one


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_every_setting_has_its_field_and_no_secret_is_shown(name: str) -> None:
    assert {one.path for one in of_dialect(dialect(name))} == {
        f"config.{one}" for one in DIALECTS[name].Config.model_fields
    }
    secret = [one.path for one in fields(name) if one.kind in (Kind.SECRET, Kind.SECRETS)]
    assert shown(whole(name), fields(name)).keys().isdisjoint(secret)


def test_every_field_of_an_entry_has_its_place() -> None:
    said = {one.path.partition(".")[0] for one in ENTRY} | {"name", "dialect", "config"}
    assert said == set(Partner.model_fields) - {"checked_on"}


def test_what_is_emptied_is_gone_and_a_secret_stays() -> None:
    partner = whole("webhook")
    given = filled(partner.model_dump(mode="json"), {"title": "NL"}, fields("webhook"))
    assert given["config"] == {"secrets": ["nl"]}
    assert (given["agreement"], given["enabled"], given["accepts"]) == ({}, False, [])
    replaced = filled(given, {"config.secrets": "new, old"}, fields("webhook"))
    assert replaced["config"]["secrets"] == ["new", "old"]


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("pace.burst", "x", "x"),
        ("pace.per_second", "0,5", 0.5),
        ("pace.closed", "02:00-03:30, 12:00", [{"start": "02:00", "end": "03:30"}, {"start": "12:00"}]),
        ("countries", " nl;DE\nFR ", ["nl", "DE", "FR"]),
    ],
)
def test_what_is_typed_goes_on_as_it_is(path: str, text: str, value: Any) -> None:
    made: Any = filled({}, {path: text}, ENTRY)
    for part in path.split("."):
        made = made[part]
    assert made == value


def test_json_that_is_none_is_said_beside_its_field() -> None:
    (found,) = unreadable("partner nl", {"config.template": "{"}, fields("webhook"))
    assert (found.field, found.code) == ("config.template", "json_invalid")
    assert list(unreadable("partner nl", {"config.template": "{}"}, fields("webhook"))) == []


def test_a_mistake_stands_beside_the_field_that_it_is_in() -> None:
    ours, deep = Mistake("partner nl", "pace.burst", "x"), Mistake("partner nl", "config.keys.0.public", "x")
    other, unknown = Mistake("partner de", "pace.burst", "x"), Mistake("partner nl", "paces", "x")
    found = beside([ours, deep, other, unknown], "partner nl", fields("router"))
    assert found == {"pace.burst": [ours], "config.keys": [deep], "": [other, unknown]}
