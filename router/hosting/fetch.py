"""The one way out, as this room sees it: `guard.egress.Egress` fits, and nothing else should."""

from collections.abc import Mapping
from typing import Protocol

from router.guard.egress import HttpAnswer
from router.guard.target import Purpose


class Fetch(Protocol):
    """Makes one outbound request at a time, judged by the guard."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float,
        cap: int,
        purpose: Purpose,
    ) -> HttpAnswer:
        """Make one request: `deadline` seconds in all, `cap` octets of answer.

        Raises `EgressRefused`, `NotSent`, or `NoAnswer`.
        """
        ...


class Talk(Fetch, Protocol):
    """Besides, says one thing over plain TCP and hears the answer: WHOIS."""

    async def exchange(self, host: str, port: int, said: bytes, *, deadline: float, cap: int) -> bytes:
        """Return what is answered until the other side closes.

        Raises `EgressRefused`, `NotSent`, or `NoAnswer`.
        """
        ...
