"""What one request can cost at most: every endpoint, three sizes, many hostile shapes, beside an empty request.

    python -m tests.attack.costs [--only TEXT] [--json FILE]

Starts a real `serve` without workers, walks its OpenAPI document, the console and the peers' inbox, and prints for each
endpoint and size the most processor time (the process and its children), memory and answer, and which shape cost it.
Exit 1 when one is over the bound of its size.
"""

import argparse
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from fastapi.routing import APIRoute

from router.api import batch, inbox, locate, partners, policy, reports
from router.api.protocol import body
from router.console import forms
from router.console.pages import ROOMS
from tests.attack import shapes
from tests.attack.server import ROOT, Cost, Server, serving

KIB, MIB = 1024, 1024 * 1024
UNKNOWN: Final = "01999999-0000-7000-8000-000000000000"
#: What endpoints take that take more than `body.LIMIT`.
LIMITS: Final[Mapping[str, int]] = {
    "/v1/reports": reports.LIMIT,
    "/v1/reports/batch": batch.LIMIT,
    "/v1/locate": locate.LIMIT,
    "/v1/partners": partners.LIMIT,
    "/v1/partners/{name}": partners.LIMIT,
    "/v1/policy": policy.LIMIT,
    "/v1/policy/replay": policy.LIMIT,
    "/v1/inbox/referrals": inbox.LIMIT,
    "/v1/inbox/status": inbox.LIMIT,
    "/v1/inbox/test": inbox.LIMIT,
}
#: Bytes of a head: what a request without a body can make long.
HEAD: Final = 24 * KIB
#: Fields of a body that are made hostile one by one, also where a body is large.
_MANY, _FEW = 30, 4
_IN_A_PROCESS: Final = frozenset({"/v1/policy", "/v1/policy/replay"})
#: Bytes beyond which no batch of good reports is sent.
_LONGEST_TAKEN: Final = 16 * MIB
#: Shapes that a body is refused by its length with; what is in it does not count.
_TOO_LONG: Final = ("zeros", "open brackets")


class Bound(NamedTuple):
    """The most that one request may cost beyond an empty one: seconds, bytes of memory, bytes of the answer."""

    cpu: float
    memory: int
    answer: int


@dataclass(frozen=True)
class Endpoint:
    """One address that is asked."""

    method: str
    path: str
    schema: Any = None
    media_type: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_console(self) -> bool:
        return not self.path.startswith(("/v1/", "/livez", "/readyz", "/metrics", "/openapi.json"))

    @property
    def limit(self) -> int:
        return forms.LIMIT if self.is_console else LIMITS.get(self.path, body.LIMIT)

    def url(self, server: Server) -> str:
        found = {"case_id": server.callers.case, "report_id": server.callers.report, "name": "nobody", "act": "ask"}
        return re.sub(r"{([^}]*)}", lambda place: found.get(place[1], UNKNOWN), self.path)


@dataclass
class Worst:
    """The most of each that was seen, and the shape that cost the most time."""

    cpu: float = 0.0
    memory: int = 0
    answer: int = 0
    shape: str = ""
    heaviest: str = ""
    seen: int = 0
    statuses: set[int] = field(default_factory=set)

    def take(self, shape: str, cost: Cost) -> None:
        if cost.cpu >= self.cpu:
            self.cpu, self.shape = cost.cpu, shape
        if cost.memory >= self.memory:
            self.memory, self.heaviest = cost.memory, shape
        self.answer = max(self.answer, cost.answer)
        self.seen += 1
        self.statuses.add(cost.status)


def bound(one: Endpoint, size: int) -> Bound:
    """Return what a request of that many bytes may cost: a share for every request, and one for each byte.

    A policy is judged in a process of its own, which costs its start: its interpreter and what it imports.
    """
    process = one.path in _IN_A_PROCESS
    cpu, memory = (1.0, 384 * MIB) if process else (0.3, 32 * MIB)
    return Bound(cpu + size / MIB * 1.5, memory + 16 * size, MIB + 4 * size)


def endpoints(document: Mapping[str, Any]) -> Iterator[Endpoint]:
    """Yield every address: those of the OpenAPI document, and the console's pages."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {})
            media_type = next(iter(content), "")
            yield Endpoint(method.upper(), path, content.get(media_type, {}).get("schema"), media_type)
    yield Endpoint("GET", "/openapi.json")
    pages = [route for room in ROOMS for route in room.routes if isinstance(route, APIRoute)]
    for route in sorted(pages, key=lambda page: page.path == "/signout"):  # which ends the session that asks
        for method in sorted(route.methods - {"HEAD"}):
            yield Endpoint(method, route.path, None, "application/x-www-form-urlencoded")


def document(server: Server) -> Mapping[str, Any]:
    """Return the OpenAPI document as the server gives it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/openapi.json")
    found: Mapping[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return found


class Attack:
    """Asks one endpoint in all shapes."""

    def __init__(self, server: Server, told: Mapping[str, Any]) -> None:
        self._server = server
        self._schemas = told.get("components", {}).get("schemas", {})

    def headers(self, one: Endpoint, token: str, sent: bytes) -> dict[str, str]:
        if one.path.startswith("/v1/inbox/"):
            return self._server.signed(one.path, sent)
        if one.is_console:
            return {
                "cookie": self._server.callers.cookie,
                "sec-fetch-site": "same-origin",
                "content-type": one.media_type,
            }
        return {"authorization": f"Bearer {token}", "content-type": one.media_type or "application/json"}

    def ask(self, one: Endpoint, token: str, sent: bytes = b"", *, chunked: bool = False, query: str = "") -> Cost:
        headers = self.headers(one, token, sent)
        return self._server.ask(one.method, one.url(self._server) + query, sent, headers, chunked=chunked)

    def admitted(self, one: Endpoint) -> tuple[str, Cost]:
        """Return the token of one who may ask, and what an empty request costs."""
        for token in self._server.callers.tokens.values():
            cost = self.ask(one, token)
            if cost.status not in {401, 403}:
                return token, min(cost, self.ask(one, token))
        return token, cost

    def shapes(self, one: Endpoint, size: int) -> Mapping[str, shapes.Shape]:
        if size > one.limit:
            return {name: shapes.PLAIN[name] for name in _TOO_LONG}
        found = dict(shapes.PLAIN)
        if one.schema is not None:
            found |= shapes.of_schema(one.schema, self._schemas, _FEW if size > MIB else _MANY)
        if one.path.startswith("/v1/reports"):
            found |= shapes.GOOD
        if one.path == "/v1/locate":
            found |= shapes.LOOKED_UP
        if one.is_console:
            found |= shapes.forms(self._server.callers.csrf)
        if "ndjson" in one.media_type:
            found |= shapes.LINES
        if size > _LONGEST_TAKEN:  # what is taken costs by the line: benchmarks/ measures it, and it takes minutes here
            found = {name: shape for name, shape in found.items() if name not in {*shapes.GOOD, "reports"}}
        return found

    def worst(self, one: Endpoint, token: str, size: int) -> Worst:
        found = Worst()
        if one.method in {"GET", "DELETE"}:
            for name, query in _queries(min(size, HEAD)).items():
                found.take(f"query: {name}", self.ask(one, token, query=query))
            for name in _TOO_LONG:
                found.take(name, self.ask(one, token, shapes.PLAIN[name](size)))
            return found
        for name, shape in self.shapes(one, size).items():
            found.take(name, self.ask(one, token, shape(size)))
        found.take("zeros in chunks", self.ask(one, token, bytes(size), chunked=True))
        return found


def _queries(size: int) -> dict[str, str]:
    return {
        "many": "?" + "a=1&" * (size // 4),
        "long": "?cursor=" + "A" * (size - 10),
        "escapes": "?state=" + "%25" * (size // 3 - 4),
        "long path": "/" + "a/" * (size // 2 - 2),
    }


def run(only: str = "", sizes: tuple[int, ...] = (64 * KIB, MIB, 0)) -> dict[str, Any]:
    """Attack every endpoint whose name holds `only`; a size of 0 is the endpoint's limit. Return the figures."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        told = document(server)
        attack = Attack(server, told)
        for one in endpoints(told):
            if only in one.name:
                token, empty = attack.admitted(one)
                for size in sorted({size or one.limit for size in sizes}):
                    row = _row(one, size, empty, attack.worst(one, token, size))
                    found.append(row)
                    print(_line(row), flush=True)
    return {"over": [f"{row['endpoint']} at {row['size']}" for row in found if not row["ok"]], "rows": found}


def _row(one: Endpoint, size: int, empty: Cost, worst: Worst) -> dict[str, Any]:
    most = bound(one, size)
    cpu, memory = worst.cpu - empty.cpu, worst.memory - empty.memory
    return {
        "endpoint": one.name, "size": size, "requests": worst.seen, "cpu_s": round(worst.cpu, 2),
        "cpu_empty_s": round(empty.cpu, 2), "cpu_shape": worst.shape, "memory_mib": round(worst.memory / MIB, 1),
        "memory_empty_mib": round(empty.memory / MIB, 1), "memory_shape": worst.heaviest,
        "answer_bytes": worst.answer, "answer_empty_bytes": empty.answer, "statuses": sorted(worst.statuses),
        "ok": cpu <= most.cpu and memory <= most.memory and worst.answer - empty.answer <= most.answer,
    }  # fmt: skip


def _line(row: Mapping[str, Any]) -> str:
    ok = "  " if row["ok"] else "!!"
    return (
        f"{ok} {row['endpoint']:48} {row['size'] // KIB:6} KiB {row['cpu_s']:6.2f} s (empty {row['cpu_empty_s']:.2f})"
        f" {row['memory_mib']:7.1f} MiB {row['answer_bytes']:10} B"
        f"  {row['cpu_shape']} | {row['memory_shape']} {row['statuses']}"
    )


def main() -> int:
    """Attack, print, and say by the exit code whether all stayed within their bounds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--only", default="", help="endpoints whose name holds this, such as `/v1/policy`")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    began = time.monotonic()
    found = run(given.only)
    for name in found["over"]:
        print(f"over its bound: {name}")
    seconds = round(time.monotonic() - began)
    print(f"{len(found['rows'])} rows, {sum(row['requests'] for row in found['rows'])} requests, {seconds} s")
    if given.json is not None:
        said = ["git", "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(said, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
        head = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "commit": commit, "seconds": seconds}
        given.json.write_text(json.dumps(head | found, indent=1) + "\n", encoding="utf-8")
    return 1 if found["over"] else 0


if __name__ == "__main__":
    sys.exit(main())
