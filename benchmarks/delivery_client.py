"""How many signed deliveries a second leave one process, beside the bare HTTP client against the same HTTPS sink.

    python benchmarks/delivery_client.py [--seconds 3]

The sink is another process on loopback (uvloop, TLS): it does not verify, but it signs its answers, because a peer's
answer that is not signed proves nothing to the client. The payloads are frozen before.
"""

import argparse
import asyncio
import json
import re
import ssl
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple, cast

import aiohttp
import orjson
import trustme
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.processes import started
from router.clock import SystemClock
from router.delivery.send import attempt
from router.guard.egress import Egress
from router.guard.target import Purpose
from router.partners import DIALECTS
from router.partners.base import Accepted, Dialect, Envelope, Tools
from router.partners.keys import Signer
from router.partners.signing import Verified, sign_response
from schemas.partner import Partner, PartnerKind
from tests.referrals import a_message

HOST, IP = "sink.hotline.test", "3.120.0.1"
OURS = Signer("bench-ours", Ed25519PrivateKey.from_private_bytes(b"o" * 32))
THEIRS = Signer("bench-theirs", Ed25519PrivateKey.from_private_bytes(b"t" * 32))
SECRET = "whsec_" + "c2Vj" * 10
BUNDLE = 50
PREPARED = 2_000

_ID = re.compile(rb'"referral_id":"([0-9a-f-]{36})"')
_SIGNATURE = re.compile(rb"\r\nsignature: sig=(:[^:]+:)", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


class Sink(asyncio.Protocol):
    """Takes any POST; to a signed one it answers as a peer would."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; uvloop's is a Transport in all but name."""
        self._transport, self._got = cast("asyncio.Transport", transport), b""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[:end]
            found = _LENGTH.search(head)
            total = end + 4 + (int(found[1]) if found else 0)
            if len(self._got) < total:
                return
            body, self._got = self._got[end + 4 : total], self._got[total:]
            self._transport.write(_answer(head, body))


def _answer(head: bytes, body: bytes) -> bytes:
    signed = _SIGNATURE.search(head)
    if signed is None:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    answers = [{"referral_id": one.decode(), "result": "accepted", "receipt": "r-1"} for one in _ID.findall(body)]
    text = json.dumps({"answers": answers}).encode()
    now = datetime.now(UTC)
    request = Verified("bench-ours", OURS.key_id, "", now, signed[1].decode())
    headers = sign_response(THEIRS, status=200, body=text, request=request, now=now)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\n{lines}Content-Length: {len(text)}\r\n\r\n".encode() + text


def serve(certificate: Path, tell: Connection) -> None:
    """Run the sink until the process is ended."""

    async def run() -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, ssl=context)
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())


class Rate(NamedTuple):
    """What was reached; the client's own CPU time tells the truth on a machine that others use too."""

    per_second: float
    cpu_us: float


async def rate(one: Callable[[int], Awaitable[int]], in_flight: int, seconds: float) -> Rate:
    """Return how many per second `one` reports, with that many calls under way, and the CPU time of each."""
    await asyncio.gather(*(one(number) for number in range(in_flight)))  # connections stand, caches are filled
    numbers, done = iter(range(in_flight, 10**9)), 0
    end = time.perf_counter() + seconds

    async def work() -> None:
        nonlocal done
        while time.perf_counter() < end:
            made = await one(next(numbers))  # apart: `done += await` would add to what `done` was before the wait
            done += made

    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return Rate(done / (time.perf_counter() - begun), (time.process_time() - cpu) / done * 1e6)


async def measure(port: int, ca_file: Path, seconds: float) -> dict[str, Rate]:
    """Return the rates by name."""

    async def resolve(_: str) -> list[IPv4Address | IPv6Address]:
        return [ip_address(IP)]

    async with Egress(resolve, dial=lambda *_: ("127.0.0.1", port), ca_file=ca_file) as egress:
        tools = Tools(egress, SystemClock(), "bench-ours", (OURS,), lambda _: SECRET)
        peer = _partner("router", {"peer": "bench-peer", "keys": [{"id": THEIRS.key_id, "public": THEIRS.public}]})
        hook = _partner("webhook", {"secrets": ["bench"]})
        speaker, hooks = DIALECTS["router"](tools), DIALECTS["webhook"](tools)
        body = _frozen(speaker, peer)[0].payload

        async def through_egress(_: int) -> int:
            await egress.request(
                "POST", f"https://{HOST}/", body=body, deadline=10, cap=65_536, purpose=Purpose.PARTNER
            )
            return 1

        return {
            "bare client, POST": await bare(port, ca_file, body, seconds),
            "through the guard, POST": await rate(through_egress, 32, seconds),
            "webhook, signed, one per request": await delivered(hooks, hook, 1, 32, seconds),
            "router, signed both ways, one per request": await delivered(speaker, peer, 1, 32, seconds),
            f"router, signed both ways, {BUNDLE} per request": await delivered(speaker, peer, BUNDLE, 8, seconds),
        }


async def bare(port: int, ca_file: Path, body: bytes, seconds: float) -> Rate:
    """Return the POSTs of an aiohttp session without anything of ours."""
    context = ssl.create_default_context(cafile=str(ca_file))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, limit=64)) as session:

        async def post(_: int) -> int:
            url = f"https://127.0.0.1:{port}/"
            async with session.post(url, data=body, server_hostname=HOST) as answer:
                await answer.read()
            return 1

        return await rate(post, 32, seconds)


async def delivered(dialect: Dialect, partner: Partner, bundle: int, in_flight: int, seconds: float) -> Rate:
    """Return the rate of referrals that one partner accepted."""
    envelopes = _frozen(dialect, partner)

    async def send(number: int) -> int:
        start = number * bundle % PREPARED
        outcomes = await attempt(dialect, partner, envelopes[start : start + bundle], 10.0)
        assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes[0]
        return len(outcomes)

    return await rate(send, in_flight, seconds)


def _partner(dialect: str, config: dict[str, object]) -> Partner:
    settings = {"url": f"https://{HOST}", **config}
    return Partner(name=f"bench-{dialect}", title="Sink", kind=PartnerKind.HOTLINE, dialect=dialect, config=settings)


def _frozen(dialect: Dialect, partner: Partner) -> list[Envelope]:
    messages = [a_message() for _ in range(PREPARED)]
    return [Envelope(one.referral_id, dialect.freeze(one, partner)) for one in messages]


def sample() -> bytes:
    """Return the payload of one referral, as a peer gets it."""
    return orjson.dumps(a_message().model_dump(mode="json"))


def rates(seconds: float) -> dict[str, Rate]:
    """Start the sink, measure everything for so many seconds each, end the sink; return the rates by name."""
    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as folder:
        ca_file, certificate = Path(folder) / "authority.pem", Path(folder) / "sink.pem"
        authority.cert_pem.write_to_path(ca_file)
        authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(certificate)
        with started(serve, certificate) as (port, _):
            return uvloop.run(measure(port, ca_file, seconds))


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    found = rates(parser.parse_args().seconds)
    limit = found["bare client, POST"].per_second
    for name, (per_second, cpu_us) in found.items():
        print(f"{name:46} {per_second:9,.0f}/s {per_second / limit:6.2f} x bare {cpu_us:7,.0f} us CPU each")


if __name__ == "__main__":
    main()
