from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.verdict.network_kind import NOTHING, Signals
from router.hosting.verdict.pattern import Match, Pattern, match, match_registration, unmeasured
from schemas.trace import Basis, Claim, Evidence

PLACES = {"ranges", "geolocation", "assignments", "geofeed", "peer"}
ROUTED = Signals(asn=64500, as_name="Example")
BACKBONE = Signals(asn=64500, backbone=True)
UNLISTED = Signals(asn=64500, publishes="Example Cloud")
SPREAD = Signals(asn=64500, thin=frozenset({"VE"}))
STANDS = Signals(asn=64500, places=frozenset({"US", "NL", "DE"}))
STANDS_IN_TWO = replace(STANDS, places=frozenset({"US", "NL"}))
STANDS_BACKBONE = replace(STANDS, backbone=True)
STANDS_THIN = replace(STANDS, thin=frozenset({"FR"}))


def said(**claims: str) -> list[Evidence]:
    """Evidence from words like `geolocation="NL/24"`: the country, and the length of the prefix it is said of."""
    return [claim(source, *words.split("/")) for source, words in claims.items()]


def claim(source: str, country: str, length: str = "24") -> Evidence:
    basis = Basis.LOCATION if source in PLACES else Basis.REGISTRATION
    return Evidence(source=source, claim=Claim(basis=basis, country=country), prefix=f"192.0.2.0/{length}")


def answer(pattern: Pattern, country: str | None) -> Match:
    return Match(pattern, country)


@pytest.mark.parametrize(
    ("claims", "signals", "pattern", "country"),
    [
        # A published range, confirmed, alone, outvoted.
        ({"ranges": "DE", "geolocation": "DE", "delegation": "US"}, ROUTED, Pattern.RANGE_CONFIRMED, "DE"),
        ({"ranges": "DE", "geolocation": "US/16", "assignments": "DE", "delegation": "US"},
         ROUTED, Pattern.RANGE_CONFIRMED, "DE"),
        ({"ranges": "DE", "geolocation": "US/16", "delegation": "US"}, ROUTED, Pattern.RANGE_ALONE, "DE"),
        ({"ranges": "US", "geolocation": "CA/16", "assignments": "US", "delegation": "US/8"},
         ROUTED, Pattern.RANGE_ALONE, "US"),
        # Contested: the same block, or a finer one, elsewhere by geolocation. An entry made from the list is no help.
        ({"ranges": "SE/21", "geolocation": "DK/21", "assignments": "SE/21", "delegation": "US/16"},
         ROUTED, Pattern.RANGE_CONTESTED, "SE"),
        ({"ranges": "US/20", "geolocation": "PE/24", "delegation": "US/16"}, ROUTED, Pattern.RANGE_CONTESTED, "US"),
        ({"ranges": "DE"}, NOTHING, Pattern.RANGE_ALONE, "DE"),
        ({"ranges": "SE", "geolocation": "DK", "assignments": "DK", "delegation": "US"},
         ROUTED, Pattern.RANGE_OUTVOTED, "SE"),
        # Two places.
        ({"geolocation": "NL", "assignments": "NL", "delegation": "US", "asn": "US"},
         ROUTED, Pattern.PLACES_AGREE, "NL"),
        ({"geolocation": "NL", "assignments": "NL", "delegation": "US"}, BACKBONE, Pattern.PLACES_AGREE, "NL"),
        ({"geolocation": "NL", "assignments": "NL", "delegation": "US"}, UNLISTED, Pattern.PLACES_AGREE, "NL"),
        ({"geolocation": "VE", "assignments": "VE", "delegation": "RO"}, SPREAD, Pattern.PLACES_THIN, "VE"),
        ({"geolocation": "NL", "assignments": "NL", "delegation": "RO"}, SPREAD, Pattern.PLACES_AGREE, "NL"),
        # So is whatever else a network of very many countries says of a place; not what registry or list stand behind.
        ({"geolocation": "US/20", "assignments": "VE", "delegation": "US"}, SPREAD, Pattern.PLACES_THIN, "VE"),
        ({"geolocation": "VE", "assignments": "NL/20", "delegation": "US"}, SPREAD, Pattern.PLACES_THIN, "VE"),
        ({"geolocation": "VE", "delegation": "US", "asn": "US"}, SPREAD, Pattern.PLACES_THIN, "VE"),
        ({"geolocation": "VE", "delegation": "VE", "asn": "US"}, SPREAD, Pattern.GEO_REGISTRY, "VE"),
        ({"ranges": "VE", "geolocation": "VE", "delegation": "US"}, SPREAD, Pattern.RANGE_CONFIRMED, "VE"),
        ({"geolocation": "PL/20", "assignments": "SE/26", "delegation": "GB"},
         BACKBONE, Pattern.ASSIGNMENT_FINER_BACKBONE, "SE"),
        ({"geolocation": "PL/20", "assignments": "SE/26", "delegation": "GB"}, ROUTED, Pattern.ASSIGNMENT_FINER, "SE"),
        ({"geolocation": "ES/24", "assignments": "GB/16", "delegation": "SE"}, ROUTED, Pattern.GEO_FINER, "ES"),
        ({"geolocation": "CA/24", "assignments": "US/24", "delegation": "RO"}, ROUTED, Pattern.PLACES_DIFFER, "CA"),
        # An assignment that names the registry's country again, of a finer block: a witness against geolocation,
        # unless that is said of a finer block still; and no second witness for what all say.
        ({"geolocation": "GB/22", "assignments": "RO/24", "delegation": "RO/16", "asn": "RO"},
         ROUTED, Pattern.ASSIGNMENT_REPEATS, "RO"),
        ({"geolocation": "GB/24", "assignments": "RO/24", "delegation": "RO/16", "asn": "RO"},
         ROUTED, Pattern.PLACES_DIFFER, "GB"),
        ({"geolocation": "GB/24", "assignments": "RO/20", "delegation": "RO/16", "asn": "RO"},
         ROUTED, Pattern.GEO_ALONE, "GB"),
        ({"geolocation": "RO/24", "assignments": "RO/24", "delegation": "RO/16", "asn": "RO"},
         BACKBONE, Pattern.ALL_AGREE_BACKBONE, "RO"),
        # An assignment that repeats the delegation knows nothing finer.
        ({"geolocation": "GB/16", "assignments": "RO/16", "delegation": "RO/16", "asn": "RO"},
         ROUTED, Pattern.GEO_ALONE, "GB"),
        ({"geolocation": "NL", "assignments": "NL", "delegation": "NL", "asn": "NL"}, ROUTED, Pattern.ALL_AGREE, "NL"),
        ({"geolocation": "NL", "delegation": "NL", "asn": "NL"}, BACKBONE, Pattern.ALL_AGREE_BACKBONE, "NL"),
        ({"geolocation": "NL", "delegation": "NL", "asn": "NL"}, UNLISTED, Pattern.ALL_AGREE_UNLISTED, "NL"),
        ({"geolocation": "NL", "delegation": "NL", "asn": "US"}, ROUTED, Pattern.GEO_REGISTRY, "NL"),
        ({"geolocation": "NL", "delegation": "NL", "asn": "US"}, BACKBONE, Pattern.GEO_REGISTRY_BACKBONE, "NL"),
        ({"geolocation": "NL", "delegation": "NL", "asn": "US"}, UNLISTED, Pattern.GEO_REGISTRY_UNLISTED, "NL"),
        # Where the network stands bears on it.
        ({"geolocation": "NL", "delegation": "NL", "asn": "US"}, STANDS, Pattern.GEO_REGISTRY, "NL"),
        ({"geolocation": "FR", "delegation": "FR", "asn": "US"}, STANDS, Pattern.GEO_REGISTRY_AWAY, "FR"),
        ({"geolocation": "FR", "delegation": "US", "asn": "US"}, STANDS, Pattern.GEO_ALONE_WIDE, "FR"),
        ({"geolocation": "FR", "delegation": "US", "asn": "US"},
         STANDS_IN_TWO, Pattern.GEO_ALONE, "FR"),
        ({"geolocation": "FR", "delegation": "US", "asn": "US"},
         STANDS_BACKBONE, Pattern.GEO_ALONE_BACKBONE, "FR"),
        ({"geolocation": "FR", "delegation": "US", "asn": "US"},
         STANDS_THIN, Pattern.PLACES_THIN, "FR"),
        ({"geolocation": "NL", "delegation": "NL"}, ROUTED, Pattern.GEO_REGISTRY_DEFAULT, "NL"),
        ({"geolocation": "NL", "delegation": "US", "asn": "NL"}, ROUTED, Pattern.GEO_NETWORK, "NL"),
        ({"geolocation": "NL", "delegation": "US", "asn": "NL"}, BACKBONE, Pattern.GEO_ALONE_BACKBONE, "NL"),
        ({"geolocation": "NL", "delegation": "US", "asn": "US"}, ROUTED, Pattern.GEO_ALONE, "NL"),
        ({"geolocation": "NL", "delegation": "US", "asn": "US"}, BACKBONE, Pattern.GEO_ALONE_BACKBONE, "NL"),
        ({"geolocation": "NL", "delegation": "US", "asn": "US"}, UNLISTED, Pattern.GEO_ALONE_UNLISTED, "NL"),
        # Little is known.
        ({"geolocation": "NL", "delegation": "NL"}, NOTHING, Pattern.UNROUTED, "NL"),
        ({"assignments": "SE", "delegation": "NL"}, NOTHING, Pattern.UNROUTED, "SE"),
        ({"delegation": "NL", "asn": "US"}, ROUTED, Pattern.REGISTRY_ONLY, "NL"),
        ({"asn": "US"}, ROUTED, Pattern.REGISTRY_ONLY, "US"),
        ({}, NOTHING, Pattern.NOTHING, None),
    ],
)  # fmt: skip
def test_evidence_forms_a_pattern(
    claims: dict[str, str], signals: Signals, pattern: Pattern, country: str | None
) -> None:
    assert match(said(**claims), signals) == answer(pattern, country)


@pytest.mark.parametrize(
    ("claims", "pattern", "country"),
    [
        # A registry that was asked names the small block's country: an assignment, fresher than the shipped one.
        ({"geolocation": "NL/20", "delegation": "US/12", "asn": "US", "rdap": "SE/26"}, Pattern.ASSIGNMENT_FINER, "SE"),
        ({"geolocation": "NL", "assignments": "SE", "delegation": "US", "rdap": "NL"}, Pattern.PLACES_AGREE, "NL"),
        # It only repeats the delegation: that teaches nothing.
        ({"geolocation": "NL", "delegation": "US", "asn": "US", "rdap": "US"}, Pattern.GEO_ALONE, "NL"),
        # Of a finer block it stands against geolocation, and an older entry is heard no more.
        ({"geolocation": "FR/16", "delegation": "RO/14", "asn": "RO", "rdap": "RO/25"},
         Pattern.ASSIGNMENT_REPEATS, "RO"),
        ({"geolocation": "GB/16", "assignments": "GB/24", "delegation": "RO/14", "asn": "RO", "rdap": "RO/25"},
         Pattern.ASSIGNMENT_REPEATS, "RO"),
        ({"geolocation": "RO/16", "assignments": "GB/24", "delegation": "RO/14", "asn": "RO", "rdap": "RO/25"},
         Pattern.ALL_AGREE, "RO"),
        # A geofeed is about places, also where it speaks of the whole block.
        ({"geolocation": "FR/16", "assignments": "FR/24", "delegation": "DE/24", "asn": "DE", "geofeed": "DE/24"},
         Pattern.ASSIGNMENT_REPEATS, "DE"),
        # Without a delegation it is the registry.
        ({"geolocation": "NL", "asn": "NL", "rdap": "NL"}, Pattern.ALL_AGREE, "NL"),
        # WHOIS is heard as the registry, and never as somebody who wrote something finer down
        ({"geolocation": "NL", "asn": "NL", "whois": "NL"}, Pattern.ALL_AGREE, "NL"),
        ({"geolocation": "NL/20", "delegation": "US/12", "asn": "US", "whois": "SE/26"}, Pattern.GEO_ALONE, "NL"),
        # An authenticated geofeed is heard before an entry.
        ({"geolocation": "NL", "delegation": "US", "rdap": "SE", "geofeed": "NL"}, Pattern.PLACES_AGREE, "NL"),
        ({"geolocation": "NL", "delegation": "NL", "asn": "NL", "peer": "NL"}, Pattern.ALL_AGREE, "NL"),
        ({"geolocation": "NL", "delegation": "NL", "asn": "NL", "peer": "FR"}, Pattern.PEER_DISAGREES, "NL"),
        # An operator's own database plays no part here, whatever it says: see `second`.
        ({"geolocation": "NL", "maxmind": "FR", "delegation": "US", "asn": "US"}, Pattern.GEO_ALONE, "NL"),
        ({"maxmind": "NL", "delegation": "US", "asn": "US"}, Pattern.REGISTRY_ONLY, "US"),
        ({"geolocation": "NL", "maxmind": "FR", "ranges": "NL", "assignments": "NL"}, Pattern.RANGE_CONFIRMED, "NL"),
    ],
)  # fmt: skip
def test_online_and_own_evidence_plays_its_part(claims: dict[str, str], pattern: Pattern, country: str) -> None:
    assert match(said(**claims), ROUTED) == answer(pattern, country)


@pytest.mark.parametrize(
    ("claims", "source"),
    [
        # Nobody unmeasured spoke, or nothing rests on who did.
        ({"geolocation": "NL", "assignments": "NL", "delegation": "US"}, None),
        ({"geolocation": "NL", "delegation": "NL", "asn": "NL", "rdap": "NL"}, None),
        ({"geolocation": "NL", "assignments": "NL", "delegation": "US", "rdap": "NL"}, None),
        ({"geolocation": "NL", "delegation": "NL", "asn": "NL", "cymru": "NL"}, None),
        ({"ranges": "NL", "geolocation": "US/16", "rdap": "NL", "delegation": "US"}, None),
        ({}, None),
        # A part of the pattern is played by one.
        ({"geolocation": "NL", "delegation": "US", "rdap": "NL"}, "rdap"),
        ({"geolocation": "NL/20", "assignments": "SE/22", "delegation": "US", "rdap": "SE/26"}, "rdap"),
        ({"geolocation": "NL", "delegation": "US", "geofeed": "NL"}, "geofeed"),
        ({"geolocation": "NL", "whois": "NL", "asn": "NL"}, "whois"),
        ({"geolocation": "NL", "delegation": "NL", "cymru": "NL"}, "cymru"),
    ],
)
def test_who_plays_a_part_unmeasured_is_known(claims: dict[str, str], source: str | None) -> None:
    assert unmeasured(said(**claims)) == source


def test_cymru_can_say_that_an_address_is_announced_after_all() -> None:
    assert match(said(geolocation="NL", delegation="NL", cymru="NL"), NOTHING) == answer(Pattern.ALL_AGREE, "NL")


@pytest.mark.parametrize(
    ("source", "basis", "pattern"),
    [
        ("cdn", Basis.EDGE, Pattern.EDGE),
        ("anycast", Basis.EDGE, Pattern.EDGE),
        ("bogon", Basis.SPECIAL, Pattern.SPECIAL),
    ],
)
def test_an_edge_or_special_address_has_no_country_whatever_else_is_said(
    source: str, basis: Basis, pattern: Pattern
) -> None:
    mark = Evidence(source=source, claim=Claim(basis=basis))
    assert match([*said(geolocation="NL", ranges="NL"), mark], ROUTED) == answer(pattern, None)


def test_a_claim_without_a_prefix_is_about_the_address_itself() -> None:
    answered = Evidence(source="geofeed", claim=Claim(basis=Basis.LOCATION, country="SE"))
    assert match([*said(geolocation="NL/32", delegation="US"), answered], ROUTED).pattern is Pattern.ASSIGNMENT_FINER


@pytest.mark.parametrize("assignments", [{}, {"assignments": "NL/26"}, {"assignments": "DE/26"}])
def test_a_listed_range_without_a_country_is_one_doubt_whoever_agrees(assignments: dict[str, str]) -> None:
    nowhere = Evidence(source="ranges", claim=Claim(basis=Basis.LOCATION), detail="Amazon Web Services, GLOBAL")
    evidence = [nowhere, *said(geolocation="NL", delegation="US", asn="US", **assignments)]
    assert match(evidence, ROUTED).pattern is Pattern.RANGE_UNPLACED
    assert match([nowhere, *said(delegation="US", asn="US")], ROUTED) == answer(Pattern.REGISTRY_ONLY, "US")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"delegation": "US", "geolocation": "NL"}, Match(Pattern.REGISTRATION, "US")),
        ({"delegation": "US", "rdap": "NL"}, Match(Pattern.REGISTRATION, "NL")),
        ({"geolocation": "NL"}, Match(Pattern.NOTHING, None)),
    ],
)
def test_the_registration_is_what_the_registry_says(claims: dict[str, str], expected: Match) -> None:
    assert match_registration(said(**claims)) == expected


COUNTRIES = st.sampled_from(["NL", "DE", "US"])
CLAIMS = st.dictionaries(
    st.sampled_from(
        ["ranges", "geolocation", "assignments", "delegation", "asn", "rdap", "cymru", "geofeed", "peer", "maxmind"]
    ),
    st.tuples(COUNTRIES, st.integers(8, 32)),
)
SIGNALS = st.builds(
    Signals,
    asn=st.none() | st.just(64500),
    publishes=st.none() | st.just("Example"),
    backbone=st.booleans(),
    thin=st.frozensets(COUNTRIES),
    places=st.frozensets(COUNTRIES),
)


@given(CLAIMS, SIGNALS, st.randoms())
def test_an_answer_was_claimed_by_somebody_and_does_not_depend_on_the_order(
    claims: dict[str, tuple[str, int]], signals: Signals, random: Random
) -> None:
    evidence = [claim(source, country, str(length)) for source, (country, length) in claims.items()]
    found = match(evidence, signals)
    assert found.country in {country for country, _ in claims.values()} | {None}
    random.shuffle(evidence)
    assert match(evidence, signals) == found
