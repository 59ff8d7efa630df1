"""Ask a registry by WHOIS (RFC 3912) where its RDAP gives no answer, or no country, as ARIN's never does.

The question goes to the same registry, in the clear: whoever carries it can read the address. One connection, one line,
a deadline, a size; no retry, and no referral is followed. The caller keeps the pace and the answer (`rdap.py`).
"""

import asyncio
from concurrent.futures import Executor
from typing import Final

from router.errors import EgressRefused, EvidenceUnavailable, NoAnswer, NotSent
from router.hosting.fetch import Talk
from router.hosting.sources.base import Ip
from router.hosting.sources.registry.registration import Network
from router.hosting.sources.registry.registries import RegistryInfo
from router.hosting.sources.registry.whois_answer import read_whois

PORT: Final = 43
#: Seconds for a whole call, and octets of an answer; real ones have 1 to 10 kB.
DEADLINE: Final = 4.0
CAP: Final = 65_536


async def ask_whois(talk: Talk, info: RegistryInfo, ip: Ip, readers: Executor) -> Network | None:
    """Return the network around `ip` by a registry's WHOIS; None when it names none. Raises `EvidenceUnavailable`."""
    if info.whois is None:
        return None
    question = f"{info.whois_query.format(ip=ip)}\r\n".encode("ascii")
    try:
        said = await talk.exchange(info.whois, PORT, question, deadline=DEADLINE, cap=CAP)
    except (NotSent, NoAnswer, EgressRefused):
        raise EvidenceUnavailable("The registry did not answer; try again later.") from None
    # Latin-1 reads every octet; registries write names in it, and what is read here is ASCII.
    return await asyncio.get_running_loop().run_in_executor(readers, read_whois, said.decode("latin-1"), info.name, ip)
