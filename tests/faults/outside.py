"""Everything outside a router under trial, in a process of its own: `python -m tests.faults.outside CONFIG.json`.

A name server, and a partner that verifies and signs with another library than ours, keeps what it took in a file that
it syncs before it answers, and misbehaves: it fails after acting, cuts its answers, hangs, drips, contradicts itself,
redirects, answers about other referrals, signs with a key that nobody knows. It says `{"dns", "https"}` once it
listens, misbehaves as often as the last line on its standard input says, and ends with it.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from router.world.ca import Leaf
from router.world.dns import Fault, NameServer
from router.world.story import HOSTS, SITES
from router.world.zone import Host, Zone
from tests.partners.peer import Message, PeerInbox

#: Seconds that a call hangs: longer than a worker of the trial waits.
HANGS = 4.0
#: How often the name server knows nothing of the partner for a while.
NAMELESS = 0.15


@dataclass
class Wayward(PeerInbox):
    """An honest peer in an unreliable house: what it does it keeps, whatever becomes of the answer."""

    kept: Path = Path()
    luck: random.Random = field(default_factory=random.Random)
    badness: float = 0.0
    troubles: int = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer honestly, or as the day goes."""
        if self.luck.random() >= self.badness:
            return await self.take(request)
        self.troubles += 1
        trouble = self.luck.choice(TROUBLES)
        return await trouble(self, request)

    def _take(self, referral_id: str, path: tuple[str, ...]) -> dict[str, Any]:
        if referral_id in self.withdrawn:
            return {"referral_id": referral_id, "result": "refused", "reason": "withdrawn"}
        if referral_id not in self.effects:
            self._keep({"took": referral_id})
        return super()._take(referral_id, path)

    def _answer(self, path: str, body: bytes) -> dict[str, Any] | None:
        given = json.loads(body)
        for one in given.get("referrals", ()):
            if path.endswith("/referrals") and one["referral_id"] not in self.effects | dict.fromkeys(self.withdrawn):
                self._keep({"case": one["origin_reference"], "referral": one["referral_id"]})
        for one in given.get("withdraw", ()):
            self._keep({"withdrew": one})
        return super()._answer(path, body)

    def _status(self, referral_id: str) -> dict[str, Any]:
        """It works slowly: nothing is done yet about anything."""
        return {**super()._status(referral_id), "withdrawn": referral_id in self.withdrawn, "actions": []}

    def _keep(self, line: dict[str, str]) -> None:
        with self.kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


Trouble = Callable[[Wayward, web.Request], Awaitable[web.StreamResponse]]


async def fails_before(_: Wayward, __: web.Request) -> web.StreamResponse:
    return web.Response(status=503, headers={"Retry-After": "1"})


async def fails_after(one: Wayward, request: web.Request) -> web.StreamResponse:
    await one.take(request)
    return web.Response(status=one.luck.choice([500, 502, 504, 408]))


async def cut_before(_: Wayward, request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut_after(one: Wayward, request: web.Request) -> web.StreamResponse:
    await one.take(request)
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut_in_the_answer(one: Wayward, request: web.Request) -> web.StreamResponse:
    """Promise the whole body, and send some of it."""
    whole = await one.take(request)
    body = bytes(whole.body or b"")  # type: ignore[arg-type] # an answer of ours has bytes
    answer = web.StreamResponse(status=whole.status, headers={**whole.headers, "Content-Length": str(len(body))})
    await answer.prepare(request)
    await answer.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.abort()
    return answer


async def drips(one: Wayward, request: web.Request) -> web.StreamResponse:
    """Send the whole answer, slowly, and perhaps too slowly."""
    whole = await one.take(request)
    body = bytes(whole.body or b"")  # type: ignore[arg-type] # as above
    answer = web.StreamResponse(status=whole.status, headers={**whole.headers, "Content-Length": str(len(body))})
    await answer.prepare(request)
    for at in range(0, len(body), max(len(body) // 10, 1)):
        await answer.write(body[at : at + max(len(body) // 10, 1)])
        await asyncio.sleep(one.luck.choice([0.01, 0.5]))
    return answer


async def hangs(one: Wayward, request: web.Request) -> web.StreamResponse:
    answer = await one.take(request)
    await asyncio.sleep(HANGS)
    return answer


async def redirects(one: Wayward, _: web.Request) -> web.StreamResponse:
    return web.Response(status=one.luck.choice([301, 307]), headers={"Location": "https://elsewhere.test/"})


async def contradicts(one: Wayward, request: web.Request) -> web.StreamResponse:
    """Say of each that it was taken, and that it was not."""

    def both(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*answers, *({**answer, "result": "refused", "receipt": None} for answer in answers)]

    return await _said_otherwise(one, request, both)


async def speaks_of_others(one: Wayward, request: web.Request) -> web.StreamResponse:
    return await _said_otherwise(one, request, lambda said: [{**each, "referral_id": str(uuid4())} for each in said])


async def says_nothing(one: Wayward, request: web.Request) -> web.StreamResponse:
    return await _said_otherwise(one, request, lambda _: [])


async def _said_otherwise(
    one: Wayward, request: web.Request, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> web.StreamResponse:
    body = await request.read()
    message = Message(request.method, f"https://{one.host}{request.path_qs}", request.headers)
    if one._refusal(message, body) is not None:
        return web.Response(status=503)
    said = one._answer(request.path, body) or {}
    otherwise = {name: change(answers) for name, answers in said.items()}
    return one._signed(message, json.dumps(otherwise).encode())


async def signs_with_another_key(one: Wayward, request: web.Request) -> web.StreamResponse:
    private, one.private = one.private, Ed25519PrivateKey.generate()
    try:
        return await one.take(request)
    finally:
        one.private = private


async def is_a_page(one: Wayward, request: web.Request) -> web.StreamResponse:
    await one.take(request)
    return web.Response(status=200, text="<html>down for maintenance</html>", content_type="text/html")


async def finds_our_clock_wrong(_: Wayward, __: web.Request) -> web.StreamResponse:
    return web.json_response({"type": "about:blank", "status": 401, "reason": "clock"}, status=401)


TROUBLES: list[Trouble] = [
    fails_before, fails_after, fails_after, cut_before, cut_after, cut_after, cut_in_the_answer, drips, hangs,
    redirects, contradicts, speaks_of_others, says_nothing, signs_with_another_key, is_a_page, finds_our_clock_wrong,
]  # fmt: skip


async def run(config: dict[str, Any]) -> None:
    """Serve until the standard input ends."""
    folder = Path(config["folder"])
    zone = Zone(HOSTS)
    for site in SITES:
        zone.put(Host(site.host, (site.address,)))
    site = next(one for one in SITES if one.partner == config["peer"])
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(config["private"]))
    known = {config["our_key"]: Ed25519PublicKey.from_public_bytes(bytes.fromhex(config["our_public"]))}
    partner = Wayward(site.partner, site.host, private, known, kept=folder / "kept.ndjson", most=100)
    partner.luck = random.Random(config["seed"])  # noqa: S311 - what goes wrong; the same in every run
    partner.key_id = config["key_id"]
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", partner.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    leaf = Leaf(Path(config["certificate"]), Path(config["certificate_key"]))
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=leaf.server_context()).start()
    async with NameServer(zone) as server:
        said = {"dns": server.address, "https": runner.addresses[0][1]}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        await _follow(partner, zone, site.host)
    await runner.cleanup()


async def _follow(partner: Wayward, zone: Zone, host: str) -> None:
    """Read how bad the days are, until nobody says any more; answer with how much trouble there was."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        partner.badness = float(line)
        zone.faults.clear()
        if partner.badness and partner.luck.random() < NAMELESS:
            zone.faults[host] = partner.luck.choice([Fault.SERVFAIL, Fault.DROP, Fault.GARBAGE, Fault.REFUSED])
        sys.stdout.write(f"{partner.troubles}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
