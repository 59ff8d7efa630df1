"""Offline verdicts a second, beside their limit: `python benchmarks/locate_speed.py [--urls N] [--json]`.

Every line is read as a browser reads it, looked up in the seven embedded sets, fused and judged, in one process. Hosts
crowd in few networks (here 2,000 of /24), so most answers are met again: the first line. The second is the worst case:
addresses spread evenly over all announced IPv4 space, no network met twice. Limits of the same run: reading the URL
alone, and bare look-ups in the same seven files. Both again at ten times the work.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from router.data import DataSets
from router.hosting.location.url import read
from router.hosting.sources import EmbeddedSources, build
from router.hosting.verdict.fuse import verdict

TARGET = 30_000
#: Networks of /24 that the crowded addresses come from.
CROWD = 2_000


def spread_addresses(data: DataSets, count: int, seed: int = 1) -> list[IPv4Address]:
    """Return addresses drawn evenly from the announced IPv4 space."""
    draw, announced = random.Random(seed), data.reader("networks").get
    found: list[IPv4Address] = []
    while len(found) < count:
        address = IPv4Address(draw.getrandbits(32))
        if announced(address) is not None:
            found.append(address)
    return found


def crowded_addresses(data: DataSets, count: int, seed: int = 2) -> list[IPv4Address]:
    """Return addresses that crowd in few networks, as hosts do."""
    draw = random.Random(seed)
    networks = [int(address) >> 8 << 8 for address in spread_addresses(data, CROWD, seed)]
    return [IPv4Address(draw.choice(networks) + draw.getrandbits(8)) for _ in range(count)]


def urls(addresses: Iterable[IPv4Address]) -> list[str]:
    """Return a URL on each address."""
    return [f"http://{address}/path/{number}.html" for number, address in enumerate(addresses)]


def rate(work: Callable[[Any], object], inputs: Sequence[Any]) -> float:
    """Return how many inputs a second `work` gets through, once over all of them."""
    started = time.perf_counter()
    for given in inputs:
        work(given)
    return len(inputs) / (time.perf_counter() - started)


def locating(embedded: EmbeddedSources) -> Callable[[str], object]:
    """Return the whole way from a URL on an address to its verdict."""

    def locate(url: str) -> object:
        return verdict((embedded.address(ip_address(str(read(url).host))),))

    return locate


def bare(data: DataSets) -> Callable[[IPv4Address], object]:
    """Return nothing but the look-ups that a verdict needs."""
    readers = [data.reader(name).get_with_prefix_len for name in data.infos]

    def look_up(address: IPv4Address) -> object:
        return [reader(address) for reader in readers]

    return look_up


def row(name: str, value: float, limit_name: str, limit: float, target: float | None = None) -> dict[str, Any]:
    """Return a line of `benchmarks/results.json`."""
    return {
        "name": name,
        "value": round(value),
        "unit": "URLs/s",
        "limit_name": limit_name,
        "limit": round(limit),
        "ratio": round(value / limit, 3),
        "target": target,
        "ok": target is None or value >= target,
    }


def measure(count: int) -> list[dict[str, Any]]:
    """Return the rows of one run with `count` URLs, then with ten times as many."""
    with DataSets.open() as data:
        embedded = build(data)
        locate, look_up = locating(embedded), bare(data)
        rate(look_up, spread_addresses(data, 20_000, seed=3))  # the pages of the files come into memory once
        rows = []
        for title, times in (("", 1), (", ten times the work", 10)):
            spread = spread_addresses(data, count * times)
            limit = rate(look_up, spread)
            lines, crowd = urls(spread), urls(crowded_addresses(data, count * times))
            reading = rate(read, lines)
            rows.append(row(f"offline verdicts{title}", rate(locate, crowd), "URL reading", reading, TARGET))
            worst = f"offline verdicts, no network met twice{title}"
            rows.append(row(worst, rate(locate, lines), "bare look-ups", limit))
        return rows


def main() -> None:
    """Print the rows and the memory."""
    parser = argparse.ArgumentParser(description="Measure offline verdicts a second.")
    parser.add_argument("--urls", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = measure(chosen.urls)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if chosen.json:
        print(json.dumps(rows))
        return
    for found in rows:
        print(
            f"{found['name']:<62}{found['value']:>9,} {found['unit']}   "
            f"{found['limit_name']} {found['limit']:,}   {'ok' if found['ok'] else 'below ' + str(found['target'])}"
        )
    print(f"peak memory {memory:.0f} MB")


if __name__ == "__main__":
    main()
