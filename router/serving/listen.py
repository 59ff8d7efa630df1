"""Serve an application on a socket, with or without TLS.

uvicorn's access log stays off: it would hold what was asked.
"""

import asyncio
import functools
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import uvicorn

from router.errors import CannotStart
from router.serving.connections import Connection, Held

#: Seconds that open connections get when the router stops.
_GOODBYE: Final = 5
#: Who is believed about where somebody asks from: a proxy on this machine. Named here, since uvicorn would else read an
#: environment variable that many containers set to everybody, and locations are shown by address (`reveal_from`).
_PROXIES: Final = ["127.0.0.1", "::1"]
#: Connections that wait to be accepted; what uvicorn takes by default.
_BACKLOG: Final = 2048
#: Seconds for a TLS handshake, of which our own part takes milliseconds.
_HANDSHAKE: Final = 10.0
#: Bytes of one request's head: tokens, signatures and cookies take two thousand.
_LONGEST_HEAD: Final = 32 * 1024


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raise CannotStart when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise CannotStart(f"Port {port} on {host} cannot be used; stop what uses it, or name another --port.") from None
    made.listen(_BACKLOG)
    return made


def check_tls(certificate: Path | None, key: Path | None) -> None:
    """Raise CannotStart for a certificate or key that cannot be used; asked before anything is opened or made.

    A key with a passphrase is refused: whoever starts a service cannot type it in.
    """
    if certificate is None and key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(_named(certificate), key, password=lambda: "")
    except (OSError, ssl.SSLError, ValueError):
        text = "The TLS certificate or its key cannot be used; check the paths tls_certificate and tls_key, and that"
        more = "they can be read, belong together, and need no passphrase."
        raise CannotStart(f"{text} {more}", field="tls_certificate") from None


def _named(certificate: Path | None) -> Path:
    if certificate is None:
        raise ValueError("a key alone is of no use")
    return certificate


@asynccontextmanager
async def served(
    app: Any, listener: socket.socket, held: Held, certificate: Path | None = None, key: Path | None = None
) -> AsyncIterator["asyncio.Task[None]"]:
    """Serve an application on a socket while the context is open; the task ends early only when serving fails.

    Raise CannotStart for a certificate or key that cannot be used.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=_PROXIES,
        timeout_graceful_shutdown=_GOODBYE,
        http=functools.partial(Connection, held=held),  # type: ignore[arg-type] # called as the class would be
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    try:
        check_tls(certificate, key)
    except CannotStart:
        listener.close()
        raise
    config.load()
    server = _Server(config, held)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield serving
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """uvicorn's server, with deadlines for its connections."""

    def __init__(self, config: uvicorn.Config, held: Held) -> None:
        super().__init__(config)
        self._held = held

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override] # as uvicorn has it, by decorator
        """Leave signals to whoever started us: two servers in one process would take them from each other."""
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. As uvicorn does, but with a deadline of our own for the TLS handshake."""
        loop = asyncio.get_running_loop()
        tls = self.config.ssl
        patience = _HANDSHAKE if tls else None
        self.servers = [
            await loop.create_server(self._connection, sock=one, ssl=tls, ssl_handshake_timeout=patience)
            for one in sockets or []
        ]
        self.started = True

    def _connection(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg] # typed as any protocol
            config=self.config, server_state=self.server_state, app_state={}
        )
        return made

    async def on_tick(self, counter: int) -> bool:
        """Judge the connections once a second: uvicorn ticks ten times as often."""
        if counter % 10 == 0:
            self._held.judge(asyncio.get_running_loop().time())
        return await super().on_tick(counter)
