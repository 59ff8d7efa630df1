"""Put a router together: the only file that names engines and dialects (`app_tracer`: sources). No process globals.

    settings ──► data, keys, store ──► tracer, egress, dialects ──► Context ──► API, console, worker

`build` is an async context manager; leaving it closes everything in the reverse order.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from router.app_tracer import (
    data_folder,
    hosts_moved,
    liars,
    make_origins,
    make_prober,
    make_resolver,
    make_tracer,
    open_editions,
    way_out,
)
from router.casework.alarm.bell import Bell
from router.casework.alarm.ways import ensure_ways
from router.casework.case.ringing import Ringing
from router.casework.context import Context
from router.casework.deliver.call_budget import SharedBudget
from router.casework.govern.clear_text import seal_clear_text
from router.casework.govern.sources import ensure_sources
from router.casework.govern.versions import Following, ensure_defaults
from router.casework.intake.domains import index_domains
from router.casework.intake.left_before import is_any_left
from router.casework.intake.numbering import number_reports
from router.clock import Clock, SystemClock, micros
from router.console.trail.paper import HousePapers
from router.data import DataSets
from router.data.directory import shipped_directory
from router.data.policies import default_policy
from router.errors import BadInput, CannotStart, RouterError
from router.guard.anchor import FILE as ANCHOR_FILE
from router.guard.anchor import Anchors
from router.guard.egress import Dial, Egress, straight
from router.guard.identity import IDENTITY_FILE, load_or_create_identity
from router.guard.log import set_up
from router.guard.master import MASTER_FILE, check_indexes, load_or_create_master, open_keyring
from router.guard.process import leave_no_dump
from router.guard.seal import Keyring
from router.guard.signin.door import Door
from router.guard.signin.provider import Provider
from router.hosting.editions import LOOK_EVERY, Editions
from router.hosting.trace import Tracer
from router.partners import speakers
from router.partners.base import CheckResult, Tools
from router.partners.keys import Signer
from router.partners.own_address import check_own_address
from router.partners.viewing_room import ViewingRoom
from router.serving.held_open import serving_here
from router.settings import SECRETS, SEEN, Settings
from router.store.clock import StoreClock
from router.store.connect import is_made, open_store
from router.store.writer import Writer
from router.worker.loop import Worker
from schemas.actor import ROUTER

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

    from router.hosting.dns.resolve import Resolver


@dataclass(frozen=True, slots=True)
class Router:
    """A router that is put together and open."""

    settings: Settings
    ctx: Context
    signer: Signer
    store: Writer
    editions: Editions

    @property
    def data(self) -> DataSets:
        """The data sets in force now."""
        return self.editions.data

    def api(self) -> "FastAPI":
        """Return the web application: the API, the console, and the peers' inbox once we have a public address."""
        from starlette.routing import Mount

        from router.api import make_api
        from router.api.inbox import Peering
        from router.console.pages import make_console

        url = self.settings.public_url
        peering = Peering(str(url), self.signer) if url else None
        return make_api(self.ctx, peering=peering, mounts=[Mount("/", make_console(self.ctx))], datasets=self._days)

    def _days(self) -> dict[str, date]:
        return {name: date.fromisoformat(info.date) for name, info in self.data.infos.items()}

    def worker(self) -> Worker:
        """Return one worker over this router's context."""
        return Worker(self.ctx)


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    dial: Dial = straight,
    upgrade: bool = True,
    look_every: float = LOOK_EVERY,
    reindexing: bool = False,
) -> AsyncIterator[Router]:
    """Open a router. Raise CannotStart with one sentence, StoreUnavailable.

    Without `clock` it goes by the database's. `clock`, `dial` and `look_every` are for stories and tests: a dial leads
    addresses the guard has judged to somewhere else, and refreshed data are looked for every so many seconds.
    """
    folder = data_folder(settings.data_dir)
    async with AsyncExitStack() as stack:
        editions = stack.enter_context(closing(open_editions(settings)))
        keyring = await _keyring(settings, folder, reindexing=reindexing)
        store, anchors = await _opened(stack, settings, folder, keyring, upgrade=upgrade)
        told = None if clock is not None else await StoreClock.of(store)
        clock = clock or told
        assert clock is not None  # for the type checker
        signer = own_key(settings)
        resolver, egress = await _out(stack, settings, clock, dial)
        secret, files = secrets_in(folder / SECRETS), secret_files_in(folder / SECRETS)
        tools = Tools(egress, clock, settings.name, (signer,), secret, files, SharedBudget(store, clock))
        await _ensure(store, settings, clock)
        ctx = Context(
            store=Ringing(store),
            keyring=keyring,
            clock=clock,
            tracer=make_tracer(stack, editions, clock, resolver, egress, settings),
            governance=Following(store, clock),
            dialects=speakers(tools),
            me=settings.name,
            home=settings.home,
            owner=_owner(),
            origins=make_origins(settings, egress, clock, secret),
            call_seconds=settings.call_seconds,
            undelivered_after=settings.undelivered_after,
            zone=ZoneInfo(settings.time_zone),
            locator=await _locator(stack, editions, clock, dial, settings),
            anchors=anchors,
            prober=make_prober(settings, egress),
            bell=Bell(egress, secret),
            console=str(settings.public_url) if settings.public_url else None,
            lying_resolvers=liars(settings).now,
            hosts_moved=partial(hosts_moved, settings),
            was_restored=await is_any_left(store),
            key_file=folder / MASTER_FILE,
            door=_door(stack, settings, egress, secret),
            room=viewing_room(settings),
            house=HousePapers(signer.private, signer.key_id, settings.contact),
            clock_set_back=int if told is None else told.set_back,
        )
        await _of_older_versions(ctx)
        following = (editions.follow(look_every), index_domains(ctx), *(() if told is None else (told.follow(),)))
        for work in following:
            await stack.enter_async_context(beside(work))
        yield Router(settings, ctx, signer, store, editions)


async def _opened(
    stack: AsyncExitStack, settings: Settings, folder: Path, keyring: Keyring, *, upgrade: bool
) -> tuple[Writer, Anchors]:
    """Open the store, and what keeps the newest root of its audit elsewhere."""
    anchors = Anchors(folder / ANCHOR_FILE, settings.name, settings.audit_receiver, settings.audit_mail)
    store = await open_store(settings.database, folder, keyring, upgrade=upgrade, anchors=anchors, seen=folder / SEEN)
    stack.push_async_callback(store.close)
    return store, anchors


async def _of_older_versions(ctx: Context) -> None:
    """Bring rows that an older version wrote to what this one expects."""
    await seal_clear_text(ctx)
    await number_reports(ctx)


async def _ensure(store: Writer, settings: Settings, clock: Clock) -> None:
    """Put in force what a first start needs."""
    await ensure_sources(store, micros(clock.now()))
    await ensure_ways(store, settings.alarm, micros(clock.now()))
    await ensure_defaults(store, clock, default_policy(settings.home), shipped_directory(), ROUTER)


async def _out(stack: AsyncExitStack, settings: Settings, clock: Clock, dial: Dial) -> "tuple[Resolver, Egress]":
    """Return how names are looked up, and how everything leaves."""
    resolver = make_resolver(settings, clock)
    stack.push_async_callback(resolver.aclose)
    return resolver, await stack.enter_async_context(way_out(settings, resolver, dial))


async def _locator(stack: AsyncExitStack, editions: Editions, clock: Clock, dial: Dial, settings: Settings) -> Tracer:
    """Return a tracer for questions about any host, with caches of its own: how fast it answers tells nothing."""
    resolver, egress = await _out(stack, settings, clock, dial)
    return make_tracer(stack, editions, clock, resolver, egress, settings)


def _door(stack: AsyncExitStack, settings: Settings, egress: Egress, secret: Callable[[str], str]) -> Door:
    """Return what signing in works with. Raise CannotStart for a provider that could not lead back here."""
    oidc, provider = settings.signin.oidc, None
    if oidc is not None:
        if settings.public_url is None:
            text = "A sign-in provider leads people back to our own address: set `public_url`."
            raise CannotStart(text, field="public_url")
        provider = Provider(oidc, f"{str(settings.public_url).rstrip('/')}/signin/provider/back", egress, secret)
    made = Door(settings.signin, exposure=settings.exposure, provider=provider)
    stack.callback(made.passwords.close)
    return made


async def _keyring(settings: Settings, folder: Path, *, reindexing: bool) -> Keyring:
    """Return the keyring. A random master key is made for a new database only: a used one opens under none but its own.

    Raise CannotStart, StoreUnavailable.
    """
    path = folder / MASTER_FILE
    if path.exists() or not await is_made(settings.database, folder):
        load_or_create_master(path)
    try:
        check_indexes(path, reindexing=reindexing)
        return open_keyring(path)  # another process may have made both a moment ago
    except FileNotFoundError:
        text = f"There is a database but no master key; put the {MASTER_FILE} that belongs to it back from its backup."
        raise CannotStart(text) from None


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let something go on beside, until the context is left."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def allow_new_database(data_dir: Path) -> None:
    """Let the next start make a database although there was one: somebody says that it is meant."""
    (data_dir / SEEN).unlink(missing_ok=True)


def own_key(settings: Settings) -> Signer:
    """Return our key, by which peers know us; it is made when there is none yet. Raise CannotStart."""
    identity = load_or_create_identity(data_folder(settings.data_dir) / IDENTITY_FILE)
    return Signer(settings.own_key_id(identity.number), identity.private)


async def check_public_url(settings: Settings, dial: Dial = straight) -> CheckResult:
    """Call our own public address as a peer would. Raise CannotStart, for a key that cannot be read."""
    assert settings.public_url is not None  # for the type checker: whoever asks looked
    clock = SystemClock()
    resolver = make_resolver(settings, clock)
    try:
        async with way_out(settings, resolver, dial) as egress:
            tools = Tools(egress, clock, settings.name, (own_key(settings),))
            return await check_own_address(tools, str(settings.public_url))
    finally:
        await resolver.aclose()


def viewing_room(settings: Settings) -> ViewingRoom:
    """Return the closed room in which people look, by the house's settings."""
    folder = data_folder(settings.data_dir) / SECRETS
    return ViewingRoom(settings.viewing, secret_files_in(folder), secrets_in(folder))


class Application:
    """`router.asgi:app` for an ASGI server: opens the router when the server starts, and closes it when that stops."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is opened yet."""
        self._settings = settings
        self._stack = AsyncExitStack()
        self._api: FastAPI | None = None

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._api is not None:
            await self._api(scope, receive, send)

    async def _live(self, receive: "Receive", send: "Send") -> None:
        await receive()
        try:
            self._api = (await self._stack.enter_async_context(build(self._settings))).api()
            self._stack.enter_context(serving_here(self._settings.data_dir))
        except RouterError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})


def asgi() -> Application:
    """Return the application for an ASGI server, from `router.toml` and the environment."""
    set_up()
    leave_no_dump()
    return Application(Settings.load())


def secret_files_in(folder: Path) -> Callable[[str], bytes]:
    """Return how dialects find a partner's secret: a file of that name in the folder, readable by us alone."""
    read: dict[str, tuple[int, bytes]] = {}  # by name: when the file was written, what is in it
    paths: dict[str, Path] = {}

    def secret_file(name: str) -> bytes:
        path = paths.get(name)  # asked for each request that is signed: to make one costs more than the look
        if path is None:
            path = paths[name] = folder / name
        try:
            found = path.stat()
            if found.st_mode & 0o077:
                raise BadInput(f"The secret file {name} can be read by others; run `chmod 600` on it.", field=name)
            known = read.get(name)
            if known is None or known[0] != found.st_mtime_ns:
                known = read[name] = (found.st_mtime_ns, path.read_bytes())
            return known[1]
        except OSError:
            raise BadInput(
                f"There is no secret file {name} in the folder `secrets` of the data directory.", field=name
            ) from None

    return secret_file


def secrets_in(folder: Path) -> Callable[[str], str]:
    """Return the same for secrets that are text, without the blanks and line ends around it."""
    secret_file = secret_files_in(folder)

    def secret(name: str) -> str:
        content = secret_file(name)
        with suppress(UnicodeDecodeError):  # which holds the secret itself, so nothing is raised from inside it
            return content.decode().strip()
        raise BadInput(f"The secret file {name} is no text; put there what the partner gave.", field=name)

    return secret


def _owner() -> str:
    """Return this process's name in leases: unique among machines and restarts."""
    from router.store.ids import new_id

    return f"{socket.gethostname()}-{new_id()}"
