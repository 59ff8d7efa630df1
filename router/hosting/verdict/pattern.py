"""Name the pattern that the evidence about one address forms, and the country that pattern answers with.

This is the rule, in the order in which it is read:

1. The operator publishes the range with its region: that country. What matters is whether another witness confirms it,
   and whether geolocation contradicts it in a block that is no wider: the region may be that of a parent site.
2. Otherwise the claims are compared. *Place* witnesses speak of the address: an `assignment` (a registry entry or a
   geofeed, written for this block and not only for the whole that was delegated) and `geo` (a vendor's estimate). The
   *registry* says where the holder of the whole block is registered, the *network* where the AS is. Two places that
   agree are believed against registry and network. Of two that differ, the one that is said of the finer block is
   believed: it was written down for this address, the other for a surrounding it lies in. Said of the same block,
   neither is. An assignment that names the registry's country again is no second witness for it, but it is one against
   a geolocation of no finer block. Without an assignment, geolocation is judged by who agrees with it.
3. What kind of network it is goes into the name where it bears on the claim: a transit backbone, an operator's AS
   outside its own published list, a network that nobody announces, one that claims a block in nearly every country,
   one that stands in several, or in another country than the one at hand.

No pattern has a weight. Each is measured on truth data, and its share right is the confidence (`calibration.py`).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeGuard

from router.hosting.verdict.network_kind import Signals
from schemas.trace import Basis, Evidence


class Pattern(StrEnum):
    """The patterns of evidence. Their names are stable: they stand in traces and in `calibration.json`."""

    #: Published range; another witness of a place says the same.
    RANGE_CONFIRMED = "range_confirmed"
    #: Published range; no other witness of a place says the same, and no two of them agree.
    RANGE_ALONE = "range_alone"
    #: Published range; geolocation says otherwise of the same block or a finer one.
    RANGE_CONTESTED = "range_contested"
    #: Published range; assignment and geolocation agree on another country.
    RANGE_OUTVOTED = "range_outvoted"
    #: The operator lists the range, and its list gives no country for it: of no region, or of one that is no place.
    RANGE_UNPLACED = "range_unplaced"
    #: Assignment and geolocation agree, against the registry.
    PLACES_AGREE = "places_agree"
    #: One or two places against the registry, in a country where a network of very many countries has hardly a block.
    PLACES_THIN = "places_thin"
    #: Assignment and geolocation differ; the assignment is of the finer block.
    ASSIGNMENT_FINER = "assignment_finer"
    ASSIGNMENT_FINER_BACKBONE = "assignment_finer_backbone"
    #: The same, and the assignment names the registry's country again.
    ASSIGNMENT_REPEATS = "assignment_repeats"
    #: Assignment and geolocation differ; geolocation is of the finer block.
    GEO_FINER = "geo_finer"
    #: Assignment and geolocation differ about the same block.
    PLACES_DIFFER = "places_differ"
    #: Geolocation, registry and network agree; nobody wrote anything finer.
    ALL_AGREE = "all_agree"
    ALL_AGREE_BACKBONE = "all_agree_backbone"
    ALL_AGREE_UNLISTED = "all_agree_unlisted"
    #: Geolocation and registry agree; the network is registered elsewhere.
    GEO_REGISTRY = "geo_registry"
    GEO_REGISTRY_BACKBONE = "geo_registry_backbone"
    GEO_REGISTRY_UNLISTED = "geo_registry_unlisted"
    #: The same, and the network stands elsewhere: a rented block, of which only the holder's seat may be known.
    GEO_REGISTRY_AWAY = "geo_registry_away"
    #: The same, and the AS has no country: likely only where the block is registered.
    GEO_REGISTRY_DEFAULT = "geo_registry_default"
    #: Geolocation and network agree against the registry.
    GEO_NETWORK = "geo_network"
    #: Geolocation against registry and network.
    GEO_ALONE = "geo_alone"
    #: The same, in a network that stands in several countries, so that one more is nothing strange.
    GEO_ALONE_WIDE = "geo_alone_wide"
    GEO_ALONE_BACKBONE = "geo_alone_backbone"
    GEO_ALONE_UNLISTED = "geo_alone_unlisted"
    #: No network announces the address.
    UNROUTED = "unrouted"
    #: No witness of a place at all.
    REGISTRY_ONLY = "registry_only"
    #: A second geolocator, measured at the operator's (`second`), names another country than the rest does.
    GEOLOCATORS_DISAGREE = "geolocators_disagree"
    #: It names the same country where the rest is in doubt.
    GEOLOCATORS_AGREE = "geolocators_agree"
    #: A partner that looked says otherwise.
    PEER_DISAGREES = "peer_disagrees"
    #: The policy asks for the registration, and the registry names it.
    REGISTRATION = "registration"
    EDGE = "edge"
    SPECIAL = "special"
    #: No source says anything.
    NOTHING = "nothing"


#: In so many countries a network stands that a block of it in another one than its seat's is nothing strange.
SEVERAL = 3

#: Which source plays which part. Of several sources of one part, the first one here that claims a country is heard:
#: what is fresher, or speaks with more right, stands first. WHOIS is heard for the registration alone: where RDAP names
#: no country of the network, its country is that of the holder's address. A source that stands in none of these is
#: shown and counts for nothing; what each declares of itself is held to them at the start (`part`).
SPECIAL_SOURCES = ("bogon",)
EDGE_SOURCES = ("cdn", "anycast")
RANGE_SOURCES = ("ranges",)
ASSIGNMENT_SOURCES = ("geofeed", "rdap", "assignments")
GEOLOCATION_SOURCES = ("geolocation",)
REGISTRY_SOURCES = ("delegation", "rdap", "whois")
NETWORK_SOURCES = ("asn", "cymru")
#: These never took part in a measurement, which knows shipped data only: a pattern that they form with others, or that
#: they form in another's place, has a share that was measured of the other.
UNMEASURED = frozenset({"geofeed", "rdap", "whois", "cymru"})


class Match(NamedTuple):
    """The pattern found, and the country it answers with (None when it answers none)."""

    pattern: Pattern
    country: str | None


class Views(NamedTuple):
    """What each part claims. An `assignment` that says no more than the registry does is None (`_assignment`)."""

    published: Evidence | None
    assignment: Evidence | None
    geo: Evidence | None
    registry: Evidence | None
    network: Evidence | None

    @classmethod
    def of(cls, claims: Mapping[str, Evidence]) -> "Views":
        """Sort the claims (source -> its evidence) into parts."""
        registry, geo = _first(claims, REGISTRY_SOURCES), _first(claims, GEOLOCATION_SOURCES)
        return cls(
            published=claims.get("ranges"),
            assignment=_assignment(claims, registry, geo),
            geo=geo,
            registry=registry,
            network=_first(claims, NETWORK_SOURCES),
        )


def match(evidence: Sequence[Evidence], signals: Signals) -> Match:
    """Return the pattern that the claims of a place form. Edge and special addresses are told apart first."""
    claims: dict[str, Evidence] = {}
    announced, unplaced = signals.asn is not None, False
    for item in evidence:
        claim = item.claim
        if item.source in _NO_PLACE and claim.basis is _NO_PLACE[item.source][0]:
            return Match(_NO_PLACE[item.source][1], None)
        if claim.country is not None:
            claims.setdefault(item.source, item)
        elif item.source == "ranges":
            unplaced = True
        announced = announced or item.source in NETWORK_SOURCES
    views = Views.of(claims)
    if unplaced and (place := views.assignment or views.geo) is not None:
        # Entries and geolocation are made from operators' own lists, regions and all: they cannot tell more than these.
        return _second_opinions(Match(Pattern.RANGE_UNPLACED, place.claim.country), claims)
    return _second_opinions(_place(views, signals, announced=announced), claims)


def unmeasured(evidence: Sequence[Evidence]) -> str | None:
    """Return a source of the pattern that plays its part unmeasured; None when no other than measured ones are needed.

    It is not needed where a measured source of the same part says the same: an entry the same country of no wider
    block. A published range stands by itself.
    """
    for item in evidence:  # asked for every verdict: a generator would take five times as long to say no
        if item.source in UNMEASURED:
            break
    else:
        return None
    claims: dict[str, Evidence] = {}
    for item in evidence:
        if item.claim.country is not None:
            claims.setdefault(item.source, item)
    views = Views.of(claims)
    if views.published is not None:
        return None
    heard = (
        (views.assignment, views.geo) if views.assignment is not None else (views.geo, views.registry, views.network)
    )
    alone = (item for item in heard if item is not None and not _is_measured(item, claims))
    return next((item.source for item in alone), None)


def _is_measured(heard: Evidence, claims: Mapping[str, Evidence]) -> bool:
    if heard.source not in UNMEASURED:
        return True
    if heard.source in NETWORK_SOURCES:
        return _same(heard, claims.get("asn"))
    entry = claims.get("assignments")
    return entry is not None and _same(heard, entry) and not _wider(entry, heard)


def match_registration(evidence: Sequence[Evidence]) -> Match:
    """Return the registration country, for a policy that routes by it. An answer of the registry itself comes first."""
    registry = None
    for item in evidence:
        if item.source in ("rdap", "whois") and item.claim.country is not None:
            return Match(Pattern.REGISTRATION, item.claim.country)
        if item.source == "delegation":
            registry = item.claim.country
    return Match(Pattern.REGISTRATION if registry else Pattern.NOTHING, registry)


#: Who settles an address before any place is asked for, by saying what, and the pattern that this is.
_NO_PLACE = dict.fromkeys(SPECIAL_SOURCES, (Basis.SPECIAL, Pattern.SPECIAL)) | dict.fromkeys(
    EDGE_SOURCES, (Basis.EDGE, Pattern.EDGE)
)
#: Whose word that a machine stands somewhere counts: theirs, and a partner's that looked.
PLACE_SOURCES = frozenset({*RANGE_SOURCES, *ASSIGNMENT_SOURCES, *GEOLOCATION_SOURCES, "peer"})


def _place(views: Views, signals: Signals, *, announced: bool) -> Match:
    place = views.assignment or views.geo
    if views.published is not None:
        return Match(_published(views, views.published), views.published.claim.country)
    if place is None:
        registry = views.registry or views.network
        return Match(Pattern.REGISTRY_ONLY, registry.claim.country) if registry else Match(Pattern.NOTHING, None)
    if not announced:
        return Match(Pattern.UNROUTED, place.claim.country)
    if views.assignment is None:
        found = Match(_geolocated(views, signals), place.claim.country)
    else:
        found = _two_places(views, views.assignment, views.geo or views.assignment, signals)
    thin = found.pattern in _CLAIMED and found.country in signals.thin
    return Match(Pattern.PLACES_THIN, found.country) if thin else found


#: What the network itself says and others repeat: no registry and no list of an operator's regions stands behind it.
_CLAIMED = frozenset(
    {
        Pattern.PLACES_AGREE,
        Pattern.ASSIGNMENT_FINER,
        Pattern.ASSIGNMENT_FINER_BACKBONE,
        Pattern.GEO_FINER,
        Pattern.GEO_ALONE,
        Pattern.GEO_ALONE_WIDE,
    }
)


def _published(views: Views, published: Evidence) -> Pattern:
    # An entry that names the registry's country again may be there for the whole block: it confirms no range in it.
    entry = None if _same(views.assignment, views.registry) else views.assignment
    if views.geo is not None and not _same(published, views.geo) and not _wider(views.geo, published):
        # Entries are made from the operators' own lists, regions and all: one that repeats the range settles nothing.
        return Pattern.RANGE_OUTVOTED if _same(entry, views.geo) else Pattern.RANGE_CONTESTED
    if _same(published, views.geo) or _same(published, entry):
        return Pattern.RANGE_CONFIRMED
    return Pattern.RANGE_OUTVOTED if _same(entry, views.geo) else Pattern.RANGE_ALONE


def _two_places(views: Views, assignment: Evidence, geo: Evidence, signals: Signals) -> Match:
    if _same(assignment, geo):
        return Match(Pattern.PLACES_AGREE, assignment.claim.country)
    if _wider(geo, assignment):
        finer = Pattern.ASSIGNMENT_FINER_BACKBONE if signals.backbone else Pattern.ASSIGNMENT_FINER
        repeats = _same(assignment, views.registry)
        return Match(Pattern.ASSIGNMENT_REPEATS if repeats else finer, assignment.claim.country)
    return Match(Pattern.GEO_FINER if _wider(assignment, geo) else Pattern.PLACES_DIFFER, geo.claim.country)


def _geolocated(views: Views, signals: Signals) -> Pattern:
    with_registry, with_network = _same(views.geo, views.registry), _same(views.geo, views.network)
    if with_registry and with_network:
        return _by_kind(signals, Pattern.ALL_AGREE, Pattern.ALL_AGREE_BACKBONE, Pattern.ALL_AGREE_UNLISTED)
    if with_registry and views.network is None and signals.publishes is None:
        return Pattern.GEO_REGISTRY_DEFAULT
    if with_registry:
        here = not signals.places or (views.geo is not None and views.geo.claim.country in signals.places)
        plain = Pattern.GEO_REGISTRY if here else Pattern.GEO_REGISTRY_AWAY
        return _by_kind(signals, plain, Pattern.GEO_REGISTRY_BACKBONE, Pattern.GEO_REGISTRY_UNLISTED)
    if with_network and not signals.backbone:
        return Pattern.GEO_NETWORK
    alone = Pattern.GEO_ALONE_WIDE if len(signals.places) >= SEVERAL else Pattern.GEO_ALONE
    return _by_kind(signals, alone, Pattern.GEO_ALONE_BACKBONE, Pattern.GEO_ALONE_UNLISTED)


def _by_kind(signals: Signals, plain: Pattern, backbone: Pattern, unlisted: Pattern) -> Pattern:
    if signals.backbone:
        return backbone
    return plain if signals.publishes is None else unlisted


def _second_opinions(found: Match, claims: Mapping[str, Evidence]) -> Match:
    """Let a contradiction from outside the rule stop it: a partner who looked."""
    if "peer" in claims and claims["peer"].claim.country != found.country:
        return Match(Pattern.PEER_DISAGREES, found.country)
    return found


def _assignment(claims: Mapping[str, Evidence], registry: Evidence | None, geo: Evidence | None) -> Evidence | None:
    """Return what was written for this block, by the source heard first, unless it adds nothing to the registry."""
    found = next((claims[name] for name in ASSIGNMENT_SOURCES if _is_written(claims.get(name), registry)), None)
    if found is None or not _same(found, registry):
        return found
    # The registry's country again: it teaches something against a geolocation that is not of a finer block.
    contradicts = geo is not None and not _same(found, geo) and not _wider(found, geo)
    return found if contradicts else None


def _is_written(found: Evidence | None, registry: Evidence | None) -> TypeGuard[Evidence]:
    """Say whether somebody wrote this for the block at hand. A geofeed is about places and never about a holder."""
    if found is None or registry is None:
        return found is not None
    return found.source == "geofeed" or not _same(found, registry) or _wider(registry, found)


def _first(claims: Mapping[str, Evidence], sources: Sequence[str]) -> Evidence | None:
    for source in sources:
        if source in claims:
            return claims[source]
    return None


def _same(one: Evidence | None, other: Evidence | None) -> bool:
    return one is not None and other is not None and one.claim.country == other.claim.country


def _wider(one: Evidence, other: Evidence) -> bool:
    """Say whether `one` speaks of a wider block than `other`. What names no prefix speaks of the address itself."""
    return _length(one) < _length(other)


def _length(item: Evidence) -> int:
    return int(item.prefix.rpartition("/")[2]) if item.prefix is not None else 128
