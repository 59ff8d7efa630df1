"""Build an mmdb file from address ranges: the same bytes from the same ranges, every time.

mmdb-writer's own front door stamps the build time into the file and takes a minute for half a million ranges, so its
tree is filled here and only its `TreeWriter` is used. Equal subtrees are stored once: a country tree has few distinct
values, and the file shrinks by about half. An mmdb reader follows indices and cannot tell.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeAlias

from mmdb_writer import SearchTreeLeaf, SearchTreeNode, TreeWriter

Value: TypeAlias = str | dict[str, str | int]
Network: TypeAlias = IPv4Network | IPv6Network

#: An inner node while the tree is filled: [left, right], each a node, the index of a value, or None.
_Slot: TypeAlias = Any
_BITS = 128
#: The place of IPv4 in an mmdb of both families (MaxMind DB format 2.0, "IPv4 addresses in an IPv6 tree").
_V4_PREFIX = 96


@dataclass(frozen=True, slots=True)
class Range:
    """What holds for all addresses from `first` to `last`, both included."""

    version: int  #: 4 or 6
    first: int
    last: int
    value: Value


def cidrs(first: int, last: int, bits: int) -> Iterator[tuple[int, int]]:
    """Split the range into the fewest (network address, prefix length) pairs of a `bits` wide family."""
    while first <= last:
        room = (first & -first).bit_length() - 1 if first else bits
        size = min(room, (last - first + 1).bit_length() - 1)
        yield first, bits - size
        first += 1 << size


class PrefixTree:
    """A binary tree of prefixes. A longer prefix inserted after a shorter one cuts it; nothing is ever merged away."""

    def __init__(self) -> None:
        """Start empty."""
        self._root: _Slot = [None, None]
        self._values: list[Value] = []
        self._index: dict[str, int] = {}

    def insert(self, found: Range) -> None:
        """Add a range; where it overlaps what is there, the new value wins.

        Raises `ValueError` for one that runs backwards or beyond its family: what says so was misread, or is nonsense.
        """
        bits = 32 if found.version == 4 else _BITS
        if not 0 <= found.first <= found.last < 1 << bits:
            raise ValueError("no range of addresses")
        value = self._intern(found.value)
        for network, length in cidrs(found.first, found.last, bits):
            if found.version == 4:
                self._place(network, length + _V4_PREFIX, value)
            else:
                self._place(network, length, value)

    def insert_network(self, network: Network, value: Value) -> None:
        """Add one network."""
        first = int(network.network_address)
        self.insert(Range(network.version, first, int(network.broadcast_address), value))

    def write(self, path: Path, *, kind: str, description: str, epoch: int) -> None:
        """Write the mmdb. `epoch` (seconds since 1970) is the date of the data, never the time of the build."""
        meta = {
            "ip_version": 6,
            "database_type": kind,
            "languages": ["en"],
            "binary_format_major_version": 2,
            "binary_format_minor_version": 0,
            "description": {"en": description},
            "build_epoch": epoch,
        }
        TreeWriter(_Folding(self._values).fold(self._root), meta).write(str(path))

    def _intern(self, value: Value) -> int:
        key = repr(value)
        if key not in self._index:
            self._index[key] = len(self._values)
            self._values.append(value)
        return self._index[key]

    def _place(self, network: int, length: int, value: int) -> None:
        node = self._root
        shift = _BITS - 1
        for _ in range(length - 1):
            side = (network >> shift) & 1
            child = node[side]
            if child is None or isinstance(child, int):
                child = node[side] = [child, child]
            node = child
            shift -= 1
        node[(network >> shift) & 1] = value


class _Folding:
    """Turns the filled tree into the writer's nodes, each distinct subtree once."""

    def __init__(self, values: list[Value]) -> None:
        self._leaves = [SearchTreeLeaf(value) for value in values]
        self._nodes: dict[tuple[int, int], SearchTreeNode] = {}

    def fold(self, root: _Slot) -> SearchTreeNode:
        node = self._child(root)
        # A tree that is empty or all one value still needs a node to start from.
        return node if isinstance(node, SearchTreeNode) else SearchTreeNode(node, node)

    def _child(self, slot: _Slot) -> SearchTreeNode | SearchTreeLeaf | None:
        if slot is None:
            return None
        if isinstance(slot, int):
            return self._leaves[slot]
        left, right = self._child(slot[0]), self._child(slot[1])
        if left is right and not isinstance(left, SearchTreeNode):
            return left
        return self._nodes.setdefault((id(left), id(right)), SearchTreeNode(left, right))


def networks(texts: Iterable[str]) -> Iterator[Network]:
    """Read prefixes such as `192.0.2.0/24`."""
    return (ip_network(text) for text in texts)
