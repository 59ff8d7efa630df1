import json
import time
import tomllib
from datetime import date
from typing import Any

import pytest

from router.data.directory import MOST_MISTAKES, SHIPPED, mistakes, read_directory, shipped_directory
from router.errors import BadInput
from router.policy.recipients import has_hotline, serving
from schemas.countries import ALPHA2
from schemas.partner import Directory, Partner, PartnerKind
from schemas.vocabulary import Assessment

DIRECTORY = shipped_directory()
PORTALS = [partner for partner in DIRECTORY.partners if partner.name.startswith("iwf-portal")]

GOOD: dict[str, Any] = {
    "partners": [
        {"name": "hotline-nl", "title": "NL", "kind": "hotline", "countries": ["NL"], "default": True},
        {"name": "police", "title": "Police", "kind": "police", "countries": ["BE"]},
    ],
    "territories": {"AW": "NL"},
    "assumed": {"AW": "a separate country"},
}


def refused(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_directory(text)
    assert caught.value.reason == "directory_invalid"
    return [line.strip() for line in caught.value.message.splitlines()[1:]]


def refused_with(**partner: Any) -> list[str]:
    return refused(json.dumps({"partners": [{**GOOD["partners"][0], **partner}]}))


def served(country: str) -> str | None:
    hotline = serving(DIRECTORY, country)
    return hotline.name if hotline else None


# What ships


def test_nobody_is_enabled_and_everybody_says_why() -> None:
    assert not [partner.name for partner in DIRECTORY.partners if partner.enabled or partner.config]
    assert not [partner.name for partner in DIRECTORY.partners if not partner.disabled_reason]


def test_every_row_names_its_source() -> None:
    assert not [partner.name for partner in DIRECTORY.partners if not partner.source]


def test_a_country_has_at_most_one_default_and_it_is_no_doubtful_row() -> None:
    defaults = [partner for partner in DIRECTORY.partners if partner.default]
    countries = [country for partner in defaults for country in partner.countries]
    assert len(countries) == len(set(countries)) >= 50
    assert not [partner.name for partner in defaults if "doubtful" in (partner.disabled_reason or "")]
    assert {partner.kind for partner in defaults} == {PartnerKind.HOTLINE}


def test_public_portals_are_no_partners() -> None:
    assert len(PORTALS) >= 40
    assert not [portal.name for portal in PORTALS if portal.default or portal.inhope]
    assert all("a public form for citizens" in (portal.disabled_reason or "") for portal in PORTALS)
    assert served("UA") == "stopcrime-ua"


@pytest.mark.parametrize(
    ("country", "name"),
    [
        ("NL", "offlimits-nl"),
        ("DE", "eco-de"),
        ("IT", "telefono-azzurro-it"),
        ("HU", "nmhh-hu"),
        ("US", "ncmec-us"),
        ("GB", "iwf-gb"),
        ("CA", "cybertip-ca"),
        ("BE", "child-focus-be"),
        ("PR", "ncmec-us"),
        ("GI", "iwf-gb"),
        ("RE", "point-de-contact-fr"),
        ("CW", "offlimits-nl"),
    ],
)
def test_a_country_is_served_by_its_default(country: str, name: str) -> None:
    assert served(country) == name


@pytest.mark.parametrize("country", ["HK", "MO", "MC", "VA", "AD", "SM", "PS", "EH", "CK", "NU", "QA", "NO", "SJ"])
def test_a_country_without_a_known_hotline_stays_without(country: str) -> None:
    assert served(country) is None


def test_canada_is_a_partner_outside_inhope() -> None:
    canada = DIRECTORY.named("cybertip-ca")
    assert canada is not None
    assert (canada.default, canada.inhope, canada.kind) == (True, False, PartnerKind.HOTLINE)


def test_the_police_that_the_belgian_protocol_names_are_there() -> None:
    police = DIRECTORY.named("federal-police")
    assert police is not None
    assert (police.kind, police.countries, police.enabled) == (PartnerKind.POLICE, ("BE",), False)
    assert set(police.accepts) == {Assessment.BASELINE, Assessment.NATIONAL, Assessment.UNASSESSED}


def test_assumed_territories_say_so() -> None:
    assert {"CW", "GG", "JE", "IM", "NC"} <= set(DIRECTORY.assumed)
    assert not {"PR", "GI", "RE", "AX"} & set(DIRECTORY.assumed)


def test_once_enabled_and_checked_a_hotline_counts() -> None:
    today = date(2026, 11, 22)
    assert not has_hotline(DIRECTORY, "NL", today)
    ready = [
        p.model_copy(update={"enabled": True, "checked_on": today}) if p.name == "offlimits-nl" else p
        for p in DIRECTORY.partners
    ]
    directory = DIRECTORY.model_copy(update={"partners": tuple(ready)})
    assert has_hotline(directory, "NL", today)
    assert has_hotline(directory, "CW", today)
    assert not has_hotline(directory, "DE", today)


def test_what_is_wrong_everywhere_is_told_in_a_page() -> None:
    row = {**GOOD["partners"][0], "countries": sorted(ALPHA2)}
    everywhere = {"partners": [{**row, "name": f"hotline-{number}"} for number in range(1500)]}
    for text in (json.dumps(everywhere), json.dumps({"partners": [{"x" * 5000: 1}] * 200}), "[[partners]]\n" * 9000):
        started = time.process_time()
        found = refused(text)
        assert time.process_time() - started < 5
        assert len(found) <= MOST_MISTAKES
        assert len("".join(found)) < 50_000


def test_the_shipped_file_is_without_mistakes() -> None:
    assert list(mistakes(DIRECTORY)) == []


def test_the_same_directory_reads_as_toml_and_as_json() -> None:
    data = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    assert read_directory(json.dumps(data)) == read_directory(SHIPPED.read_text(encoding="utf-8")) == DIRECTORY


# What an operator writes


def test_a_good_directory_reads_with_its_dates() -> None:
    text = """
[[partners]]
name = "hotline-nl"
title = "Dutch hotline"
kind = "hotline"
countries = ["NL"]
enabled = true
checked_on = 2026-11-01
agreement = { until = 2027-12-31 }
config = { url = "https://nl.hotline.test/" }
"""
    (partner,) = read_directory(text).partners
    assert (partner.checked_on, partner.agreement.until) == (date(2026, 11, 1), date(2027, 12, 31))
    assert partner.config == {"url": "https://nl.hotline.test/"}


def test_what_is_written_can_be_read_back() -> None:
    directory = read_directory(json.dumps(GOOD))
    assert read_directory(directory.model_dump_json()) == directory


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"endpoint": "x"}, "partner hotline-nl: endpoint: unknown key"),
        ({"kind": "friend"}, "partner hotline-nl: kind: this must be 'hotline', 'police', 'provider' or 'hub'"),
        ({"countries": ["UK"]}, "partner hotline-nl: countries.0: this is not an ISO 3166-1 alpha-2 country code"),
        ({"countries": "NL"}, "partner hotline-nl: countries: write a list in [ ]"),
        ({"countries": [], "default": False}, "partner hotline-nl: countries: name at least one country"),
        ({"enabled": "yes"}, "partner hotline-nl: enabled: this must be a valid boolean"),
        ({"checked_on": "soon"}, "partner hotline-nl: checked_on: "),
        ({"name": "Hot Line"}, "partner Hot Line: name: "),
        ({"name": 7}, "partner no. 1: name: "),
        ({"config": "x"}, "partner hotline-nl: config: write a table"),
        (
            {"enabled": True, "disabled_reason": "closed"},
            "partner hotline-nl: disabled_reason: it is enabled and has a disabled_reason",
        ),
        ({"kind": "police"}, "partner hotline-nl: default: only a hotline or a hub can be a country's default"),
        ({"agreement": {"untill": "2027-01-01"}}, "partner hotline-nl: agreement.untill: unknown key"),
    ],
)
def test_a_mistake_is_named_by_partner_and_key(change: dict[str, Any], words: str) -> None:
    (line,) = refused_with(**change)
    assert line.startswith(words)


def test_a_missing_key_is_named() -> None:
    assert refused('[[partners]]\nname = "x"\nkind = "hotline"\n') == ["partner x: title: is missing"]


def test_every_mistake_is_said_at_once() -> None:
    data = {**GOOD, "partners": [*GOOD["partners"], *GOOD["partners"]], "territories": {"AW": "CW", "CW": "NL"}}
    data["assumed"] = {"BQ": "a guess"}
    assert refused(json.dumps(data)) == [
        "partner hotline-nl: name: 2 partners have this name; give each its own",
        "partner police: name: 2 partners have this name; give each its own",
        "NL: hotline-nl, hotline-nl are all its default; keep one",
        "territories.AW: CW is itself a territory; name the country that serves both",
        "assumed.BQ: there is no line for it under territories",
    ]


def test_a_police_body_beside_a_default_is_no_second_default() -> None:
    hotline = Partner(name="h", title="h", kind=PartnerKind.HOTLINE, countries=("NL", "BE"), default=True)
    police = Partner(name="p", title="p", kind=PartnerKind.POLICE, countries=("NL",))
    assert list(mistakes(Directory(partners=(hotline, police)))) == []


@pytest.mark.parametrize("text", ["[[partners", "{", '{"partners": 1', "a = " + "[" * 5000, "\x00"])
def test_what_is_neither_toml_nor_json_is_said(text: str) -> None:
    (line,) = refused(text)
    assert line.startswith("it is neither valid TOML nor valid JSON")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"partners": {}}', "partners: write a list in [ ]"),
        ('{"partners": [7]}', "partner no. 1: "),
        ('{"people": []}', "people: unknown key"),
        ('{"territories": {"UK": "GB"}}', "territories.UK: "),
        ('{"territories": {"GG": "UK"}}', "territories.GG: "),
    ],
)
def test_a_wrong_shape_is_named(text: str, line: str) -> None:
    (said,) = refused(text)
    assert said.startswith(line)


def _peer(name: str, key: str, **config: object) -> Partner:
    pinned = {"url": f"https://{name}.test", "peer": name, "keys": [{"id": key, "public": "A" * 43 + "="}]}
    return Partner(
        name=name, title=name, kind=PartnerKind.HOTLINE, countries=("NL",), enabled=True, config={**pinned, **config}
    )


def test_a_peer_that_signs_under_another_name_is_a_mistake() -> None:
    (found,) = mistakes(Directory(partners=(_peer("one", "one-1", peer="another"),)))
    assert (found.field, found.code) == ("config.peer", "peer_name")


def test_two_peers_with_one_key_id_are_a_mistake() -> None:
    (found,) = mistakes(Directory(partners=(_peer("one", "same-key"), _peer("two", "same-key"))))
    assert "same-key" in str(found)
    assert not list(mistakes(Directory(partners=(_peer("one", "one-1"), _peer("two", "two-1")))))
