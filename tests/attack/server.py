"""A real `serve` in a process of its own, whom it lets in, and what a request costs it, read from /proc.

It has no worker, so that whatever it costs is the request's. Written for Linux.
"""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.app import build
from router.casework.intake import take
from router.casework.people import sessions, tokens
from router.console.access import COOKIE
from router.partners.keys import Signer
from router.partners.signing import sign_request
from router.settings import Settings
from schemas.actor import ROUTER, Role
from schemas.partner import Partner, PartnerKind
from schemas.report import ReportGiven
from tests.neighbours import pin
from tests.office import report, token_for, token_of

ROOT: Final = Path(__file__).resolve().parents[2]
NAME, PUBLIC = "hotline-be", "https://be.test"
PEER: Final = Signer("hotline-nl-1", Ed25519PrivateKey.generate())
_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")
#: Seconds after which a request is given up, with what it cost until then.
PATIENCE: Final = 120.0
_SAMPLE: Final = 0.01
SETTINGS: Final = f"""name = "{NAME}"
public_url = "{PUBLIC}"
resolvers = ["127.0.0.1:9"]
workers = 0
"""


class Cost(NamedTuple):
    """What one request cost: seconds of processor, bytes of memory beyond before, bytes of the answer, its status."""

    cpu: float
    memory: int
    answer: int
    status: int


@dataclass
class Callers:
    """Whom the router knows: tokens by role, a signed-in browser, and something to act on."""

    tokens: dict[str, str] = field(default_factory=dict)
    cookie: str = ""
    csrf: str = ""
    case: str = ""
    report: str = ""


async def _settled(folder: Path) -> Callers:
    (folder / "router.toml").write_text(SETTINGS, encoding="utf-8")
    found = Callers()
    async with build(Settings.load(data_dir=folder)) as router:
        ctx = router.ctx
        for role in Role:
            found.tokens[role] = await token_for(ctx, role)
        found.tokens["source"] = await token_of(ctx, "form")
        account = await tokens.account_named(ctx, f"a-{Role.SUPERVISOR}")
        opened = await sessions.begin(ctx, account.actor)
        found.cookie, found.csrf = f"{COOKIE}={opened.cookie}", opened.session.csrf
        config = {"url": "https://nl.test", "peer": "hotline-nl", "keys": [{"id": PEER.key_id, "public": PEER.public}]}
        peer = Partner(
            name="hotline-nl",
            title="Dutch hotline",
            kind=PartnerKind.HOTLINE,
            inhope=True,
            countries=("NL",),
            default=True,
            enabled=True,
            dialect="router",
            config=config,
        )
        await pin(router, [peer])
        taken = await take.take(ctx, ReportGiven.model_validate_json(json.dumps(report("seed"))), ROUTER)
        found.report, found.case = taken.id, taken.items[0].case
    return found


@dataclass
class Server:
    """It, while it runs."""

    pid: int
    port: int
    callers: Callers

    def spent(self) -> float:
        """Return the seconds of processor of the process and of its children, the ended ones included."""
        return sum(_cpu(pid) for pid in self._family())

    def _family(self) -> list[int]:
        found, new = [self.pid], [self.pid]
        while new:
            new = [child for pid in new for child in _children(pid)]
            found += new
        return found

    def held(self) -> int:
        """Return the bytes of memory that the process and its children hold now."""
        return sum(_status(pid, "VmRSS") for pid in self._family())

    def signed(self, path: str, body: bytes) -> dict[str, str]:
        """Return the headers of a peer's request."""
        return sign_request(PEER, method="POST", target=PUBLIC + path, body=body, recipient=NAME, now=datetime.now(UTC))

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str], *, chunked: bool = False) -> Cost:
        """Make one request and return what it cost."""
        _forget_peak(self.pid)
        before, held = self.spent(), self.held()
        peak, stop = [held], threading.Event()
        watching = threading.Thread(target=self._watch, args=(peak, stop))
        watching.start()
        try:
            status, answer = _exchange(self.port, method, path, body, headers, chunked=chunked)
        finally:
            stop.set()
            watching.join()
        own = _status(self.pid, "VmHWM") - _status(self.pid, "VmRSS") + self.held()
        return Cost(self.spent() - before, max(0, max(*peak, own) - held), answer, status)

    def _watch(self, peak: list[int], stop: threading.Event) -> None:
        while not stop.wait(_SAMPLE):
            peak.append(self.held())


def _cpu(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        return sum(map(int, fields[11:15])) * _TICK
    return 0.0


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        files = Path(f"/proc/{pid}/task").glob("*/children")
        return [int(child) for file in files for child in file.read_text(encoding="ascii").split()]
    return []


def _status(pid: int, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


def _forget_peak(pid: int) -> None:
    """Let the peak of memory begin now; without the right to it the highest ever counts."""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _exchange(
    port: int, method: str, path: str, body: bytes, headers: dict[str, str], *, chunked: bool
) -> tuple[int, int]:
    """Send a request while reading its answer; return status and bytes. The status is 0 when nothing came."""
    length = {"transfer-encoding": "chunked"} if chunked else {"content-length": str(len(body))}
    lines = {"host": "be.test", "connection": "close", **length, **headers}
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked and body else body
    left, got, size = memoryview(head.encode("latin-1") + framed), b"", 0
    end = time.monotonic() + PATIENCE
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.setblocking(False)
        while time.monotonic() < end:
            able, ready, _ = select.select([wire], [wire] if left else [], [], 1.0)
            if ready:
                try:
                    left = left[wire.send(left[: 1 << 18]) :]
                except BlockingIOError:
                    pass
                except OSError:
                    left = left[:0]  # it hung up on us, and may have answered before
            if able:
                try:
                    part = wire.recv(1 << 18)
                except BlockingIOError:
                    continue
                except OSError:
                    break
                if not part:
                    break
                got, size = got or part, size + len(part)
    return (int(got[9:12]) if got[:5] == b"HTTP/" else 0), size


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Run `serve` in a folder, with all whom it lets in."""
    callers = asyncio.run(_settled(folder))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "main.py", "serve", "--json", "--port", str(port), "--data", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        assert process.stdout.readline(), "it did not start"
        yield Server(process.pid, port, callers)
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=60)
        process.kill()
        process.communicate()
