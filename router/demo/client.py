"""How the demo's staff and scripts speak to an instance: over its API, with a token, through the egress guard."""

import json
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Self

from router.demo.dial import Dial
from router.errors import Conflict, RouterError
from router.guard.egress import Egress, HttpAnswer
from router.guard.target import Purpose
from router.world.story import SITES
from schemas.trace import Ip

SECONDS: Final = 30.0
CAP: Final = 16 * 1024 * 1024


class Line:
    """The way to all instances: names of the story, judged public addresses, ports of loopback.

    The demo has no other way to connect, so it cannot reach anything else either.
    """

    def __init__(self, ports: Mapping[str, int], authority: Path) -> None:
        """Take the port of loopback behind each public address, and the authority behind all certificates."""
        self._egress = Egress(_addresses, dial=Dial(ports), ca_file=authority)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._egress.close()

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> HttpAnswer:
        """Make one request. Raise Unavailable."""
        return await self._egress.request(
            method, url, headers=headers, body=body, deadline=SECONDS, cap=CAP, purpose=Purpose.PARTNER
        )


async def _addresses(host: str) -> Sequence[Ip]:
    return [ip_address(site.address) for site in SITES if site.host == host]


class Client:
    """One person's or script's access to one instance."""

    def __init__(self, line: Line, host: str, token: str) -> None:
        """Speak to `host` with an API token."""
        self._line = line
        self._base = f"https://{host}"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str) -> Any:
        """Return the JSON of an answer. Raise RouterError with its sentence."""
        return json.loads((await self._ask("GET", path)).body)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send JSON and return the JSON of the answer. Raise RouterError with its sentence."""
        answer = await self._ask("POST", path, json.dumps(body).encode(), "application/json")
        return json.loads(answer.body) if answer.body else None

    async def send_lines(self, path: str, body: bytes) -> list[dict[str, Any]]:
        """Send NDJSON and return the answer's lines. Raise RouterError with its sentence."""
        answer = await self._ask("POST", path, body, "application/x-ndjson")
        return [json.loads(line) for line in answer.body.splitlines() if line]

    async def pages(self, path: str) -> list[dict[str, Any]]:
        """Return all entries of a listing, page by page."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = await self.get(path + (f"{'&' if '?' in path else '?'}cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page.get("next")
            if not cursor:
                return found

    async def _ask(
        self, method: str, path: str, body: bytes | None = None, media_type: str | None = None
    ) -> HttpAnswer:
        headers = self._headers | ({"Content-Type": media_type} if media_type else {})
        answer = await self._line.ask(method, self._base + path, headers, body)
        if answer.status >= 400:
            raise _problem(answer)
        return answer


def _problem(answer: HttpAnswer) -> RouterError:
    try:
        detail = str(json.loads(answer.body)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"An instance answered {answer.status}."
    return Conflict(detail) if answer.status == 409 else RouterError(detail)
