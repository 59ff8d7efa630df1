"""`init`, `serve`, `worker`, `migrate`: make a router's data directory, and run it."""

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from router.cli.accounts import admitted, signing_in
from router.cli.client.api import ApiClient, InProcess, address, announce, local_operator, open_client, require_router
from router.cli.garbage import put_together, spare_collector
from router.cli.options import ROLES, AsJson, Data, Database, NewData
from router.cli.output import OK, complain, finish, say, show, verb

if TYPE_CHECKING:
    import asyncio

    from router.app import Router
    from router.partners.keys import Signer
    from router.settings import Settings

#: Places for verbs of this machine, which come by a door of their own.
_AT_THE_DOOR: Final = 32


@verb
def init(
    data: NewData = None,
    name: str = typer.Option("hotline", metavar="NAME", help="Our name among peers, such as child-focus-be."),
    home: str = typer.Option("BE", metavar="CC", help="Our country, as ISO 3166-1 alpha-2."),
    database: Database = None,
    account: str = typer.Option("supervisor", metavar="ACCOUNT", help="A person who may sign in; made when missing."),
    role: str | None = typer.Option(
        None,
        metavar=ROLES,
        help="The role of an account that is made. [default: supervisor]",
    ),
    new_database: bool = typer.Option(
        False, "--new-database", help="A new, empty database is meant, although the key here has seen another."
    ),
    as_json: AsJson = False,
) -> int:
    """Make a data directory. It gets settings, keys, a database and a first account; run again, another account."""
    if new_database:
        _forget_database(data)
    return finish(_init(data, name, home, database, account, role, as_json=as_json))


@verb
def serve(
    data: NewData = None,
    database: Database = None,
    host: str | None = typer.Option(None, metavar="ADDRESS", help="What to listen on; loopback unless told."),
    port: int | None = typer.Option(None, metavar="N", help="Port; 0 lets the system choose."),
    as_json: AsJson = False,
) -> int:
    """Run the router: API, console and worker."""
    given = {"data_dir": data, "database": database, "host": host, "port": port}
    return _run(_serve(given, as_json=as_json))


@verb
def worker(data: Data = None, database: Database = None) -> int:
    """Run one more worker on the same database. It has no API and no console."""
    return _run(_work({"data_dir": data, "database": database}))


@verb
def migrate(data: Data = None, database: Database = None, as_json: AsJson = False) -> int:
    """Bring the database's schema up to date."""
    return finish(_migrate({"data_dir": data, "database": database}, as_json=as_json))


def _forget_database(data: Path | None) -> None:
    from router.app import allow_new_database
    from router.settings import DEFAULT_DATA_DIR

    allow_new_database(data or DEFAULT_DATA_DIR)


async def _init(
    data: Path | None, name: str, home: str, database: str | None, account: str, role: str | None, *, as_json: bool
) -> int:
    from router.app import own_key
    from router.settings import DEFAULT_DATA_DIR

    folder = data or DEFAULT_DATA_DIR
    written = _write_settings(folder, {"name": name, "home": home, "database": database})
    async with open_client(data) as client:
        link = await admitted(client, account, role)
    key = own_key(_settings({"data_dir": data}))
    lines = [
        f"{'Made' if written else 'Kept'} {folder / 'router.toml'}; keep a copy of master.key apart from backups.",
        f"identity: {pinning(key)}",
        signing_in(account, link),
    ]
    identity = {"id": key.key_id, "public": key.public}
    made = {"data": str(folder), "account": account, "sign_in": link, "identity": identity}
    show(made, as_json=as_json, lines=lines)
    return OK


def pinning(key: "Signer") -> str:
    """Return our public key in words; staff give it to peers by telephone or in person, never through the router."""
    return f"peers pin key {key.key_id} = {key.public}"


def _write_settings(folder: Path, given: dict[str, str | None]) -> bool:
    """Write router.toml unless there is one; a setting that cannot be used is refused before anything is made.

    Raise BadInput for one that was typed here, CannotStart for one of the environment.
    """
    import json

    from router.errors import BadInput, CannotStart

    path = folder / "router.toml"
    if path.exists():
        return False
    try:
        _settings({"data_dir": folder, **given})
    except CannotStart as error:
        if given.get(error.field or "") is None:
            raise
        raise BadInput(error.message, field=error.field) from None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in given.items() if value is not None]
    # 0600, since the address of a database may carry a password.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
        file.write("# Settings of this router; each one there is, and what it means: examples/router.toml.\n")
        file.writelines(lines)
    return True


async def _serve(given: dict[str, Any], *, as_json: bool) -> int:
    from router.app import beside, build
    from router.app_data import keep_fresh
    from router.casework.people import tokens
    from router.serving.connections import Held
    from router.serving.held_open import serving_here
    from router.serving.listen import check_tls, listening_socket, served

    told, settings = _told_to_stop(), _settings(given)
    places = _places(settings.connections)
    check_tls(settings.tls_certificate, settings.tls_key)
    async with AsyncExitStack() as stack:
        router = await stack.enter_async_context(build(settings))
        stack.enter_context(serving_here(settings.data_dir))
        app, listener = router.api(), listening_socket(settings.host, settings.port)
        port, held = listener.getsockname()[1], Held(places, settings.connections_per_address)
        tls = settings.tls_certificate, settings.tls_key
        serving = await stack.enter_async_context(served(app, listener, held, *tls))
        where = address(settings, port)
        await stack.enter_async_context(_door(app, settings.data_dir, where))
        await stack.enter_async_context(beside(keep_fresh(settings, router.ctx.clock)))
        spare_collector()
        workers = [await stack.enter_async_context(_working(router)) for _ in range(settings.workers)]
        first = not await tokens.all_accounts(router.ctx)
        here = ApiClient(InProcess(app, local_operator(), where))
        _say(where, await admitted(here, "supervisor", None) if first else None, as_json=as_json)
        await _until_told(told, [serving, *workers], refusing=True)
    return OK


def _places(wanted: int) -> int:
    """Return how many connections there may be, by the files that may be open. Raise CannotStart when they are few."""
    from router.guard.process import RESERVED, open_files

    files = open_files()
    places = min(wanted, files - RESERVED)
    if places < wanted:
        complain(f"Only {places} connections at once, because {files} files may be open; raise `ulimit -n`.")
    return places


def _say(where: str, link: str | None, *, as_json: bool) -> None:
    lines = [f"The router runs at {where} (stop it with Ctrl-C)."]
    if link:
        lines.append(f"First sign-in, once and within 15 minutes: {link}")
    show({"address": where, "sign_in": link}, as_json=as_json, lines=lines)
    sys.stdout.flush()


async def _work(given: dict[str, Any]) -> int:
    from router.app import build
    from router.guard.process import open_files

    told, settings = _told_to_stop(), _settings(given)
    require_router(settings)
    open_files()
    async with build(settings, upgrade=False) as router, _working(router) as worker:
        spare_collector()
        say("The worker runs (stop it with Ctrl-C).")
        sys.stdout.flush()
        await _until_told(told, [worker])
    return OK


async def _migrate(given: dict[str, Any], *, as_json: bool) -> int:
    from router.app import build
    from router.store.migrate import newest

    settings = _settings(given)
    require_router(settings)
    async with build(settings):
        pass
    show({"revision": newest()}, as_json=as_json, lines=[f"The database's schema is up to date ({newest()})."])
    return OK


def _settings(given: dict[str, Any]) -> "Settings":
    from router.settings import Settings

    return Settings.load(**given)


def _run(work: Any) -> int:
    """Run until told to stop, on uvloop, with the log on standard error."""
    import asyncio

    import uvloop

    from router.guard.log import set_up

    set_up()
    with put_together(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return int(runner.run(work))


def _told_to_stop() -> "asyncio.Event":
    """Return what is set when the process is told to end; asked for first, so that no signal comes too early."""
    import asyncio
    import signal

    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    return told


async def _until_told(told: "asyncio.Event", tasks: Sequence["asyncio.Task[None]"], *, refusing: bool = False) -> None:
    """Wait to be told to end; end as well when a worker or the server does, since nobody else would see it.

    With `refusing`, who lost the database's files lives on: the API answers each caller with the reason, until somebody
    stops it.
    """
    import asyncio

    telling = asyncio.create_task(told.wait())
    waiting = {telling, *tasks}
    while not telling.done():
        ended, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not (refusing and all(_lost_the_store(one) for one in ended)):
            break
    telling.cancel()  # leaving the task's context raises what ended it


def _lost_the_store(task: "asyncio.Task[Any]") -> bool:
    """Tell whether that is what ended a worker, and say so."""
    from router.errors import StoreLost

    error = task.exception()
    if not isinstance(error, StoreLost):
        return False
    complain(error.message)
    return True


@asynccontextmanager
async def _working(router: "Router") -> AsyncIterator["asyncio.Task[None]"]:
    import asyncio

    worker_loop = router.worker()
    task = asyncio.create_task(worker_loop.run())
    try:
        yield task
    finally:
        worker_loop.stop()
        await task


@asynccontextmanager
async def _door(app: Any, data_dir: Path, where: str) -> AsyncIterator[None]:
    """Open the door for verbs on this machine: loopback only, its secret readable by the directory's owner alone."""
    import hmac

    from router.api.protocol.access import IN_PROCESS
    from router.guard.credentials import new_token
    from router.serving.connections import Held
    from router.serving.listen import listening_socket, served

    secret, actor = new_token("rr_door_"), local_operator()
    expected = f"Bearer {secret}".encode()

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        shown = dict(scope.get("headers", ())).get(b"authorization", b"")
        if hmac.compare_digest(shown, expected):
            scope = {**scope, IN_PROCESS: actor}
        await app(scope, receive, send)

    listener = listening_socket("127.0.0.1", 0)
    async with served(guarded, listener, Held(_AT_THE_DOOR, _AT_THE_DOOR)):
        path = announce(data_dir, listener.getsockname()[1], secret, where)
        try:
            yield
        finally:
            with suppress(OSError, ValueError):
                if f'"pid": {os.getpid()}}}' in path.read_text(encoding="utf-8"):
                    path.unlink()
