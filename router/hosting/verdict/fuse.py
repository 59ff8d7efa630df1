"""Turn evidence into an answer: of one address a country and how sure we are, of a host one verdict. Pure functions.

The rule itself stands in `pattern.py`; how often each pattern is right stands in `calibration.json`. What follows
from both stands here, and nothing else decides a hosting country.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from router.hosting.trusted import trusted
from router.hosting.verdict import reasons
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.network_kind import NOTHING, Signals
from router.hosting.verdict.pattern import (
    EDGE_SOURCES,
    PLACE_SOURCES,
    RANGE_SOURCES,
    SPECIAL_SOURCES,
    Match,
    Pattern,
    match,
    match_registration,
    unmeasured,
)
from router.hosting.verdict.second import SOURCE as SECOND
from router.hosting.verdict.second import Second
from schemas.trace import Address, Basis, Evidence, HostingBasis, Reason, Verdict, VerdictKind

#: Below one half the country named is more likely wrong than right: that is no answer, it is a conflict for a person.
MORE_LIKELY_THAN_NOT = 0.5
#: Sources contradict each other outright. However often such a pattern was right, a person must see both sides.
CONTRADICTIONS = frozenset(
    {
        Pattern.RANGE_CONTESTED,
        Pattern.RANGE_OUTVOTED,
        Pattern.PLACES_DIFFER,
        Pattern.GEOLOCATORS_DISAGREE,
        Pattern.PEER_DISAGREES,
    }
)


def fuse_address(
    ip: IPv4Address | IPv6Address,
    evidence: Sequence[Evidence],
    signals: Signals = NOTHING,
    *,
    calibration: Calibration,
    basis: HostingBasis = "location",
    second: Second | None = None,
) -> Address:
    """Return what follows for one address. An edge, a special and an unknown address have no country.

    `second` is the measure of the operator's own geolocator; without one that geolocator is shown, and changes nothing.
    """
    found = _match(evidence, signals, basis)
    confidence = calibration.confidence(found.pattern, borrowed=unmeasured(evidence) is not None)
    if second is not None:
        found, confidence = second.weigh(found, confidence, evidence)
    fields = {
        "ip": str(ip),
        "asn": signals.asn,
        "as_name": signals.as_name,
        "operator": _operator(evidence) or signals.publishes,
        "country": found.country,
        "confidence": confidence,
        "edge": found.pattern is Pattern.EDGE,
        "pattern": found.pattern.value,
        "evidence": tuple(evidence),
    }
    return trusted(Address, fields)


def verdict(
    addresses: Sequence[Address],
    *,
    edge_operator: str | None = None,
    also: Sequence[Reason] = (),
) -> Verdict:
    """Return the verdict over all addresses of a host.

    `edge_operator` names the CDN when the CNAME chain led through one. `also` are reasons found elsewhere (fast flux,
    parking); they are added and change nothing.
    """
    if len(addresses) == 1 and edge_operator is None and not also:
        (address,) = addresses
        settled = address.confidence >= MORE_LIKELY_THAN_NOT and address.pattern not in CONTRADICTIONS
        if settled and address.pattern is not None and _borrowed(address) is None:
            return _of_one(address.pattern, address.country, address.confidence, registration(address.evidence))
    found = _verdict(addresses, edge_operator)
    registered = {registration(address.evidence) for address in addresses} - {None}
    only = registered.pop() if len(registered) == 1 else None
    return found.model_copy(update={"reasons": (*found.reasons, *also), "registration_country": only})


@lru_cache(maxsize=16384)
def _of_one(pattern: str, country: str | None, confidence: float, registered: str | None) -> Verdict:
    """The verdict over a single address is the same for all that form one pattern with one answer."""
    alike = Address(ip="", pattern=pattern, country=country, confidence=confidence, edge=pattern == Pattern.EDGE)
    return _verdict((alike,), None).model_copy(update={"registration_country": registered})


def registration(evidence: Sequence[Evidence]) -> str | None:
    """Return the country the address is registered in, by the freshest source that says so."""
    return match_registration(evidence).country


def _match(evidence: Sequence[Evidence], signals: Signals, basis: HostingBasis) -> Match:
    found = match(evidence, signals)
    if basis == "location" or found.pattern in (Pattern.SPECIAL, Pattern.EDGE):
        return found
    return match_registration(evidence)


def _operator(evidence: Sequence[Evidence]) -> str | None:
    """The operator that a published range, or an edge list, names at the head of its detail."""
    for item in evidence:
        if item.source in EDGE_SOURCES or item.source in RANGE_SOURCES:
            return item.detail.split(", ")[0] or None
    return None


def _verdict(addresses: Sequence[Address], edge_operator: str | None) -> Verdict:
    if not addresses:
        return Verdict(kind=VerdictKind.UNRESOLVED, reasons=(reasons.of_host("no_address"),))
    public = [address for address in addresses if address.pattern != Pattern.SPECIAL]
    if not public:
        return Verdict(kind=VerdictKind.NO_HOST, reasons=(reasons.of_host(_special_code(addresses[0])),))
    notes = [] if len(public) == len(addresses) else [reasons.of_host("private_addresses_ignored")]
    if edge_operator is not None:
        notes.insert(0, reasons.of_host("edge_by_name", operator=edge_operator))
        return Verdict(kind=VerdictKind.EDGE_ONLY, reasons=tuple(notes))
    hosts = [address for address in public if not address.edge]
    if not hosts:
        return Verdict(kind=VerdictKind.EDGE_ONLY, reasons=(reasons.of_pattern(Pattern.EDGE, None), *notes))
    if len(hosts) < len(public):
        notes.append(reasons.of_host("edge_beside_host"))
    return _of_hosts(hosts, notes)


@dataclass(frozen=True, slots=True)
class _Summary:
    """What the addresses of a host say together. All count; the most doubtful one sets the confidence."""

    countries: tuple[str, ...]
    confidence: float
    reasons: tuple[Reason, ...]


def _of_hosts(hosts: Sequence[Address], notes: Sequence[Reason]) -> Verdict:
    said = _Summary(
        countries=tuple(sorted({address.country for address in hosts if address.country is not None})),
        confidence=min(address.confidence for address in hosts),
        reasons=(*_explain(hosts), *notes),
    )
    if not said.countries:
        return Verdict(kind=VerdictKind.UNRESOLVED, reasons=said.reasons)
    if len(said.countries) > 1:
        differ = reasons.of_host("addresses_differ", countries=", ".join(said.countries))
        return _settle(VerdictKind.SPLIT, said, (differ, *said.reasons))
    if said.confidence < MORE_LIKELY_THAN_NOT or any(address.pattern in CONTRADICTIONS for address in hosts):
        both_sides = replace(said, countries=_places(hosts) or said.countries)
        return _settle(VerdictKind.CONFLICT, both_sides, (*said.reasons, reasons.of_host("evidence_conflicts")))
    return _settle(VerdictKind.COUNTRY, said, said.reasons)


def _settle(kind: VerdictKind, said: _Summary, why: tuple[Reason, ...]) -> Verdict:
    return Verdict(
        kind=kind,
        country=said.countries[0] if kind is VerdictKind.COUNTRY else None,
        countries=said.countries,
        confidence=said.confidence,
        reasons=why,
    )


def _places(hosts: Sequence[Address]) -> tuple[str, ...]:
    """Return every country that a witness of a place names."""
    heard = {
        item.claim.country
        for address in hosts
        for item in address.evidence
        if item.claim.basis is Basis.LOCATION and (item.source in PLACE_SOURCES or _vetoes(item, address))
    }
    return tuple(sorted(country for country in heard if country is not None))


def _vetoes(item: Evidence, address: Address) -> bool:
    return item.source == SECOND and address.pattern == Pattern.GEOLOCATORS_DISAGREE


def _explain(hosts: Sequence[Address]) -> tuple[Reason, ...]:
    """One reason for each different (pattern, country), the most doubtful first."""
    ordered = sorted(hosts, key=lambda address: address.confidence)
    distinct = dict.fromkeys((address.pattern, address.country) for address in ordered)
    why = [reasons.of_pattern(Pattern(pattern or Pattern.NOTHING), country) for pattern, country in distinct]
    unmeasured_ones = dict.fromkeys(source for address in ordered if (source := _borrowed(address)) is not None)
    return (*why, *(reasons.of_host("unmeasured_source", source=source) for source in unmeasured_ones))


def _borrowed(address: Address) -> str | None:
    """Return the source whose part in the address's pattern was never measured, if its country rests on one."""
    if address.country is None or address.pattern == Pattern.REGISTRATION:
        return None
    return unmeasured(address.evidence)


def _special_code(address: Address) -> str:
    detail = next((item.detail for item in address.evidence if item.source in SPECIAL_SOURCES), "")
    code = detail.split(":")[0]
    return code if code in reasons.HOST_SENTENCES else "special_address"
