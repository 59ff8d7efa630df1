"""What was found out about a host at one moment: names, addresses, evidence, and one verdict.

The JSON of `TraceLine` is the contract of `locate --json` and `POST /v1/locate`.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from schemas.word import Country, Instant, Word

Ip: TypeAlias = IPv4Address | IPv6Address


class DnsOutcome(StrEnum):
    """How a look-up ended. Each differs in consequence, and they are never merged."""

    OK = "ok"
    NXDOMAIN = "nxdomain"  #: the name does not exist: a candidate for "gone"
    NODATA = "nodata"  #: the name exists without an address: a candidate for "gone"
    SERVFAIL = "servfail"  #: failed, refused or bogus: ask again later, never "gone"
    LAME = "lame"  #: from a server that is not the name's own and does not ask on: as SERVFAIL
    FILTERED = "filtered"  #: blocked, forged or forbidden by the resolver, as it says itself (RFC 8914): never "gone"
    STALE = "stale"  #: a "no" from before the name's servers fell silent (RFC 8767): never "gone"
    TIMEOUT = "timeout"  #: no answer in time: ask again later, never "gone"
    LOOP = "loop"  #: a CNAME chain that loops or is longer than 16
    PRIVATE = "private"  #: addresses, but none of them public


class VerdictKind(StrEnum):
    """What can be said of a host."""

    COUNTRY = "country"
    SPLIT = "split"  #: public addresses in different countries
    EDGE_ONLY = "edge_only"  #: a CDN, proxy or anycast edge: the host itself is unknown
    CONFLICT = "conflict"  #: the evidence contradicts itself
    UNRESOLVED = "unresolved"  #: no address, no evidence for one, or a link that only carries another location
    NO_HOST = "no_host"  #: there is nothing to resolve: onion, magnet, private address


class Basis(StrEnum):
    """What a claim of a country means: where the machine is, or where its holder is registered."""

    LOCATION = "location"
    REGISTRATION = "registration"
    EDGE = "edge"  #: the address belongs to an edge network; says nothing of the host's country
    ORIGIN = "origin"  #: a CDN named this address as the host behind its edge; says nothing of its country
    SPECIAL = "special"  #: a special-purpose address (RFC 6890)


class Claim(Word):
    """What a source says: a basis and, where it names one, a country."""

    basis: Basis
    country: Country | None = None


class Evidence(Word):
    """One claim of one source about one address."""

    source: str
    claim: Claim
    as_of: str | None = None  #: ISO date of the data, or of the answer when asked online
    prefix: str | None = None  #: the network the claim speaks for
    detail: str = ""  #: short words for the analyst; never a URL or host


class Reason(Word):
    """Why a verdict says what it says: a stable code for programs and a sentence for people."""

    code: str
    text: str


class NameRecord(Word):
    """One step of resolution: a name, what was asked or found, and how it ended."""

    name: str
    type: str  #: A, AAAA or CNAME
    target: str | None = None
    ttl: int | None = None  #: seconds
    outcome: DnsOutcome = DnsOutcome.OK


class Address(Word):
    """One address of a host with everything said of it and what follows from that."""

    ip: str
    asn: int | None = None
    as_name: str | None = None
    operator: str | None = None  #: the hosting, cloud or CDN operator, when known
    country: Country | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    edge: bool = False  #: true when the address is a CDN, proxy or anycast edge
    pattern: str | None = None  #: the evidence pattern whose measured share right is the confidence
    evidence: tuple[Evidence, ...] = ()


class NamedOrigin(Word):
    """The host behind a CDN's edge, as its operator named it: it stands in for the edge."""

    addresses: Annotated[tuple[str, ...], Field(min_length=1)]
    by: str  #: who says so: the CDN's name, or "staff" for what a person was told
    on: str  #: ISO date of the answer


class Verdict(Word):
    """The answer. `country` is set only when `kind` is `country`; `countries` names all that were found."""

    kind: VerdictKind
    country: Country | None = None
    countries: tuple[Country, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    reasons: tuple[Reason, ...] = ()
    leads_to: str | None = None  #: the location that a link only carries, where its text says which; never followed
    #: where the holder of the addresses is registered, beside where the machine is
    registration_country: Country | None = None


class Trace(Word):
    """All that was found out about one host at one moment."""

    host: str | None
    traced_at: Instant
    verdict: Verdict
    names: tuple[NameRecord, ...] = ()
    addresses: tuple[Address, ...] = ()
    outcome: DnsOutcome | None = None  #: None when nothing had to be asked (an address literal, or no host)
    #: whether the name's own zone says, twice, that there is no address: the only silence that proves something
    gone: bool = False
    online: bool = False  #: whether anyone outside was asked beyond DNS
    abuse_contact: str | None = None
    registrable_domain: str | None = None
    platform: str | None = None  #: the service of the platform table that the host belongs to


class HostedAddress(BaseModel):
    """What a referral says of an address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ip: str
    asn: int | None = None
    as_name: str | None = None
    edge: bool = False


class HostedVerdict(BaseModel):
    """What a referral says of a verdict."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: VerdictKind
    country: str | None = None
    confidence: float = 0.0
    registration_country: str | None = None


class Hosted(BaseModel):
    """The part of a stored trace that a referral tells: a whole one has a hundred claims, which cost more to read.

    Only for what was written as a `Trace`, which was checked then.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    traced_at: Instant
    verdict: HostedVerdict
    addresses: tuple[HostedAddress, ...] = ()


class Chain(BaseModel):
    """The part of a stored trace that says by which names a host was reached."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    names: tuple[NameRecord, ...] = ()

    def reached_by(self) -> frozenset[str]:
        """Return every name that stands in its chain of aliases, in small letters, without the root's dot."""
        links = [one for one in self.names if one.type == "CNAME"]
        return frozenset(
            name.rstrip(".").lower() for one in links for name in (one.name, one.target) if name is not None
        )


class TraceError(Word):
    """Why an input could not be read."""

    code: str
    text: str


class TraceLine(Word):
    """One line of `locate --json`; the fields and their order are a contract."""

    input: str
    host: str | None
    verdict: Verdict | None
    names: tuple[NameRecord, ...] = ()
    addresses: tuple[Address, ...] = ()
    error: TraceError | None = None


class OnlineMode(StrEnum):
    """When outside registries may be asked. What each discloses to whom stands in the operator's guide."""

    WHEN_DOUBTFUL = "when_doubtful"
    ALWAYS = "always"
    NEVER = "never"


HostingBasis: TypeAlias = Literal["location", "registration"]
