"""Whether a resolver tells the truth: it is asked for names that must exist, and for one that must not.

A resolver that leads a name that does not exist to a page of its own, that denies a name that exists, or that says
itself that it filters, is no witness that a host is gone or has moved. `doctor` asks each, says what it found, and
leaves the ones that lie in a file beside the keys; whoever checks a case reads it there. Nothing of a case is asked.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final

from router.hosting.dns.answer import Server
from router.hosting.dns.plain import PlainAsker
from router.hosting.dns.resolve import ChainResolver, Resolution
from schemas.trace import DnsOutcome

FILE: Final = "resolvers.json"
#: IANA keeps it for use in examples (RFC 2606 section 3); it has addresses, and says nothing of anybody.
PRESENT: Final = ("example.com",)
_ABSENT: Final = (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA)
_FOUND: Final = (DnsOutcome.OK, DnsOutcome.PRIVATE)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found of one resolver."""

    server: str  #: as in the settings
    ok: bool
    text: str  #: one clause
    lies: bool = False  #: what it says of a host proves nothing


async def examine(servers: Sequence[Server], present: Sequence[str], absent: str | None = None) -> list[Examined]:
    """Ask each resolver by itself. Without an `absent` name, one below the first present one is made up."""
    missing = absent or f"{token_hex(8)}.{present[0]}"
    return list(await asyncio.gather(*(_examine(server, present, missing) for server in servers)))


async def _examine(server: Server, present: Sequence[str], absent: str) -> Examined:
    resolver = ChainResolver(PlainAsker([server]))
    *there, missing = await asyncio.gather(*(resolver.resolve(name) for name in (*present, absent)))
    lie = next(filter(None, (*map(_denied, there), _made_up(missing))), None)
    if lie is not None:
        return Examined(written(server), ok=False, text=lie, lies=True)
    if any(one.outcome is not DnsOutcome.OK for one in there) or missing.outcome not in _ABSENT:
        return Examined(written(server), ok=False, text="did not answer")
    if not missing.gone:
        text = 'its "no" comes without the word of the zone, so no case ever closes by it'
        return Examined(written(server), ok=False, text=text)
    return Examined(written(server), ok=True, text="tells the truth")


def _denied(found: Resolution) -> str | None:
    if found.outcome is DnsOutcome.FILTERED:
        return f"says itself that it filters {found.host}"
    if found.outcome in _ABSENT or found.outcome is DnsOutcome.PRIVATE:
        return f"says that {found.host}, which exists, has no public address"
    return None


def _made_up(found: Resolution) -> str | None:
    if found.outcome is DnsOutcome.FILTERED:
        return "says itself that it filters a name that nobody has"
    return "gives an address to a name that nobody has" if found.outcome in _FOUND else None


def written(server: Server) -> str:
    """Return a server as the settings write it."""
    host, port = server
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class Liars:
    """Which of the configured resolvers are known to lie, kept in a file of the data directory."""

    path: Path
    servers: tuple[str, ...]  #: those configured now: what is configured no more lies to nobody

    def keep(self, found: Sequence[Examined]) -> None:
        """Keep what an examination found. Whoever did not answer it is as well known as before."""
        silent = {one.server for one in found if not one.ok and not one.lies}
        lying = {one.server: one.text for one in found if one.lies}
        before = {server: text for server, text in self._read().items() if server in silent}
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({**before, **lying}), encoding="utf-8")
        fresh.replace(self.path)

    def now(self) -> tuple[str, ...]:
        """Return the resolvers that are known to lie."""
        known = self._read()
        return tuple(server for server in self.servers if server in known)

    def _read(self) -> dict[str, str]:
        with suppress(OSError, ValueError):
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
        return {}
