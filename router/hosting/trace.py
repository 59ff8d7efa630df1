"""Find out where a location is hosted: names, addresses, evidence for each, one verdict.

The order is that of cost and of disclosure. What a name says by itself comes first (no host, a link that carries
another, a shortener, a platform);
then DNS; then the embedded data for every address, which nobody outside learns of; then, as the policy allows,
registries and geofeeds for the addresses that are still in doubt. Whatever fails lowers confidence or becomes a reason;
nothing here raises for what a host or a registry does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Protocol
from weakref import ref

from router.clock import Clock
from router.guard.addresses import is_public_v4, read_ip
from router.hosting import trace_notes
from router.hosting.dns.resolve import MOST_ADDRESSES, Resolution, Resolver
from router.hosting.judgement import IpParts, Judgement
from router.hosting.known_names import KnownHosts
from router.hosting.location.link_wrapper import Wrapped, wrapped
from router.hosting.location.url import literal_of
from router.hosting.outside import DOUBTFUL_BELOW, Asked, Outside, silences
from router.hosting.sources.base import OnlineSource
from router.hosting.trusted import trusted
from router.hosting.verdict import fuse
from router.hosting.verdict.fast_flux import LOW_TTL, Observations
from schemas.locator import Locator
from schemas.trace import (
    Address,
    Basis,
    Claim,
    DnsOutcome,
    Evidence,
    HostingBasis,
    Ip,
    NamedOrigin,
    NameRecord,
    OnlineMode,
    Reason,
    Trace,
    Verdict,
    VerdictKind,
)

#: Seconds; below this a name's addresses are others within a referral's first minutes, which staff should know.
_SHORT_TTL: Final = 60
#: Outcomes by which a name server says that there is no address.
_ABSENT: Final = (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA)


class Judge(Protocol):
    """The embedded sources, fused."""

    def address(self, ip: Ip, also: Sequence[Evidence] = (), basis: HostingBasis = "location") -> Address:
        """Return what follows for `ip`; `also` is evidence from elsewhere."""
        ...

    def judged(self, asked: IpParts) -> Judgement | None:
        """Return what the shipped data say of `ip`; None where somebody else has a say, too."""
        ...


class Embedded(Protocol):
    """The embedded sources in force, which may be replaced while a trace is made."""

    def held(self) -> AbstractContextManager[Judge]:
        """Return those in force now; they stay open and the same until the context is left."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom a tracer asks. Made by `app`, the only place that names concrete sources."""

    embedded: Embedded
    known: KnownHosts
    resolver: Resolver | None = None  #: None: names are never looked up
    online: tuple[OnlineSource, ...] = ()
    contact: Callable[[Ip], str | None] = lambda _: None  #: the abuse contact, if an online source has learned it


@dataclass(frozen=True, slots=True)
class _How:
    """How one trace is made."""

    judge: Judge  #: one edition of the data from its beginning to its end
    online: OnlineMode
    basis: HostingBasis


class Tracer:
    """Traces locations; safe to share between tasks of one event loop."""

    def __init__(
        self,
        sources: Sources,
        clock: Clock,
        *,
        mode: OnlineMode = OnlineMode.WHEN_DOUBTFUL,
        basis: HostingBasis = "location",
        doubtful_below: float = DOUBTFUL_BELOW,
    ) -> None:
        """Take whom to ask, and what holds unless a call says otherwise."""
        self._sources = sources
        self._clock = clock
        self._mode = mode
        self._basis = basis
        self._outside = Outside(sources.online, doubtful_below=doubtful_below)
        self._observations = Observations()
        self._made_by: _How | None = None  #: how those were made that are kept
        self._before: dict[str, tuple[ref[Resolution], Trace]] = {}  #: by host, for as long as its answer is remembered

    async def trace(
        self,
        locator: Locator,
        *,
        online: OnlineMode | None = None,
        basis: HostingBasis | None = None,
        origin: NamedOrigin | None = None,
    ) -> Trace:
        """Return all that can be found out about a location's host now, asking outside as `online` allows.

        `origin` is what a CDN named behind its edge: it is judged in the edge's place, for as long as there is one.
        """
        with self._sources.embedded.held() as judge:
            how = _How(judge, online or self._mode, basis or self._basis)
            found = await self._looked_up(locator, how)
            if origin is None or found.verdict.kind is not VerdictKind.EDGE_ONLY:
                return found
            return await self._behind(found, origin, how)

    def offline(self, locator: Locator, *, basis: HostingBasis | None = None) -> Trace:
        """Return what the embedded data alone say: no packet leaves, so a name stays unresolved."""
        with self._sources.embedded.held() as judge:
            return self._by_data_alone(locator, _How(judge, OnlineMode.NEVER, basis or self._basis))

    def judged(self, locator: Locator) -> Judgement | None:
        """Return what `offline` rests on, as it is kept; None where it rests on more than the shipped data.

        For a bulk run, which writes millions of answers and looks at none.
        """
        host = locator.host
        if host is None or locator.no_host is not None or not _is_literal(host) or wrapped(locator) is not None:
            return None
        with self._sources.embedded.held() as judge:
            return judge.judged(IpParts(read_ip(host).packed))

    def unknown(self, locator: Locator) -> Verdict | None:
        """Return all that `offline` says of a name that nothing is known of without DNS; None for all else."""
        host, known = locator.host, self._sources.known
        if host is None or locator.no_host is not None or _is_literal(host) or wrapped(locator) is not None:
            return None
        return None if known.is_shortener(host) or known.platform(host) is not None else _OFFLINE

    def held(self) -> AbstractContextManager[Judge]:
        """Hold the data in force, so that one edition judges all that is asked until the context is left."""
        return self._sources.embedded.held()

    def verdict_instead(self, address: IpParts) -> Verdict | None:
        """Return the verdict of a web location on an IPv4 address that is no public one; None for one that is.

        For a bulk run: with a judge's `judged`, it is all that `offline` says of such a location.
        """
        return None if is_public_v4(address.number) else _PRIVATE

    def _by_data_alone(self, locator: Locator, how: _How) -> Trace:
        if (told := self._told_by_itself(locator, how)) is not None:
            return told
        ip = _literal(str(locator.host))
        if ip is None:
            return self._trace(locator, _OFFLINE)
        address = how.judge.address(ip, (), how.basis)
        return self._trace(locator, fuse.verdict((address,)), addresses=(address,))

    async def aclose(self) -> None:
        """Close the resolver."""
        if self._sources.resolver is not None:
            await self._sources.resolver.aclose()

    async def _looked_up(self, locator: Locator, how: _How) -> Trace:
        """Return what the location's own name and addresses say."""
        if (told := self._told_by_itself(locator, how)) is not None:
            return told
        resolution = await self._resolve(str(locator.host))
        if resolution is None:
            return self._by_data_alone(locator, how)
        if resolution.outcome not in (DnsOutcome.OK, DnsOutcome.PRIVATE):
            return self._without_address(locator, resolution)
        if (before := self._same_as_before(resolution, how)) is not None:
            return self._again(before, locator, resolution)
        judged, asked = await self._judged(resolution.addresses, (), how)
        judged += [how.judge.address(ip) for ip in resolution.private]
        found = self._with_addresses(locator, resolution, judged, asked)
        if not asked and resolution.names:
            host = resolution.host
            self._before[host] = ref(resolution, lambda _: self._before.pop(host, None)), found
        return found

    def _same_as_before(self, resolution: Resolution, how: _How) -> Trace | None:
        """Return the last trace of a host, where names, data and policy are those of that one: reports crowd on few.

        Nobody outside was asked then, so nobody would be now. A host that may move fast is watched at each trace.
        """
        if how != self._made_by:
            self._before.clear()
            self._made_by = how
        known = self._before.get(resolution.host)
        if known is None or known[0]() is not resolution:
            return None
        return None if resolution.min_ttl is None or resolution.min_ttl <= LOW_TTL else known[1]

    def _again(self, before: Trace, locator: Locator, resolution: Resolution) -> Trace:
        """Return a trace as it was, made now, with the abuse contact that is known by now."""
        now = {
            "traced_at": self._clock.now(),
            "abuse_contact": self._contact(resolution.addresses),
            "registrable_domain": locator.registrable_domain,
        }
        return trusted(Trace, {**before.__dict__, **now})

    async def _judged(
        self, ips: Sequence[Ip], known: Sequence[Evidence], how: _How
    ) -> tuple[list[Address], Mapping[Ip, Asked]]:
        """Judge addresses by the embedded data and `known`; where that leaves a doubt, by who may be asked too."""
        judge = how.judge.address
        judged = [judge(ip, known, how.basis) for ip in ips]
        asked = await self._outside.ask(judged, how.online)
        again = [
            judge(ip, (*known, *asked[ip].evidence), how.basis) if ip in asked else before
            for ip, before in zip(ips, judged, strict=True)
        ]
        return again, asked

    async def _behind(self, edge: Trace, origin: NamedOrigin, how: _How) -> Trace:
        """Return the trace of the host behind an edge: the names stay, the edge's addresses give way to the origin."""
        ips = [ip_address(one) for one in origin.addresses]
        named = Evidence(source="origin", claim=Claim(basis=Basis.ORIGIN), as_of=origin.on, detail=origin.by)
        judged, asked = await self._judged(ips, (named,), how)
        also = [trace_notes.note("origin_named")]
        also += _silent(asked)
        replaced = {
            "verdict": fuse.verdict(judged, also=also),
            "addresses": tuple(judged),
            "online": edge.online or bool(asked),
            "abuse_contact": self._contact(ips),
        }
        return edge.model_copy(update=replaced)

    def _contact(self, ips: Iterable[Ip]) -> str | None:
        contacts = (self._sources.contact(ip) for ip in ips)
        return next((contact for contact in contacts if contact), None)

    async def _resolve(self, host: str) -> Resolution | None:
        """Return the addresses of `host`, or None when names are not looked up. A literal is its own, without DNS."""
        ip = _literal(host)
        if ip is not None:
            return Resolution(host, DnsOutcome.OK, (ip,))
        return None if self._sources.resolver is None else await self._sources.resolver.resolve(host)

    def _told_by_itself(self, locator: Locator, how: _How) -> Trace | None:
        """Return the trace of a location that says all by itself: it has no address, or its addresses mislead."""
        host, known = locator.host, self._sources.known
        if host is None or locator.no_host is not None:
            return self._without_host(locator, how)
        if not locator.itself and (carried := wrapped(locator)) is not None:
            return self._trace(locator, _of_wrapper(carried))
        if _is_literal(host):
            return None
        if known.is_shortener(host):
            return self._trace(locator, _without(VerdictKind.UNRESOLVED, trace_notes.note("shortener")))
        platform = known.platform(host)
        if platform is None:
            return None
        reason = trace_notes.note("platform", company=platform.company, seat=platform.seat, reporting=platform.report)
        verdict = Verdict(kind=VerdictKind.EDGE_ONLY, reasons=(reason,), registration_country=platform.seat)
        return self._trace(locator, verdict, platform=platform.name)

    def _without_host(self, locator: Locator, how: _How) -> Trace:
        verdict = _without(VerdictKind.NO_HOST, trace_notes.no_host(locator.no_host or ""))
        ip = literal_of(locator) if locator.no_host == "private_address" else None
        if ip is None:
            return self._trace(locator, verdict)
        return self._trace(locator, verdict, addresses=(how.judge.address(ip),))

    def _without_address(self, locator: Locator, resolution: Resolution) -> Trace:
        reasons = [trace_notes.outcome(resolution.outcome)]
        if resolution.outcome in _ABSENT and not resolution.gone:
            reasons.append(trace_notes.note("unproven"))
        if self._sources.known.is_parked(_passed(resolution)):
            reasons.append(trace_notes.note("parked"))
        verdict = Verdict(kind=VerdictKind.UNRESOLVED, reasons=tuple(reasons))
        return self._trace(locator, verdict, names=resolution.names, outcome=resolution.outcome, gone=resolution.gone)

    def _with_addresses(
        self, locator: Locator, resolution: Resolution, judged: Sequence[Address], asked: Mapping[Ip, Asked]
    ) -> Trace:
        public = judged[: len(resolution.addresses)]  # the private ones follow
        also = list(self._remarks(resolution, public)) if resolution.names else []
        also += _silent(asked)
        edge = self._sources.known.edge(_passed(resolution)) if resolution.names else None
        return self._trace(
            locator,
            fuse.verdict(judged, edge_operator=edge, also=also),
            names=resolution.names,
            addresses=tuple(judged),
            outcome=resolution.outcome if resolution.names else None,
            online=bool(asked),
            abuse_contact=self._contact(resolution.addresses),
        )

    def _remarks(self, resolution: Resolution, public: Sequence[Address]) -> Iterable[Reason]:
        """Yield what resolution itself shows, beside what the addresses say."""
        passed, ttl = _passed(resolution), resolution.min_ttl
        if self._sources.known.is_parked(passed):
            yield trace_notes.note("parked")
        for code in resolution.notes:
            yield trace_notes.note(code, most=MOST_ADDRESSES)
        hosts = [address for address in public if not address.edge]
        if ttl is None or ttl > LOW_TTL or not hosts:
            return
        networks = {address.asn for address in hosts if address.asn is not None}
        seen = {address.ip for address in hosts}
        if self._observations.is_flux(resolution.host, self._clock.now(), seen, networks):
            yield trace_notes.note("fast_flux")
        elif ttl < _SHORT_TTL:
            yield trace_notes.note("low_ttl", ttl=ttl)

    def _trace(
        self,
        locator: Locator,
        verdict: Verdict,
        *,
        names: tuple[NameRecord, ...] = (),
        addresses: tuple[Address, ...] = (),
        outcome: DnsOutcome | None = None,
        gone: bool = False,
        online: bool = False,
        abuse_contact: str | None = None,
        platform: str | None = None,
    ) -> Trace:
        fields = {
            "host": locator.host,
            "traced_at": self._clock.now(),
            "verdict": verdict,
            "names": names,
            "addresses": addresses,
            "outcome": outcome,
            "gone": gone,
            "online": online,
            "abuse_contact": abuse_contact,
            "registrable_domain": locator.registrable_domain,
            "platform": platform,
        }
        return trusted(Trace, fields)


def _silent(asked: Mapping[Ip, Asked]) -> list[Reason]:
    return [trace_notes.note(why, source=name) for name, why in silences(asked.values())]


def _of_wrapper(carried: Wrapped) -> Verdict:
    codes = ["link_wrapper"]
    if carried.copy:
        codes.append("serves_copy")
    if carried.leads_to is None:
        codes.append("inner_unknown")
    reasons = tuple(trace_notes.note(code) for code in codes)
    return Verdict(kind=VerdictKind.UNRESOLVED, reasons=reasons, leads_to=carried.leads_to)


def _literal(host: str) -> Ip | None:
    """Return the address that a locator's host is, or None for a name."""
    return read_ip(host) if _is_literal(host) else None


def _is_literal(host: str) -> bool:
    """Say whether a locator's host is an address: WHATWG lets no name end in a number."""
    return ":" in host or host.rpartition(".")[2].isdigit()


@lru_cache(maxsize=1024)
def _without(kind: VerdictKind, reason: Reason) -> Verdict:
    """Return the verdict of a location that has no country, for one reason: the same for all such."""
    return Verdict(kind=kind, reasons=(reason,))


_OFFLINE: Final = _without(VerdictKind.UNRESOLVED, trace_notes.note("offline"))
_PRIVATE: Final = _without(VerdictKind.NO_HOST, trace_notes.no_host("private_address"))


def _passed(resolution: Resolution) -> list[str]:
    """Return the host and all names its chain leads through."""
    targets = (record.target for record in resolution.names if record.type == "CNAME")
    return [resolution.host, *(target for target in targets if target is not None)]
