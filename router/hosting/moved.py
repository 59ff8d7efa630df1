"""Which hosts would stand in another country by other data: asked before refreshed sets are put in force."""

from collections.abc import Sequence

from router.data.waiting import Moves, counted
from router.hosting.trace import Judge
from router.hosting.verdict.fuse import verdict
from schemas.trace import Ip, Verdict


def moves(before: Judge, after: Judge, hosts: Sequence[Sequence[Ip]]) -> Moves:
    """Return what changes for hosts, each given by its addresses; a country that becomes a doubt, or ends one, too."""
    found = []
    for addresses in hosts:
        was, now = _verdict(before, addresses), _verdict(after, addresses)
        if was.country != now.country:
            network = after.address(addresses[0])
            found.append((network.asn, network.as_name, was.country, now.country))
    return counted(len(hosts), found)


def _verdict(judge: Judge, addresses: Sequence[Ip]) -> Verdict:
    return verdict([judge.address(ip) for ip in addresses])
