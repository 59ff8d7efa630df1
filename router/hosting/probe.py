"""Ask a reported host whether it is still there: one HEAD, from an address of our own, and only the status is read.

Off unless the operator names that address. When it may be asked at all is `casework/follow_up/probe`'s to say: here
nothing is known of cases.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from router.errors import EgressRefused, NoAnswer, NotSent
from router.guard.target import Purpose
from schemas.probe import Probed, ProbeFinding
from schemas.trace import Ip

#: Seconds for a whole probe.
DEADLINE: Final = 10.0
#: Probes under way at once. Our own choice: a silent host holds its place for the whole of it.
AT_ONCE: Final = 64
#: Why nothing left, as the guard says it, and what that means of the host.
_NOT_SENT: Final = {
    "refused": ProbeFinding.REFUSED,
    "tls": ProbeFinding.NO_HTTP,
    "dns": ProbeFinding.NOT_CALLED,
    "no_source": ProbeFinding.NOT_CALLED,
}


class Knock(Protocol):
    """The one way out, as this file sees it: `guard.egress.Egress` fits, and nothing else should."""

    async def head(
        self, url: str, *, headers: dict[str, str], sources: Sequence[Ip], deadline: float, purpose: Purpose
    ) -> int:
        """Return the status by which a URL answers HEAD. Raise EgressRefused, NotSent, NoAnswer."""
        ...


class Prober:
    """Asks hosts whether they are there, from these addresses of ours."""

    def __init__(self, egress: Knock, sources: Sequence[Ip], deadline: float = DEADLINE) -> None:
        """Take the guard, and at most one address of this machine of each kind."""
        self._egress = egress
        self._sources = tuple(sources)
        self._deadline = deadline
        self.turns = asyncio.Semaphore(AT_ONCE)

    async def head(self, url: str, referrer: str | None) -> Probed:
        """Return how it ended; whatever goes wrong is a finding."""
        headers = {} if referrer is None else {"Referer": referrer}
        ask = self._egress.head
        try:
            status = await ask(
                url, headers=headers, sources=self._sources, deadline=self._deadline, purpose=Purpose.PROBE
            )
        except EgressRefused:
            return Probed(finding=ProbeFinding.NOT_CALLED)
        except NotSent as error:
            return Probed(finding=_NOT_SENT.get(error.reason or "", ProbeFinding.UNREACHABLE))
        except NoAnswer:
            return Probed(finding=ProbeFinding.NO_HTTP)
        return Probed(finding=ProbeFinding.ANSWERED, status=status)
