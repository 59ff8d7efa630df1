"""Put together what looks at the world: the data in force, name servers, the way out, and every source of evidence.

It stands beside `app` because `locate` and `data refresh` need no store, worker or web framework. What asks outside is
imported where it is opened, so that an answer from the data alone starts quickly.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from router.clock import Clock, SystemClock
from router.data import DataSets
from router.errors import BadInput, CannotStart
from router.hosting import sources
from router.hosting.editions import Edition, Editions
from router.hosting.known_names import KnownHosts
from router.hosting.sources.base import Source
from router.hosting.trace import Embedded, Sources, Tracer
from router.settings import Settings, parse_resolver
from schemas.trace import Ip, OnlineMode

if TYPE_CHECKING:
    from router.guard.egress import Dial, Egress
    from router.hosting.dns.honesty import Liars
    from router.hosting.dns.resolve import Resolver
    from router.hosting.origin import OriginLookup
    from router.hosting.probe import Prober
    from router.hosting.verdict.second import Edition as EditionOf
    from router.hosting.verdict.second import Second

#: Where `data refresh` leaves the sets, in the data directory.
SETS = "sets"
#: Where the measure of the operator's own geolocator lies, in the data directory (`locate_truth.py --second`).
SECOND = "second-geolocator.json"
#: The file of Cloudflare's client secret, in the folder of secrets.
CLOUDFLARE_SECRET = "cloudflare"  # noqa: S105 - the name of a file


@asynccontextmanager
async def tracer(settings: Settings, *, offline: bool = False) -> AsyncIterator[Tracer]:
    """Open a tracer without a store: for `locate`. Offline, not even a resolver is opened."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        editions = open_editions(settings)
        stack.callback(editions.close)
        if offline:
            yield Tracer(Sources(editions, KnownHosts.load()), clock, mode=OnlineMode.NEVER)
            return
        resolver = make_resolver(settings, clock)
        stack.push_async_callback(resolver.aclose)
        egress = await stack.enter_async_context(way_out(settings, resolver))
        yield make_tracer(stack, editions, clock, resolver, egress, settings)


def make_tracer(
    stack: AsyncExitStack, embedded: Embedded, clock: Clock, resolver: "Resolver", egress: "Egress", settings: Settings
) -> Tracer:
    """Return the tracer with every source; the policy says when those outside are asked."""
    from router.hosting.dns.plain import PlainAsker
    from router.hosting.sources.cymru import Cymru
    from router.hosting.sources.geofeed import Geofeed
    from router.hosting.sources.registry.rdap import Rdap
    from router.hosting.sources.registry.registries import load_registries

    rdap = Rdap(egress, load_registries(), clock)
    stack.push_async_callback(rdap.aclose)
    text = PlainAsker(_own(settings))
    stack.push_async_callback(text.aclose)
    online = (rdap, Cymru(text, clock), Geofeed(egress, rdap, clock))
    return Tracer(Sources(embedded, KnownHosts.load(), resolver, online, rdap.contact), clock)


def make_origins(
    settings: Settings, egress: "Egress", clock: Clock, secret: Callable[[str], str]
) -> "tuple[OriginLookup, ...]":
    """Return the CDNs that may be asked for the host behind their edge; none until the operator names credentials.

    Raise CannotStart when the credentials are only there by half.
    """
    from router.hosting.origin import Access, CloudflareOrigin

    client = settings.cloudflare_client_id
    if client is None:
        return ()
    try:
        access = Access(client, secret(CLOUDFLARE_SECRET), settings.cloudflare_daily_quota)
        return (CloudflareOrigin(egress, access, clock),)
    except BadInput as error:
        raise CannotStart(f"cloudflare_client_id is set, but its secret cannot be used. {error.message}") from None


def make_prober(settings: Settings, egress: "Egress") -> "Prober | None":
    """Return what asks reported hosts whether they are there; None unless the operator allows it by an address."""
    if not settings.probe_from:
        return None
    from router.hosting.probe import Prober

    return Prober(egress, settings.probe_from)


def open_editions(settings: Settings) -> Editions:
    """Open the data in force, to be followed while they are refreshed. Raise CannotStart."""
    return Editions(InForce(settings))


def open_data(settings: Settings) -> DataSets:
    """Open the data sets in force: those of the last refresh, or else the shipped ones. Raise CannotStart."""
    return DataSets.open(sets_in_force(settings))


def sets_in_force(settings: Settings) -> Path | None:
    """Return the folder that the last refresh left; None when there was none, and the shipped sets serve."""
    from router.data.in_force import in_force

    return in_force(settings.data_dir / SETS)


def hosts_moved(settings: Settings) -> int | None:
    """Return how many hosts would stand elsewhere by the data sets that wait for a person; None when none wait."""
    from router.data.waiting import waiting

    with suppress(CannotStart):  # `doctor` says what is wrong with them
        found = waiting(settings.data_dir / SETS)
        return None if found is None else found.moves.hosts
    return None


def make_resolver(settings: Settings, clock: Clock) -> "Resolver":
    """Return the resolver over our name servers and those elsewhere. Raise CannotStart when none is known."""
    from router.hosting.dns.cache import CachedResolver
    from router.hosting.dns.mux import Mux
    from router.hosting.dns.resolve import ChainResolver
    from router.hosting.dns.vantage import Vantages

    own = ChainResolver(Mux(_own(settings)))
    elsewhere = [ChainResolver(Mux([parse_resolver(one)])) for one in settings.vantages]
    return CachedResolver(Vantages([own, *elsewhere]) if elsewhere else own, clock)


def name_servers(settings: Settings) -> list[tuple[str, int]]:
    """Return every resolver that we ask, ours and those elsewhere. Raise CannotStart when none is known."""
    return [*_own(settings), *map(parse_resolver, settings.vantages)]


def liars(settings: Settings) -> "Liars":
    """Return which of them are known to lie. Raise CannotStart when no resolver is known."""
    from router.hosting.dns.honesty import FILE, Liars, written

    return Liars(settings.data_dir / FILE, tuple(map(written, name_servers(settings))))


def way_out(settings: Settings, resolver: "Resolver", dial: "Dial | None" = None) -> "Egress":
    """Return the guard of all outbound connections; its owner closes it."""
    from router.guard.egress import Egress, straight

    return Egress(_addresses(resolver), dial=dial or straight, ca_file=settings.ca_file)


def data_folder(folder: Path) -> Path:
    """Return the data directory, made for us alone when there is none. Raise CannotStart."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        raise CannotStart(f"The data directory {folder} cannot be made; name another with --data.") from None
    return folder


@dataclass(frozen=True, slots=True)
class InForce:
    """The sets of the last refresh and the operator's own database: what they are now, and how they are opened."""

    settings: Settings

    def marker(self) -> object:
        """Return something that differs once a refresh has put other sets in force, or the database was replaced."""
        from router.data.in_force import LINK

        own = own_database(self.settings)
        files = (self.settings.data_dir / SETS / LINK, own, None if own is None else self.settings.data_dir / SECOND)
        return tuple(None if file is None else _identity(file) for file in files)

    def open(self) -> Edition:
        """Open what is in force now. Raise CannotStart."""
        with ExitStack() as stack:
            data = stack.enter_context(open_data(self.settings))
            own: list[Source] = []
            second: Second | None = None
            if (file := own_database(self.settings)) is not None:
                from router.hosting.sources.maxmind import MaxMind

                database = MaxMind.open(file)
                stack.callback(database.close)
                own.append(database)
                second = measured(self.settings)
            return Edition(data, sources.build(data, extra=own, second=second), stack.pop_all().close)


def own_edition(settings: Settings) -> "tuple[EditionOf | None, EditionOf | None]":
    """Return the edition of the operator's own geolocator that is in use, and the one that was measured, if any.

    Raise CannotStart.
    """
    from router.hosting.sources.maxmind import MaxMind

    file = own_database(settings)
    if file is None:
        return None, None
    database, known = MaxMind.open(file), measured(settings)
    database.close()
    return database.edition, None if known is None else known.edition


def own_database(settings: Settings) -> Path | None:
    """Return the operator's own geolocator: the one that the settings name, or else the one that a refresh fetched."""
    from router.data.second import FILE

    fetched = settings.data_dir / FILE
    return settings.maxmind or (fetched if fetched.exists() else None)


def measured(settings: Settings) -> "Second | None":
    """Return the measure of the operator's own geolocator; None when nobody made one. Raise CannotStart."""
    from router.hosting.verdict.second import Second

    file = settings.data_dir / SECOND
    return Second.load(file) if file.exists() else None


def _identity(path: Path) -> tuple[int, int, int] | None:
    """Return what tells a file or the target of a link from another one under the same name; None when it is not."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _own(settings: Settings) -> list[tuple[str, int]]:
    return [parse_resolver(one) for one in settings.resolvers] or _system_resolvers()


def _system_resolvers() -> list[tuple[str, int]]:
    from dns.resolver import NoResolverConfiguration
    from dns.resolver import Resolver as SystemResolver

    try:
        return [(str(address), 53) for address in SystemResolver().nameservers]
    except NoResolverConfiguration:
        raise CannotStart(
            'No DNS resolver is known; set `resolvers` in router.toml, such as ["127.0.0.1:53"].'
        ) from None


def _addresses(resolver: "Resolver") -> Callable[[str], Any]:
    """Return how the guard resolves: with the private addresses too, so that a mixed answer is refused."""

    async def resolve(host: str) -> list[Ip]:
        found = await resolver.resolve(host)
        return [*found.addresses, *found.private]

    return resolve
