from ipaddress import ip_address

import pytest

from router.hosting.sources import EmbeddedSources
from router.hosting.verdict.calibration import Calibration, Measured
from router.hosting.verdict.fuse import CONTRADICTIONS, fuse_address, registration, verdict
from router.hosting.verdict.network_kind import Signals
from router.hosting.verdict.pattern import Pattern
from schemas.trace import Address, Basis, Claim, Evidence, HostingBasis, Reason, VerdictKind

IP = ip_address("192.0.2.1")
TABLE = Calibration({"all_agree": Measured(100, 97.0, 100), "geo_alone": Measured(100, 60.0, 100)})


def place(source: str, country: str | None, basis: Basis = Basis.LOCATION, detail: str = "") -> Evidence:
    return Evidence(source=source, claim=Claim(basis=basis, country=country), prefix="192.0.2.0/24", detail=detail)


AGREED = (
    place("geolocation", "NL"),
    place("delegation", "NL", Basis.REGISTRATION),
    place("asn", "NL", Basis.REGISTRATION),
)


def address(
    country: str | None, confidence: float = 0.97, pattern: Pattern = Pattern.ALL_AGREE, *evidence: Evidence
) -> Address:
    edge = pattern is Pattern.EDGE
    return Address(
        ip="192.0.2.1", country=country, confidence=confidence, pattern=pattern, edge=edge, evidence=evidence
    )


PRIVATE = address(None, 0.0, Pattern.SPECIAL, place("bogon", None, Basis.SPECIAL, "private_address: loopback"))
RESERVED = address(None, 0.0, Pattern.SPECIAL, place("bogon", None, Basis.SPECIAL, "special_address: multicast"))
EDGE = address(None, 0.0, Pattern.EDGE, place("cdn", None, Basis.EDGE, "Fastly"))


def test_an_address_carries_its_answer_its_network_and_its_evidence() -> None:
    found = fuse_address(IP, AGREED, Signals(asn=64500, as_name="Example"), calibration=TABLE)
    assert found == Address(
        ip="192.0.2.1",
        asn=64500,
        as_name="Example",
        country="NL",
        confidence=0.97,
        pattern="all_agree",
        evidence=AGREED,
    )


def test_the_operator_is_named_by_its_range_its_edge_or_its_network() -> None:
    in_range = (place("ranges", "NL", detail="Example Cloud, nl-1"), *AGREED)
    assert fuse_address(IP, in_range, calibration=TABLE).operator == "Example Cloud"
    edge = (place("cdn", None, Basis.EDGE, "Fastly"), *AGREED)
    assert fuse_address(IP, edge, calibration=TABLE).operator == "Fastly"
    assert fuse_address(IP, AGREED, Signals(asn=1, publishes="Other"), calibration=TABLE).operator == "Other"


def test_a_policy_that_goes_by_registration_gets_the_registration() -> None:
    evidence = (place("geolocation", "DE"), place("delegation", "NL", Basis.REGISTRATION))
    found = fuse_address(IP, evidence, Signals(asn=1), calibration=TABLE, basis="registration")
    assert (found.country, found.confidence, found.pattern) == ("NL", 1.0, "registration")


@pytest.mark.parametrize("basis", ["location", "registration"])
def test_an_edge_stays_an_edge_by_either_basis(basis: HostingBasis) -> None:
    evidence = (place("cdn", None, Basis.EDGE, "Fastly"), *AGREED)
    found = fuse_address(IP, evidence, calibration=TABLE, basis=basis)
    assert (found.edge, found.country) == (True, None)


def test_one_address_gives_its_country_and_says_why() -> None:
    found = verdict([address("NL")])
    assert (found.kind, found.country, found.countries, found.confidence) == (VerdictKind.COUNTRY, "NL", ("NL",), 0.97)
    assert [reason.code for reason in found.reasons] == ["all_agree"]


def test_the_most_doubtful_address_sets_the_confidence_and_is_explained_first() -> None:
    found = verdict([address("NL"), address("NL", 0.6, Pattern.GEO_ALONE), address("NL")])
    assert (found.kind, found.country, found.confidence) == (VerdictKind.COUNTRY, "NL", 0.6)
    assert [reason.code for reason in found.reasons] == ["geo_alone", "all_agree"]


def test_a_source_that_was_never_measured_lowers_confidence_and_says_so() -> None:
    table = Calibration({"places_agree": Measured(300, 297.0, 300)})
    registry = place("delegation", "US", Basis.REGISTRATION)
    asked = place("rdap", "NL", Basis.REGISTRATION)
    embedded, online = (
        fuse_address(IP, (place("geolocation", "NL"), entry, registry), Signals(asn=1), calibration=table)
        for entry in (place("assignments", "NL"), asked)
    )
    assert (embedded.pattern, embedded.confidence) == (online.pattern, 0.99) == ("places_agree", 0.99)
    assert online.confidence == table.confidence(Pattern.PLACES_AGREE, borrowed=True) < 0.95
    assert [reason.code for reason in verdict([embedded]).reasons] == ["places_agree"]
    told = verdict([online]).reasons
    assert [reason.code for reason in told] == ["places_agree", "unmeasured_source"]
    assert "rdap" in told[1].text


def test_the_registration_needs_no_measured_source() -> None:
    asked = place("rdap", "NL", Basis.REGISTRATION)
    found = fuse_address(IP, (asked,), Signals(asn=1), calibration=TABLE, basis="registration")
    assert found.confidence == 1.0
    assert [reason.code for reason in verdict([found]).reasons] == ["registration"]


def test_different_countries_are_each_named() -> None:
    found = verdict([address("NL"), address("DE", 0.95), address("NL")])
    assert (found.kind, found.country, found.countries) == (VerdictKind.SPLIT, None, ("DE", "NL"))
    assert found.reasons[0].code == "addresses_differ"
    assert "DE, NL" in found.reasons[0].text


def test_more_likely_wrong_than_right_is_no_answer() -> None:
    evidence = place("geolocation", "DE")
    found = verdict([address("DE", 0.3, Pattern.GEO_ALONE_BACKBONE, evidence)])
    assert (found.kind, found.country, found.countries) == (VerdictKind.CONFLICT, None, ("DE",))
    assert found.reasons[-1].code == "evidence_conflicts"


@pytest.mark.parametrize("pattern", sorted(CONTRADICTIONS))
def test_an_outright_contradiction_goes_to_people_and_names_both_sides(pattern: Pattern) -> None:
    sides = (place("geolocation", "DE"), place("peer", "FR"))
    found = verdict([address("DE", 0.99, pattern, *sides)])
    assert (found.kind, found.country, found.countries) == (VerdictKind.CONFLICT, None, ("DE", "FR"))


@pytest.mark.parametrize(("only", "code"), [(PRIVATE, "private_address"), (RESERVED, "special_address")])
def test_a_host_with_special_addresses_only_is_no_host(only: Address, code: str) -> None:
    found = verdict([only])
    assert (found.kind, [reason.code for reason in found.reasons]) == (VerdictKind.NO_HOST, [code])


def test_private_addresses_beside_public_ones_are_left_out_and_told() -> None:
    found = verdict([PRIVATE, address("NL")])
    assert (found.kind, found.country) == (VerdictKind.COUNTRY, "NL")
    assert [reason.code for reason in found.reasons] == ["all_agree", "private_addresses_ignored"]


def test_edges_alone_say_nothing_of_the_host() -> None:
    found = verdict([EDGE, EDGE])
    assert (found.kind, found.country, found.countries) == (VerdictKind.EDGE_ONLY, None, ())
    assert [reason.code for reason in found.reasons] == ["edge"]


def test_a_host_beside_its_edge_is_located_by_itself() -> None:
    found = verdict([EDGE, address("NL")])
    assert (found.kind, found.country) == (VerdictKind.COUNTRY, "NL")
    assert found.reasons[-1].code == "edge_beside_host"


def test_a_chain_through_a_cdn_makes_every_address_an_edge() -> None:
    found = verdict([address("NL")], edge_operator="Amazon CloudFront")
    assert found.kind is VerdictKind.EDGE_ONLY
    assert found.reasons[0].code == "edge_by_name"
    assert "Amazon CloudFront" in found.reasons[0].text


def test_no_address_is_unresolved() -> None:
    assert verdict([]).kind is VerdictKind.UNRESOLVED


def test_an_address_nobody_knows_is_unresolved() -> None:
    found = verdict([address(None, 0.0, Pattern.NOTHING)])
    assert (found.kind, found.reasons[0].code) == (VerdictKind.UNRESOLVED, "nothing")


def test_reasons_found_elsewhere_are_added_and_change_nothing() -> None:
    fast_flux = Reason(code="fast_flux", text="The addresses change quickly.")
    with_note, without = verdict([address("NL")], also=[fast_flux]), verdict([address("NL")])
    assert with_note.reasons == (*without.reasons, fast_flux)
    assert with_note.model_copy(update={"reasons": ()}) == without.model_copy(update={"reasons": ()})


def test_the_registration_stands_beside_the_location_when_it_is_one() -> None:
    american = place("delegation", "US", Basis.REGISTRATION)
    british = place("delegation", "GB", Basis.REGISTRATION)
    one = address("NL", 0.97, Pattern.ALL_AGREE, american)
    other = address("NL", 0.97, Pattern.ALL_AGREE, british)
    assert verdict([one]).registration_country == "US"
    assert verdict([one, one]).registration_country == "US"
    assert verdict([one, other]).registration_country is None
    assert registration(()) is None


@pytest.mark.parametrize(("text", "country"), [("15.220.48.1", "PL"), ("96.0.24.1", "DK"), ("96.0.36.1", "NG")])
def test_a_local_zone_abroad_has_its_own_country(embedded: EmbeddedSources, text: str, country: str) -> None:
    # Warsaw, Copenhagen and Lagos (docs.aws.amazon.com/local-zones: the parent region of each zone).
    found = verdict([embedded.address(ip_address(text))])
    assert (found.kind, found.country) == (VerdictKind.COUNTRY, country)
    assert found.confidence > 0.9


def test_a_local_zone_that_geolocation_has_at_its_parents_goes_to_people_with_both(embedded: EmbeddedSources) -> None:
    found = verdict([embedded.address(ip_address("15.220.184.1"))])  # Querétaro
    assert (found.kind, found.country, found.countries) == (VerdictKind.CONFLICT, None, ("MX", "US"))


@pytest.mark.parametrize("text", ["75.45.128.1", "2a05:d02f::1", "2a05:d01f::1"])
def test_a_range_that_may_be_a_local_zone_is_for_people(embedded: EmbeddedSources, text: str) -> None:
    # Ranges of Frankfurt's region younger than what is known of border groups; these are in Athens.
    found = verdict([embedded.address(ip_address(text))])
    assert (found.reasons[0].code, found.confidence < 0.9) == ("range_unplaced", True)


def test_a_site_that_geolocation_contradicts_goes_to_people_with_both_countries() -> None:
    claims = (place("ranges", "DE"), place("geolocation", "PL"), place("delegation", "US", Basis.REGISTRATION))
    found = verdict([fuse_address(IP, claims, Signals(asn=64500), calibration=Calibration.load())])
    assert (found.kind, found.country, found.countries) == (VerdictKind.CONFLICT, None, ("DE", "PL"))


@pytest.mark.parametrize("text", ["2a0a:6044:7722::1", "2a0a:6044:7779::1", "2a0e:b107:d40::1", "2a14:1c1::1"])
def test_flags_of_bouvet_island_north_korea_and_the_vatican_are_for_people(
    embedded: EmbeddedSources, text: str
) -> None:
    # An AS that claims nearly every country in IPv6 (two), a customer in the block of such a holder, an entry alone.
    found = verdict([embedded.address(ip_address(text))])
    assert (found.kind, found.reasons[0].code) == (VerdictKind.CONFLICT, "places_thin")


def test_an_operator_that_publishes_its_regions_is_judged_by_its_lists(embedded: EmbeddedSources) -> None:
    # Google's cloud has one IPv6 block a region, in more than forty countries.
    signals = embedded.signals(ip_address("2600:1901:8150::1"))
    assert (signals.publishes, signals.thin) == ("Google Cloud", frozenset())


@pytest.mark.parametrize(
    ("text", "kind", "country"),
    [
        ("3.120.0.1", VerdictKind.COUNTRY, "DE"),
        ("51.140.1.1", VerdictKind.COUNTRY, "GB"),
        ("104.16.1.1", VerdictKind.EDGE_ONLY, None),
        ("2606:4700::1", VerdictKind.EDGE_ONLY, None),
        ("127.0.0.1", VerdictKind.NO_HOST, None),
        ("::1", VerdictKind.NO_HOST, None),
        ("192.0.2.1", VerdictKind.NO_HOST, None),
    ],
)
def test_the_shipped_data_answer(embedded: EmbeddedSources, text: str, kind: VerdictKind, country: str | None) -> None:
    found = verdict([embedded.address(ip_address(text))])
    assert (found.kind, found.country) == (kind, country)
    assert found.reasons


def test_the_quick_way_over_one_address_says_what_the_long_way_says(embedded: EmbeddedSources) -> None:
    # Two equal addresses take the long way.
    for text in ("3.120.0.1", "51.140.1.1", "8.8.8.8", "2a01:4f8::1", "104.16.1.1"):
        one = embedded.address(ip_address(text))
        assert verdict([one]) == verdict([one, one])
