"""Read the address lists that operators publish of themselves, each in its operator's own shape.

Those who host carry the region of each range. An entry without one (a global service, an anycast front end) keeps none.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any, TypeAlias

from router.data.packages import Published, load_regions, region_country

#: The content of a list -> its rows.
Reader: TypeAlias = Callable[[str], Iterator[Published]]


def aws(text: str) -> Iterator[Published]:
    """Read ip-ranges.json. A local zone may lie abroad of its parent region: the border group tells them apart."""
    content = json.loads(text)
    for key, prefix in (("prefixes", "ip_prefix"), ("ipv6_prefixes", "ipv6_prefix")):
        for entry in content[key]:
            zone = entry.get("network_border_group", entry["region"])
            region = entry["region"] if zone == entry["region"] else zone
            yield _row("aws", entry[prefix], region, entry.get("service"))


def google(text: str) -> Iterator[Published]:
    """Read cloud.json."""
    for entry in json.loads(text)["prefixes"]:
        yield _row("gcp", entry.get("ipv4Prefix") or entry["ipv6Prefix"], entry["scope"])


def azure(text: str) -> Iterator[Published]:
    """Read the service tags. Prefixes are repeated for each service, with and without a region."""
    for tag in json.loads(text)["values"]:
        region, service = tag["properties"]["region"] or None, tag["name"].upper()
        for prefix in tag["properties"]["addressPrefixes"]:
            yield _row("azure", prefix, region, service)


def oracle(text: str) -> Iterator[Published]:
    """Read public_ip_ranges.json."""
    for region in json.loads(text)["regions"]:
        for entry in region["cidrs"]:
            yield _row("oracle", entry["cidr"], region["region"])


def digitalocean(text: str) -> Iterator[Published]:
    """Read the geofeed (RFC 8805): prefix, country, region, city, postal code."""
    for line in csv.reader(line for line in text.splitlines() if not line.startswith("#")):
        if len(line) >= 3:
            yield _row("digitalocean", line[0], line[2] or None)


def exoscale(text: str) -> Iterator[Published]:
    """Read exoscale_prefixes.json: a prefix and its zone."""
    for entry in json.loads(text)["prefixes"]:
        yield _row("exoscale", entry.get("IPv4Prefix") or entry["IPv6Prefix"], entry["zone"])


def cloudflare(text: str) -> Iterator[Published]:
    """Read ips-v4 or ips-v6: a prefix a line."""
    for line in text.split():
        yield _row("cloudflare", line, None)


def fastly(text: str) -> Iterator[Published]:
    """Read public-ip-list."""
    content = json.loads(text)
    for prefix in (*content["addresses"], *content["ipv6_addresses"]):
        yield _row("fastly", prefix, None)


def gcore(text: str) -> Iterator[Published]:
    """Read the CDN's public-ip-list."""
    content = json.loads(text)
    for prefix in (*content["addresses"], *content["addresses_v6"]):
        yield _row("gcore", prefix, None)


def bunny(text: str) -> Iterator[Published]:
    """Read edgeserverlist: single addresses of the edge's servers."""
    addresses = json.loads(text)
    if not isinstance(addresses, list):
        raise ValueError("no list of addresses")  # noqa: TRY004 - what was sent is wrong, not our call
    for address in addresses:
        yield _row("bunny", address, None)


#: Operator -> how its list is read.
READERS: Mapping[str, Reader] = {
    "aws": aws,
    "azure": azure,
    "bunny": bunny,
    "cloudflare": cloudflare,
    "digitalocean": digitalocean,
    "exoscale": exoscale,
    "fastly": fastly,
    "gcore": gcore,
    "gcp": google,
    "oracle": oracle,
}


def _row(operator: str, prefix: Any, region: Any, service: Any = None) -> Published:
    # JSON may hold anything in these places, and `ip_network` takes numbers for addresses.
    if not (isinstance(prefix, str) and isinstance(region, str | None) and isinstance(service, str | None)):
        raise ValueError("no prefix, region and service")  # noqa: TRY004 - what was sent is wrong, not our call
    regions: dict[str, Any] = load_regions()
    return Published(ip_network(prefix), operator, region_country(operator, region, regions), region, service)
