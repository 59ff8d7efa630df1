"""The audit chain as pure functions: link entries, join epochs in signed checkpoints, verify all of it.

Each writing process has a chain of its own, an epoch: entry n holds SHA-256 over the hash of entry n-1 and over its own
content. A checkpoint signs, with Ed25519, the root of a Merkle tree (RFC 6962 section 2.1) over the previous
checkpoint's root and the heads of the epochs that grew since; so the last checkpoint vouches for everything before it.
Only digests of what people typed are chained: erasing a case shreds its key, and the chain still verifies.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import orjson

#: What the first entry of every epoch is linked to, and the first checkpoint to.
GENESIS: Final = bytes(32)


class Entry(NamedTuple):
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


def link(previous: bytes, entry: Entry) -> bytes:
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
