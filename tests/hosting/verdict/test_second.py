"""A second geolocator: nothing follows from an edition that was not measured; a measured one vetoes and confirms."""

from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import CannotStart
from router.hosting.verdict.calibration import Calibration, Measured
from router.hosting.verdict.fuse import fuse_address, verdict
from router.hosting.verdict.network_kind import Signals
from router.hosting.verdict.pattern import Match, Pattern
from router.hosting.verdict.second import CONFIRMED, Edition, Second
from schemas.trace import Basis, Claim, Evidence, VerdictKind

IP = ip_address("192.0.2.1")
ROUTED = Signals(asn=64500)
TABLE = Calibration.load()
EDITION = Edition("GeoLite2-Country", "2026-06-17")
ALWAYS = Calibration({pattern.value: Measured(100, 99.0, 100) for pattern in Pattern})
SELDOM = Calibration({pattern.value: Measured(100, 40.0, 100) for pattern in Pattern})
SECOND = Second(EDITION, ALWAYS, SELDOM)


def said(**claims: str) -> list[Evidence]:
    """Each source's country, of a /24 unless another length stands behind a stroke."""
    found = []
    for source, text in claims.items():
        country, _, length = text.partition("/")
        of_second = {"as_of": EDITION.date, "detail": EDITION.name} if source == "maxmind" else {}
        claim = Claim(basis=Basis.LOCATION, country=country)
        found.append(Evidence(source=source, claim=claim, prefix=f"192.0.2.0/{length or 24}", **of_second))
    return found


ALONE = {"geolocation": "NL", "delegation": "US", "asn": "DE"}
DIFFER = {"geolocation": "NL", "assignments": "SE", "delegation": "US", "asn": "DE"}
FINER = {"geolocation": "NL/26", "assignments": "SE", "delegation": "US", "asn": "DE"}
LISTED = {"ranges": "NL", "geolocation": "NL", "delegation": "US", "asn": "US"}


@pytest.mark.parametrize("claims", [ALONE, DIFFER, FINER])
def test_a_measured_edition_confirms_what_is_in_doubt(claims: dict[str, str]) -> None:
    before = fuse_address(IP, said(**claims), ROUTED, calibration=TABLE)
    found = fuse_address(IP, said(**claims, maxmind="NL"), ROUTED, calibration=TABLE, second=SECOND)
    assert before.pattern in {"geo_alone", "places_differ", "geo_finer"}
    assert (found.pattern, found.country, found.confidence) == ("geolocators_agree", "NL", 0.99)
    assert verdict([found]).kind is VerdictKind.COUNTRY


@pytest.mark.parametrize("claims", [ALONE, FINER, LISTED, {"geolocation": "NL", "delegation": "NL", "asn": "NL"}])
def test_a_measured_edition_vetoes_whatever_the_rest_says(claims: dict[str, str]) -> None:
    found = fuse_address(IP, said(**claims, maxmind="FR"), ROUTED, calibration=TABLE, second=SECOND)
    assert (found.pattern, found.confidence) == ("geolocators_disagree", 0.4)
    told = verdict([found])
    assert (told.kind, told.country) == (VerdictKind.CONFLICT, None)
    assert {"NL", "FR"} <= set(told.countries)


def test_a_wider_block_contests_no_published_range() -> None:
    found = fuse_address(IP, said(**LISTED, maxmind="FR/16"), ROUTED, calibration=TABLE, second=SECOND)
    assert (found.pattern, found.country) == ("range_confirmed", "NL")


def test_what_is_claimed_for_show_is_never_confirmed() -> None:
    thin = Signals(asn=64500, thin=frozenset({"NL"}), places=frozenset({"DE"}))
    alone = fuse_address(IP, said(**ALONE), thin, calibration=TABLE)
    found = fuse_address(IP, said(**ALONE, maxmind="NL"), thin, calibration=TABLE, second=SECOND)
    assert (found.pattern, found.confidence) == (alone.pattern, alone.confidence) == ("places_thin", alone.confidence)


@pytest.mark.parametrize("second", [None, Second(Edition("GeoLite2-Country", "2026-07-01"), ALWAYS, SELDOM),
                                    Second(Edition("IPinfo Lite", "2026-06-17"), ALWAYS, SELDOM)])  # fmt: skip
@given(
    claims=st.dictionaries(
        st.sampled_from(["ranges", "geolocation", "assignments", "delegation", "asn", "peer"]),
        st.sampled_from(["NL", "DE", "US/16", "NL/26"]),
    ),
    country=st.sampled_from(["NL", "FR", "US"]),
)
def test_an_edition_that_nobody_measured_changes_nothing(
    second: Second | None, claims: dict[str, str], country: str
) -> None:
    before = fuse_address(IP, said(**claims), ROUTED, calibration=TABLE)
    found = fuse_address(IP, said(**claims, maxmind=country), ROUTED, calibration=TABLE, second=second)
    assert found.model_copy(update={"evidence": before.evidence}) == before
    assert verdict([found]) == verdict([before])


@given(
    st.sampled_from(sorted({*Pattern} - {Pattern.GEOLOCATORS_AGREE})), st.sampled_from(["NL", None]), st.floats(0, 1)
)
def test_agreement_never_lowers_a_confidence_and_raises_only_what_may_be(
    pattern: Pattern, country: str | None, confidence: float
) -> None:
    match, after = SECOND.after(Match(pattern, country), confidence, agrees=True)
    assert after >= confidence
    assert (match.pattern is Pattern.GEOLOCATORS_AGREE) == (pattern in CONFIRMED and confidence < 0.99)
    assert match.country == country
    assert SECOND.after(Match(pattern, country), confidence, agrees=None) == (Match(pattern, country), confidence)


def test_a_measure_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "second-geolocator.json"
    file.write_text(SECOND.written(), encoding="utf-8")
    read = Second.load(file)
    assert read.edition == EDITION
    assert (read.agrees.patterns, read.differs.patterns) == (ALWAYS.patterns, SELDOM.patterns)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"set": "x", "edition": "y", "agrees": {"geo_alone": 1}, "differs": {}}']
)
def test_a_measure_that_cannot_be_read_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "second.json").write_text(text, encoding="utf-8")
    with pytest.raises(CannotStart, match="--second"):
        Second.load(tmp_path / "second.json")
