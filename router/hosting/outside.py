"""Ask outside sources about the addresses that are in doubt, as far as the policy's mode lets us.

Every question tells somebody which address is looked at. So nobody is asked about an edge, about more than a few
addresses of one host, or about an address that the embedded data already settle, unless the mode is `always`.

This is the one place where whatever goes wrong at a source becomes its silence: it did not answer, or what it answered
made our reader of it fail. The others are asked all the same, and the verdict says who was silent, and why.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_address
from typing import Final, NamedTuple

from router.errors import EvidenceUnavailable
from router.hosting.sources.base import OnlineSource
from router.hosting.verdict.part import check
from schemas.trace import Address, Evidence, Ip, OnlineMode

#: Below this measured confidence an address is in doubt; the default policy hands such cases to people.
DOUBTFUL_BELOW: Final = 0.90
#: Addresses of one host that anybody outside is asked about. More would tell more and teach little.
MOST_ASKED: Final = 8
#: Seconds for one source and one address, beyond every deadline that a source keeps by itself.
LONGEST: Final = 40.0


class Silence(StrEnum):
    """Why a source says nothing, by the code of the note about it (`trace_notes`)."""

    SILENT = "source_silent"  #: it did not answer in time, or asks to be left alone
    UNREADABLE = "source_unreadable"  #: our reader of its answers failed: a fault of ours, and it is in the log


class Asked(NamedTuple):
    """What outside sources said of one address."""

    evidence: tuple[Evidence, ...]
    silent: Mapping[str, Silence]  #: the sources that said nothing because something went wrong, by name


class Outside:
    """The online sources, in the order in which they are asked."""

    def __init__(self, sources: Sequence[OnlineSource], *, doubtful_below: float = DOUBTFUL_BELOW) -> None:
        """Take the sources, and the confidence below which an address is in doubt.

        Raise CannotStart for a source that does not declare its part in the verdict.
        """
        check(sources)
        self._sources = tuple(sources)
        self._doubtful_below = doubtful_below

    async def ask(self, judged: Sequence[Address], mode: OnlineMode) -> dict[Ip, Asked]:
        """Return what was said, for each address that was asked about."""
        if mode is OnlineMode.NEVER or not self._sources:
            return {}
        wanted = [address for address in judged if mode is OnlineMode.ALWAYS or self._is_doubtful(address)][:MOST_ASKED]
        if not wanted:
            return {}
        answers = await asyncio.gather(*(self._ask_about(address) for address in wanted))
        return {ip_address(address.ip): answer for address, answer in zip(wanted, answers, strict=True)}

    def _is_doubtful(self, address: Address) -> bool:
        # Nobody outside can say more of an edge: what is behind it is in no registry.
        return not address.edge and (address.country is None or address.confidence < self._doubtful_below)

    async def _ask_about(self, address: Address) -> Asked:
        ip = ip_address(address.ip)
        found: list[Evidence] = []
        silent: dict[str, Silence] = {}
        # In turn: a later source builds on an earlier one's answer, as a geofeed on the registry's link to it.
        for source in self._sources:
            said = await _asked(source, ip, (*address.evidence, *found))
            if isinstance(said, Silence):
                silent[source.name] = said
            else:
                found += said
        return Asked(tuple(found), silent)


async def _asked(source: OnlineSource, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence] | Silence:
    """Return what a source says, or why it says nothing. Raises only when cancelled."""
    try:
        async with asyncio.timeout(LONGEST):
            return await source.claims(ip, so_far)
    except (EvidenceUnavailable, TimeoutError):
        return Silence.SILENT
    except Exception as error:  # noqa: BLE001 - what others write must not cost a verdict, whatever it is
        from router.guard.log import get_log  # not loaded by an answer from the data alone, which is to start quickly

        get_log("hosting").error("source_failed", source=source.name, exc_info=error)
        return Silence.UNREADABLE


def silences(answers: Iterable[Asked]) -> list[tuple[str, Silence]]:
    """Return who was silent about any of some addresses, and why, each once."""
    return sorted({pair for answer in answers for pair in answer.silent.items()})
