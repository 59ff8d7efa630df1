"""A small public internet on loopback: names with public addresses, a throw-away authority, and real TLS servers.

The egress guard judges the public addresses; its injected `dial` then leads each (address, port) to the loopback port
where a server of the test listens. Nothing else can be reached.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TypeAlias

import trustme
from aiohttp import web

from router.guard.egress import Egress
from schemas.trace import Ip

Raw: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Loopback:
    """Holds the servers of one test, and everything that makes `Egress` find them."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca_file = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(self.ca_file)
        self.hosts: dict[str, list[Ip]] = {}
        self.ports: dict[tuple[str, int], int] = {}
        self.lookups: list[str] = []
        self._stack = AsyncExitStack()

    async def resolve(self, host: str) -> list[Ip]:
        self.lookups.append(host)
        return self.hosts.get(host, [])

    def dial(self, ip: str, port: int) -> tuple[str, int]:
        return "127.0.0.1", self.ports[ip, port]

    async def egress(self) -> Egress:
        return await self._stack.enter_async_context(Egress(self.resolve, dial=self.dial, ca_file=self.ca_file))

    def place(self, host: str, ip: str, port: int, at: int) -> None:
        """Let a name have one more public address, and let its port be found on a loopback port."""
        self.hosts.setdefault(host, []).append(ip_address(ip))
        self.ports[ip, port] = at

    def certificate(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        until = datetime.now(UTC) - timedelta(days=1) if expired else None
        issued = self.authority.issue_cert(*names, not_after=until)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        issued.configure_cert(context)
        return context

    async def serve(
        self,
        host: str,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
        *,
        ip: str = "3.120.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Serve a handler for every path of https://host/."""
        app = web.Application(client_max_size=16_000_000)
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls or self.certificate(host))
        await site.start()
        self.place(host, ip, 443, runner.addresses[0][1])

    async def listen(
        self, host: str, talk: Raw, *, ip: str = "3.120.0.1", plain: bool = False, port: int | None = None
    ) -> None:
        """Let a coroutine speak for a host, byte by byte; in the clear on port 80 if `plain`, or on `port`."""
        open_now: set[asyncio.StreamWriter] = set()

        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            open_now.add(writer)
            try:
                await talk(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass  # the other side went away, as many tests want
            finally:
                open_now.discard(writer)
                writer.transport.abort()

        secret = None if plain or port is not None else self.certificate(host)
        server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=secret)
        self.place(host, ip, port or (80 if plain else 443), server.sockets[0].getsockname()[1])

        async def stop() -> None:
            server.close()
            for writer in open_now:
                writer.transport.abort()
            await server.wait_closed()
            await asyncio.sleep(0)

        self._stack.push_async_callback(stop)

    async def close(self) -> None:
        await self._stack.aclose()
