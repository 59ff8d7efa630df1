"""DNS at speed: hosts a second (A + AAAA + chain), cold, against a real authoritative server on loopback.

Needs Debian's `nsd` and `dnsperf` (`apt-get install nsd dnsperf`). Serves 100,000 names, one in ten behind a chain of
two CNAMEs, and measures in the same run:

    dnsperf                      the limit: questions a second that the server and two cores can carry
    dnspython's resolver         the known way, dns.asyncresolver
    our resolver                 mux + chain + cache, each name asked once, at several numbers in flight
    our resolver, ten times the work

Run: python -m benchmarks.dns_speed [--names N] [--json]
"""

import argparse
import asyncio
import contextlib
import json
import random
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.asyncresolver
import dns.resolver
import uvloop

from router.cli.garbage import spare_collector
from router.clock import SystemClock
from router.hosting.dns.cache import CachedResolver
from router.hosting.dns.mux import Mux
from router.hosting.dns.resolve import ChainResolver, Resolution
from schemas.trace import DnsOutcome

NAMES = 100_000
TARGET_HOSTS = 12_000
TARGET_P99_MS = 20.0
SECONDS_DNSPERF = 4


def zone(names: int) -> Iterator[str]:
    """Yield the zone file: addresses that are public, so that nothing is left out as private."""
    yield "$ORIGIN bench.test.\n$TTL 300\n@ SOA ns host 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
    for number in range(names):
        owner = f"h{number}"
        if number % 10 == 0:
            yield f"{owner} CNAME {owner}.a\n{owner}.a CNAME {owner}.b\n"
            owner = f"{owner}.b"
        yield f"{owner} A 3.{120 + number // 65536}.{number // 256 % 256}.{number % 256}\n"
        if number % 2:
            yield f"{owner} AAAA 2a00:1450::{number >> 16:x}:{number & 0xFFFF:x}\n"


def free_port() -> int:
    """Return a port that is free over UDP and TCP now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def nsd(folder: Path, names: int) -> Iterator[int]:
    """Run nsd in the foreground over the zone; yield its port."""
    port = free_port()
    with (folder / "bench.zone").open("w", encoding="ascii") as file:
        file.writelines(zone(names))
    (folder / "nsd.conf").write_text(
        f'server:\n  ip-address: 127.0.0.1@{port}\n  username: ""\n  database: ""\n  server-count: 1\n'
        f'  zonesdir: "{folder}"\n'
        f'  pidfile: "{folder}/nsd.pid"\n  xfrdfile: "{folder}/xfrd"\n  zonelistfile: "{folder}/zones"\n'
        f'  xfrdir: "{folder}"\n  rrl-ratelimit: 0\n'
        "remote-control:\n  control-enable: no\n"
        'zone:\n  name: bench.test\n  zonefile: "bench.zone"\n',
        encoding="ascii",
    )
    program = shutil.which("nsd") or "/usr/sbin/nsd"
    process = subprocess.Popen([program, "-d", "-c", str(folder / "nsd.conf")], stderr=subprocess.DEVNULL)
    try:
        wait_until_served(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until_served(port: int) -> None:
    """Return when the zone is answered for; fail after 30 s."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], port, 0.5
    for _ in range(60):  # half a second each
        try:
            resolver.resolve("h1.bench.test.", "A")
        except dns.exception.DNSException:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("nsd did not start; is it installed?")


def run_dnsperf(port: int, folder: Path, names: int) -> float:
    """Return the questions a second that dnsperf gets answered."""
    queries = folder / "queries"
    order = random.sample(range(names), min(names, 50_000))
    queries.write_text("".join(f"h{n}.bench.test A\nh{n}.bench.test AAAA\n" for n in order), encoding="ascii")
    where = ["-s", "127.0.0.1", "-p", str(port), "-d", str(queries)]
    how = ["-l", str(SECONDS_DNSPERF), "-T", "1", "-q", "200"]
    done = subprocess.run(["dnsperf", *where, *how], capture_output=True, text=True, check=True)
    found = re.search(r"Queries per second:\s+([\d.]+)", done.stdout)
    return float(found[1]) if found else 0.0


async def run_ours(port: int, hosts: list[str], in_flight: int) -> tuple[float, float, float]:
    """Return hosts a second, and the median and 99th percentile of one look-up in milliseconds. Each host is cold."""
    resolver = CachedResolver(ChainResolver(Mux([("127.0.0.1", port)])), SystemClock())
    times: list[float] = []
    waiting = iter(hosts)

    async def worker() -> None:
        for host in waiting:
            begun = time.perf_counter()
            check(await resolver.resolve(host))
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    seconds = time.perf_counter() - begun
    await resolver.aclose()
    cuts = statistics.quantiles(times, n=100)
    return len(hosts) / seconds, cuts[49] * 1000, cuts[98] * 1000


def check(found: Resolution) -> None:
    """Fail on a wrong answer: a fast one would be worth nothing."""
    number = int(found.host[1:].partition(".")[0])
    if found.outcome is not DnsOutcome.OK or len(found.addresses) != 1 + number % 2:
        raise SystemExit(f"a wrong answer: {found.outcome}, {len(found.addresses)} addresses")


async def run_dnspython(port: int, hosts: list[str], in_flight: int) -> float:
    """Return the hosts a second that dnspython's own resolver does."""
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    waiting = iter(hosts)

    async def worker() -> None:
        for host in waiting:
            await asyncio.gather(
                resolver.resolve(f"{host}.", "A"), resolver.resolve(f"{host}.", "AAAA", raise_on_no_answer=False)
            )

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return len(hosts) / (time.perf_counter() - begun)


def row(
    name: str, value: float, unit: str, limit: tuple[str, float] | None = None, target: float | None = None
) -> dict[str, Any]:
    """Return one row of `results.json`; a target in ms is to stay below, all others to be reached."""
    limit_name, at_most = limit or (None, None)
    ok = None if target is None else (value <= target if unit == "ms" else value >= target)
    ratio = round(value / at_most, 3) if at_most else None
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "limit_name": limit_name,
        "limit": at_most and round(at_most, 1),
        "ratio": ratio,
        "target": target,
        "ok": ok,
    }


def measure(asked: int = NAMES // 10, names: int = NAMES) -> list[dict[str, Any]]:
    """Return all rows of this benchmark: `asked` hosts of a zone of ten times as many `names`, then all of them.

    Each run begins with an empty cache and asks for each host once.
    """
    spare_collector()  # as `serve` and `worker` do, when they are ready
    order = [f"h{number}.bench.test" for number in random.sample(range(names), names)]
    hosts = order[:asked]
    with (
        tempfile.TemporaryDirectory() as name,
        nsd(Path(name), names) as port,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        limit = ("dnsperf, questions/s / 2", run_dnsperf(port, Path(name), names) / 2)
        slow = runner.run(run_dnspython(port, hosts[:3_000], 20))
        rate, _, _ = runner.run(run_ours(port, hosts, 200))
        near, p50, p99 = runner.run(run_ours(port, hosts, 20))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        tenfold, _, _ = runner.run(run_ours(port, order, 200))
    return [
        row("DNS: dnspython's own resolver, 20 in flight", slow, "hosts/s", limit),
        row("DNS: A + AAAA + chain, cold, 200 in flight", rate, "hosts/s", limit, TARGET_HOSTS),
        row("DNS: the same, 20 in flight", near, "hosts/s", limit),
        row("DNS: median at 20 in flight", p50, "ms"),
        row("DNS: 99th percentile at 20 in flight", p99, "ms", None, TARGET_P99_MS),
        row("DNS: ten times the hosts, 200 in flight", tenfold, "hosts/s", limit, TARGET_HOSTS),
        row("DNS: memory of the process", peak, "MB"),
        row("DNS: the same after ten times the hosts", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB"),
    ]


def main() -> int:
    """Print the rows; return 1 when one misses its target."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--names", type=int, default=NAMES)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = measure(given.names // 10, given.names)
    if given.json:
        print(json.dumps(rows, indent=1))
    else:
        for one in rows:
            goal = f"  target {one['target']:,}: {'reached' if one['ok'] else 'MISSED'}" if one["target"] else ""
            part = f"  {one['ratio']:.0%} of {one['limit_name']} ({one['limit']:,.0f})" if one["ratio"] else ""
            print(f"{one['name']:<46} {one['value']:>12,.1f} {one['unit']}{part}{goal}")
    return int(any(one["ok"] is False for one in rows))


if __name__ == "__main__":
    sys.exit(main())
