"""The world's names: aliases are followed, what is missing does not exist, and hosts move at run time."""

import pytest

from router.world.story import CHANGES, SITES, Host
from router.world.zone import LONG_CHAIN, Found, Record, Zone, story_zone


@pytest.fixture
def zone() -> Zone:
    return story_zone()


def data(found: Found) -> list[str]:
    return [record.data for record in found.records]


def test_an_address_is_found_by_its_type(zone: Zone) -> None:
    assert data(zone.find("pages.tulip.test", "A")) == ["188.166.40.20"]
    assert zone.find("pages.tulip.test", "AAAA") == Found((), exists=True)


def test_an_alias_is_followed_to_its_addresses(zone: Zone) -> None:
    assert data(zone.find("albums.maple.test", "A")) == ["lb.rockies.test", "35.182.20.20"]
    assert data(zone.find("albums.maple.test", "AAAA")) == ["lb.rockies.test", "2604:a880:cad:d0::10"]


def test_what_nobody_put_there_does_not_exist(zone: Zone) -> None:
    assert zone.find("gone.vanished.test", "A") == Found((), exists=False)


def test_an_alias_to_nowhere_keeps_its_chain(zone: Zone) -> None:
    zone.put(Host("dangling.test", alias="nowhere.test"))
    found = zone.find("dangling.test", "A")
    assert (data(found), found.exists) == (["nowhere.test"], False)


def test_a_ring_of_aliases_ends(zone: Zone) -> None:
    found = zone.find("circle.test", "A")
    assert (data(found), found.exists) == (["circle-b.test", "circle.test"], True)


def test_a_long_chain_is_answered_whole(zone: Zone) -> None:
    found = zone.find("far.test", "A")
    assert len(found.records) == LONG_CHAIN + 1
    assert found.records[-1].data == "188.166.40.22"


def test_a_crowd_has_five_thousand_different_addresses(zone: Zone) -> None:
    both = data(zone.find("crowd.test", "A")) + data(zone.find("crowd.test", "AAAA"))
    assert len(set(both)) == 5000


def test_a_host_moves_and_keeps_its_ttl(zone: Zone) -> None:
    zone.move("drift.mill.test", ("188.166.50.50",))
    assert zone.find("drift.mill.test", "A").records == (Record("drift.mill.test", "A", "188.166.50.50", 300),)


def test_a_host_without_addresses_left_stops_existing(zone: Zone) -> None:
    zone.move("short.dunes.test", ())
    assert not zone.find("short.dunes.test", "A").exists


def test_only_known_hosts_move(zone: Zone) -> None:
    with pytest.raises(KeyError):
        zone.move("unheard-of.test", ("188.166.50.50",))


def test_every_change_of_the_story_can_happen(zone: Zone) -> None:
    for change in CHANGES:
        zone.move(change.host, change.addresses)
        assert zone.find(change.host, "A").exists == bool(change.addresses)


def test_partners_are_in_it(zone: Zone) -> None:
    assert [data(zone.find(site.host, "A")) for site in SITES] == [[site.address] for site in SITES]


def test_any_type_of_record_can_be_added(zone: Zone) -> None:
    zone.add(Record("1.0.120.3.origin.asn.test", "TXT", '"16509 | 3.120.0.0/14 | US | arin | 2016-08-09"'))
    assert "16509" in zone.find("1.0.120.3.origin.asn.test", "TXT").records[0].data


def test_a_host_that_is_put_again_is_replaced(zone: Zone) -> None:
    zone.put(Host("pages.tulip.test", ("188.166.40.99",)))
    assert data(zone.find("pages.tulip.test", "A")) == ["188.166.40.99"]
