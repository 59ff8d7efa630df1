"""Addresses whose hosting country is known, and what the router says of each: shared by calibration and scoring."""

import csv
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Literal, TypeAlias
from zlib import crc32

from router.data import DataSets
from router.data.compile import write_digests
from router.data.datasets import MANIFEST, SHIPPED
from router.data.digest import digest
from router.data.prefix_tree import PrefixTree
from router.hosting.sources import EmbeddedSources, build
from router.hosting.sources.base import Source
from router.hosting.verdict.calibration import ENOUGH_NETWORKS, Calibration, Measured
from router.hosting.verdict.pattern import Match, Pattern, match
from router.hosting.verdict.second import SOURCE as SECOND
from router.hosting.verdict.second import answer_to

#: Which operator lists are at hand: today's, none, or those of July 2025.
RangesMode: TypeAlias = Literal["fresh", "none", "old"]
OLD_RANGES = Path(__file__).parent / "data" / "ranges-2025-07-24.mmdb"
#: Relays whose operator sells one country and says that the machine stands in another; truth is where it stands. They
#: are always measured with: without them, what is claimed for show would seem to be right.
VIRTUAL = "relays_virtual"
CLOUDS = ("aws", "gcp", "azure", "oracle", "digitalocean")
FOLDS = 10
#: Networks of one AS that count in a pattern: half of what is enough to take a share as it is. So such a share rests on
#: two operators at least; blocks of one operator are placed by the same people and listed in the same feed.
MOST_OF_ONE_AS = ENOUGH_NETWORKS // 2


@dataclass(frozen=True, slots=True)
class Known:
    """One row of truth."""

    ip: IPv4Address | IPv6Address
    country: str
    stratum: str

    @property
    def network(self) -> str:
        """The /24 (or /48) around it: rows of one network are not independent, so it counts once."""
        return str(ip_network((self.ip, 24 if self.ip.version == 4 else 48), strict=False))

    @property
    def fold(self) -> int:
        """The part it belongs to in cross-fitting. A /16 (or /32) is never divided."""
        wide = ip_network((self.ip, 16 if self.ip.version == 4 else 32), strict=False)
        return crc32(str(wide).encode()) % FOLDS


@dataclass(frozen=True, slots=True)
class Observed:
    """One row, with the pattern its evidence forms and what single sources say."""

    known: Known
    found: Match
    claims: Mapping[str, str]  #: source -> country
    asn: int | None = None  #: who announces it
    second: bool | None = None  #: whether a second geolocator agrees; None where it says nothing to it

    @property
    def right(self) -> bool:
        """Whether the pattern's country is the true one."""
        return self.found.country == self.known.country

    @property
    def system(self) -> str:
        """The AS around it; what nobody announces counts by its own surroundings."""
        return f"AS{self.asn}" if self.asn is not None else f"part {self.known.fold}"

    @property
    def fold(self) -> int:
        """The part of the truth that its AS falls into; an AS is never divided."""
        return crc32(self.system.encode()) % FOLDS


def read(files: Iterable[Path]) -> list[Known]:
    """Read CSV files with columns `ip`, `country`, `stratum`."""
    rows: list[Known] = []
    for file in files:
        with file.open(newline="", encoding="utf-8") as lines:
            rows += (Known(ip_address(row["ip"]), row["country"], row["stratum"]) for row in csv.DictReader(lines))
    return rows


@contextmanager
def sources(mode: RangesMode, extra: Sequence[Source] = ()) -> Iterator[EmbeddedSources]:
    """Open the shipped sets, with the operator ranges replaced as `mode` says, and `extra` sources beside."""
    if mode == "fresh":
        with DataSets.open() as data:
            yield build(data, calibration=Calibration({}), extra=extra)
        return
    with tempfile.TemporaryDirectory() as folder:
        sets = Path(folder)
        shutil.copytree(SHIPPED, sets, dirs_exist_ok=True)
        shutil.copy(SHIPPED.parent / MANIFEST, sets / MANIFEST)
        if mode == "old":
            shutil.copy(OLD_RANGES, sets / "ranges.mmdb")
        else:
            # An mmdb cannot be empty; this one speaks of a documentation block only.
            nobody = PrefixTree()
            nobody.insert_network(ip_network("192.0.2.0/24"), {"operator": "nobody"})
            nobody.write(sets / "ranges.mmdb", kind="ranges", description="none", epoch=1)
        write_digests({"ranges": digest(sets / "ranges.mmdb")}, sets / MANIFEST)
        with DataSets.open(sets) as data:
            yield build(data, calibration=Calibration({}), extra=extra)


def study(rows: Sequence[Known], extra: Sequence[Source] = ()) -> list[Observed]:
    """Return the observations that patterns are measured on.

    A cloud row is seen twice. Once with the operator's list of a year ago, which shows what a list is worth on
    addresses that it could not know, and what an address outside the list is worth. And once as if its operator
    published none: so it stands for the many large hosters that do not. A row of another stratum is in no list, and
    is seen once.
    """
    with sources("old", extra) as embedded:
        listed = observe(rows, embedded, "old")
    with sources("none", extra) as embedded:
        unlisted = observe([row for row in rows if row.stratum in CLOUDS], embedded, "none")
    return [row for row in listed if row.known.stratum not in CLOUDS or row.found.pattern in OF_LISTS] + unlisted


#: The patterns that only an operator with a published list can form.
OF_LISTS = frozenset(
    {
        Pattern.RANGE_CONFIRMED,
        Pattern.RANGE_ALONE,
        Pattern.RANGE_CONTESTED,
        Pattern.RANGE_OUTVOTED,
        Pattern.RANGE_UNPLACED,
        Pattern.ALL_AGREE_UNLISTED,
        Pattern.GEO_REGISTRY_UNLISTED,
        Pattern.GEO_ALONE_UNLISTED,
    }
)


def observe(rows: Iterable[Known], embedded: EmbeddedSources, mode: RangesMode) -> list[Observed]:
    """Look every row up. Without any list it cannot be said that an address is missing from one."""
    return [_observe(row, embedded, lists=mode != "none") for row in rows]


def _observe(row: Known, embedded: EmbeddedSources, *, lists: bool) -> Observed:
    evidence, signals = embedded.evidence(row.ip), embedded.signals(row.ip)
    claims = {item.source: item.claim.country for item in evidence if item.claim.country is not None}
    found = match(evidence, signals if lists else replace(signals, publishes=None))
    said = next((item for item in evidence if item.source == SECOND), None)
    return Observed(row, found, claims, signals.asn, answer_to(found, said, evidence))


#: The rows of one AS by their network: whether each is right.
_Shares: TypeAlias = dict[str, list[bool]]


def measure(rows: Iterable[Observed]) -> dict[str, Measured]:
    """Count how often each pattern is right.

    Every network counts once, by the share of its rows that are right; the networks of one AS count as
    `MOST_OF_ONE_AS` at most.
    """
    systems: dict[str, dict[str, _Shares]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for row in rows:
        systems[row.found.pattern.value][row.system][row.known.network].append(row.right)
    return {pattern: _measured(list(found.values())) for pattern, found in sorted(systems.items())}


def _measured(systems: Sequence[_Shares]) -> Measured:
    counted, right = 0, 0.0
    for networks in systems:
        counts = min(len(networks), MOST_OF_ONE_AS)
        right += counts * sum(sum(rows) / len(rows) for rows in networks.values()) / len(networks)
        counted += counts
    rows = sum(len(rows) for networks in systems for rows in networks.values())
    return Measured(networks=counted, right=round(right, 4), rows=rows, systems=len(systems))
