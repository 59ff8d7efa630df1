"""The audit chain as pure functions: link entries, join epochs in signed checkpoints (`verify` reads them back).

Each writing process has a chain of its own, an epoch: entry n holds SHA-256 over the hash of entry n-1 and over its own
content. A checkpoint signs, with Ed25519, the root of a Merkle tree (RFC 6962 section 2.1) over the previous
checkpoint's root and the heads of the epochs that grew since; so the last checkpoint vouches for everything before it.
Only digests of what people typed are chained: erasing a case shreds its key, and the chain still verifies.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

#: What the first entry of every epoch is linked to, and the first checkpoint to.
GENESIS: Final = bytes(32)


class ChainEntry(NamedTuple):
    """One entry as it is stored, without its hash."""

    epoch: str
    seq: int  #: from 1, without gaps
    at: int  #: business time, microseconds since the epoch
    actor: str
    act: str
    case_id: str | None
    referral_id: str | None
    detail: str  #: JSON
    sealed: bytes | None


def link(previous: bytes, entry: ChainEntry) -> bytes:
    """Return an entry's hash: SHA-256(previous hash | JSON array of its fields, `sealed` as its SHA-256 in hex)."""
    sealed = None if entry.sealed is None else sha256(entry.sealed).hexdigest()
    return sha256(previous + orjson.dumps((*entry[:-1], sealed))).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of the leaves (RFC 6962 section 2.1: prefix 0 for a leaf, 1 for a node)."""
    if not leaves:
        return sha256(b"").digest()
    level = [sha256(b"\0" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        # Pairing from the left and carrying an odd one up gives the RFC's split at the largest power of two.
        pairs = [sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


class Checkpoint(NamedTuple):
    """What signs the heads of the epochs that grew since the checkpoint before."""

    number: int  #: from 1, without gaps
    at: int  #: business time, microseconds since the epoch
    heads: str  #: JSON {epoch: [seq, hash in hex]}
    root: bytes
    signature: bytes


#: Epoch -> (seq, hash) of its last entry.
Heads = Mapping[str, tuple[int, bytes]]


def make_checkpoint(previous: Checkpoint | None, at: int, heads: Heads, sign: Callable[[bytes], bytes]) -> Checkpoint:
    """Return the checkpoint that follows `previous` and signs these heads."""
    number = previous.number + 1 if previous else 1
    listed = {epoch: [seq, digest.hex()] for epoch, (seq, digest) in sorted(heads.items())}
    root = checkpoint_root(previous.root if previous else GENESIS, listed)
    return Checkpoint(number, at, orjson.dumps(listed).decode(), root, sign(to_be_signed(number, at, root)))


def checkpoint_root(previous: bytes, heads: Mapping[str, Sequence[Any]]) -> bytes:
    """Return the Merkle root over the previous root and the heads, in the order of their epochs."""
    return merkle_root([previous, *(orjson.dumps([epoch, *heads[epoch]]) for epoch in sorted(heads))])


def to_be_signed(number: int, at: int, root: bytes) -> bytes:
    """Return the bytes a checkpoint's signature covers."""
    return b"referral-router audit checkpoint 1\0" + struct.pack(">qq", number, at) + root
