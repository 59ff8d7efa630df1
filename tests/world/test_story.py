"""The story holds together: its reports exist, its hosts are located by the shipped data as it says."""

import json
from collections import Counter
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import maxminddb
import pytest

from router.hosting.location.url import read
from router.world.story import CANADA, CHANGES, HOME, HOSTS, HUB, REPLIES, SITES, START, TALES, Site, Tale
from schemas.report import ReportGiven
from schemas.vocabulary import ActionType, Outcome

ROOT = Path(__file__).resolve().parents[2]
LOCATED = {host.name: host for host in HOSTS}


def reports() -> dict[str, ReportGiven]:
    lines = (ROOT / "examples/reports.ndjson").read_text(encoding="utf-8").splitlines()
    read_lines = [ReportGiven.model_validate_json(line) for line in lines]
    return {report.reference: report for report in read_lines}


def countries(name: str, addresses: tuple[str, ...] = ()) -> set[object]:
    """What the geolocation shipped with the product says of a host."""
    host = LOCATED.get(name)
    if host is not None and host.alias:
        return countries(host.alias)
    with maxminddb.open_database(ROOT / "router/data/sets/geolocation.mmdb") as data:
        return {data.get(address) for address in addresses or (host.addresses if host else ())}


def test_every_report_has_its_tale_and_every_tale_its_report() -> None:
    assert list(reports()) == [tale.reference for tale in TALES]


def test_the_example_is_the_file_that_the_demo_reads() -> None:
    # One is found by people, the other by an installed package.
    assert (ROOT / "examples/reports.ndjson").read_bytes() == (ROOT / "router/world/reports.ndjson").read_bytes()


def test_no_reference_comes_twice() -> None:
    lines = (ROOT / "examples/reports.ndjson").read_text(encoding="utf-8").splitlines()
    assert max(Counter(json.loads(line)["reference"] for line in lines).values()) == 1


def test_all_reports_came_in_before_the_story_begins() -> None:
    assert all(report.received_at < START for report in reports().values())


@pytest.mark.parametrize("tale", [tale for tale in TALES if tale.country], ids=lambda tale: tale.about)
def test_the_shipped_data_locate_the_hosts_where_the_story_says(tale: Tale) -> None:
    item = reports()[tale.reference].items[0]
    host = read(item.location, item.kind).host
    assert host is not None
    assert countries(host) == {tale.country}


def test_a_move_leads_to_the_country_of_the_partner_it_goes_to_later() -> None:
    (change,) = [change for change in CHANGES if change.addresses]
    (tale,) = [tale for tale in TALES if tale.later]
    assert read(reports()[tale.reference].items[0].location).host == change.host
    assert (countries(change.host), countries(change.host, change.addresses)) == ({"CA"}, {"NL"})
    assert (tale.partners, tale.later) == ((CANADA,), (HUB,))


def test_only_hosts_of_the_story_change() -> None:
    assert {change.host for change in CHANGES} <= set(LOCATED)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.partner)
def test_partners_answer_at_public_addresses_of_their_country(site: Site) -> None:
    assert ip_address(site.address).is_global
    assert countries(site.host, (site.address,)) == {site.country}


def test_a_partner_only_replies_to_what_it_holds() -> None:
    holders = {tale.reference: tale.partners for tale in TALES}
    assert [reply for reply in REPLIES if reply.partner not in holders[reply.reference]] == []


def test_what_a_partner_removed_is_closed_and_what_it_found_not_illegal_is_for_our_own_people() -> None:
    outcomes = {tale.reference: tale.outcome for tale in TALES}
    wanted = {ActionType.REMOVED: Outcome.REMOVED, ActionType.NOT_ILLEGAL: None}
    ended = [reply for reply in REPLIES if reply.to is None]
    assert all(outcomes[reply.reference] == wanted[reply.action] for reply in ended)
    moved = {(reply.reference, reply.item): reply.day for reply in REPLIES if reply.to}
    assert all(any(one.day > day for one in ended if (one.reference, one.item) == key) for key, day in moved.items())


def test_the_hosts_of_all_items_are_of_the_country_of_their_tale() -> None:
    several = {
        tale.country: reports()[tale.reference].items for tale in TALES if len(reports()[tale.reference].items) > 1
    }
    assert {len(items) for items in several.values()} == {4}
    for country, items in several.items():
        assert all(countries(read(one.location).host or "") == {country} for one in items)


def test_nothing_is_sent_back_to_ourselves() -> None:
    assert [tale.reference for tale in TALES if HOME in (*tale.partners, *tale.later)] == []


def test_names_stay_inside_the_reserved_domain() -> None:
    names = [*(host.name for host in HOSTS), *(site.host for site in SITES)]
    assert [name for name in names if not name.endswith(".test")] == []


def test_the_story_begins_on_a_monday_with_an_offset() -> None:
    assert START.utcoffset() is not None
    assert datetime.weekday(START) == 0
