"""Name the pattern that the evidence about one address forms, and the country that pattern answers with.

This is the rule, in the order in which it is read:

1. The operator publishes the range with its region: that country. It matters only whether another witness of a place confirms it.
2. Otherwise three kinds of claim are compared. *Place* witnesses speak of the address: an `assignment` (a registry entry or geofeed
   of a small block that says something else than the block's delegation) and `geo` (a vendor's estimate). The *registry* says
   where the holder of the whole block is registered, the *network* where the AS is.
   Two places that agree are believed against registry and network. An assignment alone is believed over geolocation: somebody wrote
   it down for this block. Without an assignment, geolocation is judged by who agrees with it.
3. What kind of network it is goes into the name where it bears on the claim: a transit backbone, an operator's AS outside its own
   published list, a network that nobody announces, a network that claims a block in nearly every country.

No pattern has a weight. Each is measured on truth data, and its share right is the confidence (`calibration.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from router.hosting.signals import Signals
from schemas.trace import Basis, Evidence


class Pattern(StrEnum):
    """The patterns of evidence. Their names are stable: they stand in traces and in `calibration.json`."""

    RANGE_CONFIRMED = "range_confirmed"  #: published range; another place witness says the same
    RANGE_ALONE = "range_alone"  #: published range; the place witnesses say otherwise, each something else, or nothing
    RANGE_OUTVOTED = "range_outvoted"  #: published range; assignment and geolocation agree on another country
    PLACES_AGREE = "places_agree"  #: assignment and geolocation agree, against the registry
    PLACES_THIN = "places_thin"  #: the same, where a network of very many countries has hardly any address
    ASSIGNMENT = "assignment"  #: assignment against geolocation
    ASSIGNMENT_AT_SEAT = (
        "assignment_at_seat"  #: the same, but the assignment names the AS's own country: may be an office
    )
    ASSIGNMENT_UNLISTED = "assignment_unlisted"  #: assignment alone, in an operator's AS outside its list
    ALL_AGREE = "all_agree"  #: geolocation, registry and network agree; nobody wrote anything finer
    ALL_AGREE_BACKBONE = "all_agree_backbone"
    ALL_AGREE_UNLISTED = "all_agree_unlisted"
    GEO_REGISTRY = "geo_registry"  #: geolocation and registry agree, the network is registered elsewhere
    GEO_REGISTRY_BACKBONE = "geo_registry_backbone"
    GEO_REGISTRY_UNLISTED = "geo_registry_unlisted"
    GEO_REGISTRY_DEFAULT = "geo_registry_default"  #: the same, and the AS has no country: likely a registry default
    GEO_NETWORK = "geo_network"  #: geolocation and network agree against the registry
    GEO_ALONE = "geo_alone"  #: geolocation against registry and network
    GEO_ALONE_BACKBONE = "geo_alone_backbone"
    GEO_ALONE_UNLISTED = "geo_alone_unlisted"
    UNROUTED = "unrouted"  #: no network announces the address
    REGISTRY_ONLY = "registry_only"  #: no place witness at all
    GEOLOCATORS_DISAGREE = "geolocators_disagree"  #: two geolocation databases name different countries
    PEER_DISAGREES = "peer_disagrees"  #: a partner that looked says otherwise
    REGISTRATION = "registration"  #: the policy asks for the registration, and the registry names it
    EDGE = "edge"
    SPECIAL = "special"
    NOTHING = "nothing"  #: no source says anything


#: Which source plays which part. Of several sources of one part, the first one here that claims a country is heard: what is
#: fresher, or speaks with more right, stands first.
ASSIGNMENT_SOURCES = ("geofeed", "rdap", "assignments")
GEOLOCATION_SOURCES = ("maxmind", "geolocation")
REGISTRY_SOURCES = ("delegation", "rdap")
NETWORK_SOURCES = ("asn", "cymru")


@dataclass(frozen=True, slots=True)
class Match:
    """The pattern found, and the country it answers with (None when it answers none)."""

    pattern: Pattern
    country: str | None


@dataclass(frozen=True, slots=True)
class Views:
    """The country each part claims."""

    published: str | None
    assignment: str | None  #: None when it says the same as the registry: then nothing finer is known
    geo: str | None
    registry: str | None
    network: str | None

    @classmethod
    def of(cls, countries: dict[str, str]) -> "Views":
        """Sort the claims (source -> country) into parts."""
        registry = _first(countries, REGISTRY_SOURCES)
        finer = {source: country for source, country in countries.items() if country != registry}
        return cls(
            published=countries.get("ranges"),
            assignment=_first(finer, ASSIGNMENT_SOURCES),
            geo=_first(countries, GEOLOCATION_SOURCES),
            registry=registry,
            network=_first(countries, NETWORK_SOURCES),
        )


def match(evidence: Sequence[Evidence], signals: Signals) -> Match:
    """Return the pattern that the claims of a place form. Edge and special addresses are told apart first."""
    countries: dict[str, str] = {}
    for item in evidence:
        basis = item.claim.basis
        if basis is Basis.SPECIAL:
            return Match(Pattern.SPECIAL, None)
        if basis is Basis.EDGE:
            return Match(Pattern.EDGE, None)
        if item.claim.country is not None:
            countries.setdefault(item.source, item.claim.country)
    found = _place(Views.of(countries), signals, _announced(evidence, signals))
    return _second_opinions(found, countries)


def match_registration(evidence: Sequence[Evidence]) -> Match:
    """Return the registration country, for a policy that routes by it."""
    countries = {item.source: item.claim.country for item in evidence if item.claim.country is not None}
    registry = countries.get("rdap") or countries.get("delegation")
    return Match(Pattern.REGISTRATION if registry else Pattern.NOTHING, registry)


def _place(views: Views, signals: Signals, announced: bool) -> Match:
    if views.published is not None:
        return _published(views, views.published)
    if not announced and (views.geo or views.assignment):
        return Match(Pattern.UNROUTED, views.assignment or views.geo)
    if views.assignment is not None:
        return Match(_assigned(views, signals), views.assignment)
    if views.geo is not None:
        return Match(_geolocated(views, signals), views.geo)
    registry = views.registry or views.network
    return Match(Pattern.REGISTRY_ONLY if registry else Pattern.NOTHING, registry)


def _published(views: Views, country: str) -> Match:
    if country in (views.geo, views.assignment):
        return Match(Pattern.RANGE_CONFIRMED, country)
    if views.assignment is not None and views.assignment == views.geo:
        return Match(Pattern.RANGE_OUTVOTED, country)
    return Match(Pattern.RANGE_ALONE, country)


def _assigned(views: Views, signals: Signals) -> Pattern:
    if views.assignment == views.geo:
        return Pattern.PLACES_THIN if views.assignment in signals.thin else Pattern.PLACES_AGREE
    if signals.publishes is not None:
        return Pattern.ASSIGNMENT_UNLISTED
    return Pattern.ASSIGNMENT_AT_SEAT if views.assignment == views.network else Pattern.ASSIGNMENT


def _geolocated(views: Views, signals: Signals) -> Pattern:
    with_registry, with_network = views.geo == views.registry, views.geo == views.network
    if with_registry and with_network:
        return _by_kind(signals, Pattern.ALL_AGREE, Pattern.ALL_AGREE_BACKBONE, Pattern.ALL_AGREE_UNLISTED)
    if with_registry and views.network is None and signals.publishes is None:
        return Pattern.GEO_REGISTRY_DEFAULT
    if with_registry:
        return _by_kind(signals, Pattern.GEO_REGISTRY, Pattern.GEO_REGISTRY_BACKBONE, Pattern.GEO_REGISTRY_UNLISTED)
    if with_network and not signals.backbone:
        return Pattern.GEO_NETWORK
    return _by_kind(signals, Pattern.GEO_ALONE, Pattern.GEO_ALONE_BACKBONE, Pattern.GEO_ALONE_UNLISTED)


def _by_kind(signals: Signals, plain: Pattern, backbone: Pattern, unlisted: Pattern) -> Pattern:
    if signals.backbone:
        return backbone
    return plain if signals.publishes is None else unlisted


def _second_opinions(found: Match, countries: dict[str, str]) -> Match:
    """Let a contradiction from outside the rule stop it: a partner who looked, or a second geolocation database."""
    if "peer" in countries and countries["peer"] != found.country:
        return Match(Pattern.PEER_DISAGREES, found.country)
    opinions = {countries[source] for source in GEOLOCATION_SOURCES if source in countries}
    if len(opinions) > 1 and found.pattern not in (Pattern.RANGE_CONFIRMED, Pattern.PLACES_AGREE):
        return Match(Pattern.GEOLOCATORS_DISAGREE, found.country)
    return found


def _announced(evidence: Sequence[Evidence], signals: Signals) -> bool:
    return signals.asn is not None or any(item.source in NETWORK_SOURCES for item in evidence)


def _first(countries: dict[str, str], sources: Sequence[str]) -> str | None:
    for source in sources:
        if source in countries:
            return countries[source]
    return None
