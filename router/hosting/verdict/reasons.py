"""The reasons of a verdict: stable codes for programs, sentences for an analyst. A doubtful one says what to do.

Each pattern of evidence has one sentence. `{country}` is the country answered with.
"""

from collections.abc import Mapping

from router.hosting.verdict.pattern import Pattern
from schemas.trace import Reason

_ASK = "Ask the registry online, or look at the provider's own pages, before sending."
_REFRESH = "Run `data refresh`; if it stays, ask the operator where the address is."

#: What each pattern means, in words. A program reads the code, which is the pattern's name.
SENTENCES: Mapping[Pattern, str] = {
    Pattern.RANGE_CONFIRMED: (
        "By the operator's own list of ranges the country is {country}, and a second source says the same."
    ),
    Pattern.RANGE_ALONE: (
        "By the operator's own list of ranges the country is {country}; other databases do not confirm it."
    ),
    Pattern.RANGE_CONTESTED: (
        "By the operator's own list of ranges the country is {country}, but geolocation says otherwise of this very "
        "block: it may be a local zone across the border. Ask the operator before sending."
    ),
    Pattern.RANGE_OUTVOTED: (
        "By the operator's own list of ranges the country is {country}, but two other sources agree on another "
        "country: it may be a local zone across the border. Ask the operator before sending."
    ),
    Pattern.RANGE_UNPLACED: (
        "The operator lists this range, but not where it is: it may be a local zone across the border, or serve the "
        "whole world. Other sources say {country}, and they repeat such lists. " + _REFRESH
    ),
    Pattern.PLACES_AGREE: "The registry entry or geofeed of this block and geolocation both say {country}.",
    Pattern.PLACES_THIN: (
        "The place is said to be {country}, but this network claims a block or two in most countries of the world; "
        "such claims are often made for show. Check by latency or ask the provider before sending."
    ),
    Pattern.ASSIGNMENT_FINER: (
        "The registry entry or geofeed of this very block says {country}; geolocation says otherwise, of a wider block."
    ),
    Pattern.ASSIGNMENT_FINER_BACKBONE: (
        "The registry entry of this very block says {country}; geolocation says otherwise, of a wider block, and this "
        "is an international transit network, in which few such entries were ever checked. " + _ASK
    ),
    Pattern.ASSIGNMENT_REPEATS: (
        "The registry entry or geofeed of this very block says {country}, as the registration of the whole does; "
        "geolocation says otherwise, of a wider block. " + _ASK
    ),
    Pattern.GEO_FINER: (
        "Geolocation says {country} of this very block; a registry entry says otherwise, of a wider block."
    ),
    Pattern.PLACES_DIFFER: (
        "Geolocation says {country}, the registry entry or geofeed of the same block says otherwise. " + _ASK
    ),
    Pattern.ALL_AGREE: "Geolocation, the registry and the announcing network all say {country}.",
    Pattern.ALL_AGREE_BACKBONE: (
        "All sources say {country}, but this is an international transit network, whose blocks are registered"
        " at its seat and stand anywhere. " + _ASK
    ),
    Pattern.ALL_AGREE_UNLISTED: (
        "All sources say {country}, but the address is announced by an operator that publishes its ranges, "
        "and its list gives no country for it. " + _REFRESH
    ),
    Pattern.GEO_REGISTRY: (
        "Geolocation and the registry say {country}; the announcing network is registered elsewhere."
    ),
    Pattern.GEO_REGISTRY_AWAY: (
        "Geolocation and the registry say {country}, where the announcing network hardly has another address: the "
        "block may be rented, and only its holder's seat be known. " + _ASK
    ),
    Pattern.GEO_REGISTRY_BACKBONE: (
        "Geolocation and the registry say {country}, but this is an international transit network. " + _ASK
    ),
    Pattern.GEO_REGISTRY_UNLISTED: (
        "Geolocation and the registry say {country}, but the address is announced by an operator that "
        "publishes its ranges, and its list gives no country for it. " + _REFRESH
    ),
    Pattern.GEO_REGISTRY_DEFAULT: (
        "Geolocation says {country}, which is only where the whole block is registered; the network's own "
        "country is unknown. " + _ASK
    ),
    Pattern.GEO_NETWORK: "Geolocation and the announcing network say {country}; the block is registered elsewhere.",
    Pattern.GEO_ALONE: "Geolocation alone says {country}; the registry and the network say otherwise. " + _ASK,
    Pattern.GEO_ALONE_WIDE: (
        "Geolocation alone says {country}; the registry and the network's seat are elsewhere, as is usual for a "
        "network that stands in several countries."
    ),
    Pattern.GEO_ALONE_BACKBONE: (
        "Geolocation alone says {country}, inside an international transit network, where it is wrong more "
        "often than right. " + _ASK
    ),
    Pattern.GEO_ALONE_UNLISTED: (
        "Geolocation alone says {country}; the address is announced by an operator that publishes its ranges,"
        " and its list gives no country for it. " + _REFRESH
    ),
    Pattern.UNROUTED: (
        "No network announced this address when the data were made; what is known of it says {country}. " + _REFRESH
    ),
    Pattern.REGISTRY_ONLY: (
        "Only the registration is known: {country} is where the holder is, not where the machine is. " + _ASK
    ),
    Pattern.GEOLOCATORS_DISAGREE: (
        "Two geolocation databases name different countries, and neither is reliable then. " + _ASK
    ),
    Pattern.GEOLOCATORS_AGREE: (
        "Two geolocation databases say {country}, where the other sources leave a doubt; how often the two are right "
        "together was measured here."
    ),
    Pattern.PEER_DISAGREES: (
        "The evidence here says {country}, but a partner that looked says otherwise. Settle it with the partner."
    ),
    Pattern.REGISTRATION: (
        "The registration of the address block names {country}, and this policy goes by the registration."
    ),
    Pattern.EDGE: (
        "The address belongs to a CDN, proxy or anycast network: the host behind it is unknown. Ask the "
        "operator for the origin."
    ),
    Pattern.SPECIAL: "The address is not part of the public internet.",
    Pattern.NOTHING: "No source knows this address. " + _REFRESH,
}

#: Reasons that come from the whole host, not from one address.
HOST_SENTENCES: Mapping[str, str] = {
    "private_address": "The host has private or local addresses only; there is nothing to reach from outside.",
    "special_address": "The address is reserved and no host can stand there.",
    "no_address": "The name has no address now. Look again later.",
    "addresses_differ": (
        "The host has addresses in different countries: {countries}. Each country's partner may be concerned."
    ),
    "private_addresses_ignored": "Some of the host's addresses are private or reserved; they were left out.",
    "edge_by_name": (
        "The name leads through {operator}, a CDN or proxy: the host behind it is unknown. Ask the operator "
        "for the origin."
    ),
    "edge_beside_host": "Some addresses belong to a CDN or proxy; the country is that of the others.",
    "unmeasured_source": (
        "How often {source} is right was never measured; the confidence is a cautious one, borrowed from the source "
        "whose part it plays."
    ),
    "evidence_conflicts": "What the sources say is more likely wrong than right; a person should decide.",
}


def of_pattern(pattern: Pattern, country: str | None) -> Reason:
    """Return the reason that explains a pattern's answer."""
    return Reason(code=pattern.value, text=SENTENCES[pattern].format(country=country or "no country"))


def of_host(code: str, **words: str) -> Reason:
    """Return a reason about the whole host; `code` is a key of `HOST_SENTENCES`."""
    return Reason(code=code, text=HOST_SENTENCES[code].format(**words))
