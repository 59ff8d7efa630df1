"""Read the audit chain back and say what is wrong with it: any change, any gap, any tail that was cut off.

It streams: entries come in the order (epoch, seq) after all checkpoints in the order of their numbers, and only the
last signed head of each epoch is remembered. Nothing here trusts the database; only the public key is trusted, and an
anchor: the number and root of a checkpoint that was kept elsewhere, without which a cut that took the newest
checkpoints along with their entries would not show.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from router.guard.audit import GENESIS, ChainEntry, Checkpoint, checkpoint_root, link, to_be_signed

#: Microseconds after which an entry should have been signed: checkpoints come every minute.
LATE: Final = 5 * 60_000_000
#: What to do where a root that was kept elsewhere is not in the database.
_RESTORED: Final = (
    "if you put a backup back, remove the line with number {} from audit.anchor and tell the receiver: that is your"
    " word that it was you; else somebody rewrote the audit: keep the database as it is and ask who could write to it"
)
#: What a value of a type that was never written (SQLite keeps any) makes the functions of the chain say.
_WRONG_TYPE = (TypeError, ValueError, struct.error)


class Fault(StrEnum):
    """What can be wrong."""

    CHANGED = "changed"  #: an entry is not what was chained
    GAP = "gap"  #: entries or checkpoints are missing in between
    CUT = "cut"  #: the end of an epoch, or of the checkpoints, is missing
    UNSIGNED = "unsigned"  #: entries that no checkpoint signs, though it is time
    FORGED = "forged"  #: a checkpoint does not carry our signature, or does not fit the one before


class ChainFinding(NamedTuple):
    """One thing that is wrong, and where: an epoch and its entry, or the number of a checkpoint."""

    fault: Fault
    epoch: str | None
    number: int
    text: str


class Anchor(NamedTuple):
    """A checkpoint that was kept off the host; `at` is when it was signed, in microseconds of business time."""

    number: int
    root: bytes
    at: int = 0


class Restored(NamedTuple):
    """That a backup was put back, as the chain itself says: what was signed after it is of a machine that is lost."""

    signed: int  #: the number of the last checkpoint that was in the backup
    at: int  #: when it was put back, in microseconds

    def lost(self, anchor: Anchor) -> bool:
        """Tell whether a root is of the time between the backup and its restore."""
        return anchor.number > self.signed and 0 < anchor.at <= self.at


@dataclass(slots=True)
class Verifier:
    """Takes checkpoints, then entries, then `finish`; each yields what is found wrong. Memory: one head an epoch."""

    public_key: Ed25519PublicKey
    anchor: Anchor | None = None
    anchors: Sequence[Anchor] = ()  #: more of them; each must be found
    restored: Sequence[Restored] = ()  #: what each restore of a backup lost
    now: int | None = None  #: business time, microseconds; with it, what should be signed by now and is not is found
    entries: int = 0
    unsigned: int = 0  #: entries after their epoch's last signed head: the last minute's, as a rule
    checkpoints: int = 0
    _late: dict[str, tuple[int, int]] = field(default_factory=dict)  #: epoch -> the first and last late entry
    _root: bytes = GENESIS
    _signed: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    _epoch: str | None = None
    _seq: int = 0
    _hash: bytes = GENESIS

    def checkpoint(self, row: Checkpoint) -> Iterator[ChainFinding]:
        """Take the next checkpoint."""
        if not _is_whole(row.number):
            row = row._replace(number=self.checkpoints + 1, at=-1)  # no signature is for that moment
        if row.number != self.checkpoints + 1:
            yield ChainFinding(Fault.GAP, None, row.number, f"checkpoints before {row.number} are missing")
        heads = _parsed(row.heads)
        if heads is None or not self._is_ours(row, heads):
            yield ChainFinding(Fault.FORGED, None, row.number, f"checkpoint {row.number} was not signed like this")
        if any(one.number == row.number and one.root != row.root for one in self._kept):
            text = f"checkpoint {row.number} is not the one that was kept; {_RESTORED.format(row.number)}"
            yield ChainFinding(Fault.FORGED, None, row.number, text)
        self._signed |= {epoch: (int(seq), bytes.fromhex(digest)) for epoch, (seq, digest) in (heads or {}).items()}
        self._root, self.checkpoints = row.root, row.number

    @property
    def _kept(self) -> tuple[Anchor, ...]:
        return tuple(one for one in self._given if not any(each.lost(one) for each in self.restored))

    @property
    def _given(self) -> tuple[Anchor, ...]:
        return (*([self.anchor] if self.anchor else []), *self.anchors)

    @property
    def lost(self) -> int:
        """How many of the roots that were kept elsewhere are of the time between a backup and its restore."""
        return len(self._given) - len(self._kept)

    def was_signed(self, epoch: str, seq: int) -> Iterator[ChainFinding]:
        """Take what the database itself notes of an epoch, after all checkpoints: it should not say more than they."""
        signed, _ = self._signed.get(epoch, (0, GENESIS))
        if _is_whole(seq) and seq > signed:
            yield ChainFinding(Fault.CUT, epoch, seq, f"the checkpoint that signed the entries up to {seq} is missing")

    def _is_ours(self, row: Checkpoint, heads: Mapping[str, Any]) -> bool:
        try:
            self.public_key.verify(row.signature, to_be_signed(row.number, row.at, row.root))
            return checkpoint_root(self._root, heads) == row.root
        except (InvalidSignature, *_WRONG_TYPE):
            return False

    def entry(self, entry: ChainEntry, digest: bytes) -> Iterator[ChainFinding]:
        """Take the next entry with its stored hash."""
        if entry.epoch != self._epoch:
            yield from self._end_of_epoch()
            self._epoch, self._seq, self._hash = entry.epoch, 0, GENESIS
        self.entries += 1
        if not _is_whole(entry.seq):
            entry = entry._replace(seq=self._seq + 1, detail="")  # no entry is without its JSON
        if entry.seq != self._seq + 1:
            yield self._finding(Fault.GAP, entry.seq, f"entries {self._seq + 1} to {entry.seq - 1} are missing")
        elif not self._follows(entry, digest):
            yield self._finding(Fault.CHANGED, entry.seq, f"entry {entry.seq} is not what was chained")
        signed_seq, signed_hash = self._signed.get(entry.epoch, (0, GENESIS))
        if entry.seq == signed_seq and digest != signed_hash:
            yield self._finding(Fault.CHANGED, entry.seq, f"the entries up to {entry.seq} are not those signed")
        if entry.seq > signed_seq:
            self._unsigned(entry)
        self._seq, self._hash = entry.seq, digest

    def _unsigned(self, entry: ChainEntry) -> None:
        self.unsigned += 1
        if self.now is not None and _is_whole(entry.at) and self.now - entry.at > LATE:
            first, _ = self._late.get(entry.epoch, (entry.seq, entry.seq))
            self._late[entry.epoch] = first, entry.seq

    def _follows(self, entry: ChainEntry, digest: bytes) -> bool:
        try:
            return link(self._hash, entry) == digest
        except _WRONG_TYPE:
            return False

    def finish(self) -> Iterator[ChainFinding]:
        """Say what is missing at the end."""
        yield from self._end_of_epoch()
        self._epoch = None
        for epoch in self._signed:
            yield ChainFinding(Fault.CUT, epoch, 0, "all entries of this epoch are missing")
        kept = max((one.number for one in self._kept), default=0)
        if self.checkpoints < kept:
            text = f"checkpoints after {self.checkpoints} are missing, up to {kept}; {_RESTORED.format(kept)}"
            yield ChainFinding(Fault.CUT, None, self.checkpoints, text)
        if self._late and not self.checkpoints:
            yield ChainFinding(Fault.UNSIGNED, None, 0, "there are entries and no checkpoint at all")
        for epoch, (first, last) in self._late.items():
            text = f"entries {first} to {last} are older than {LATE // 60_000_000} minutes and no checkpoint signs them"
            yield ChainFinding(Fault.UNSIGNED, epoch, first, text)

    def _end_of_epoch(self) -> Iterator[ChainFinding]:
        if self._epoch is not None:
            signed_seq, _ = self._signed.pop(self._epoch, (0, GENESIS))
            if self._seq < signed_seq:
                yield self._finding(Fault.CUT, self._seq, f"entries {self._seq + 1} to {signed_seq} are missing")

    def _finding(self, fault: Fault, number: int, text: str) -> ChainFinding:
        return ChainFinding(fault, self._epoch, number, text)


def _is_whole(value: object) -> bool:
    return isinstance(value, int)


def _parsed(heads: str) -> Mapping[str, Any] | None:
    """Return the heads of a checkpoint, None when they are not even in the right form."""
    try:
        parsed = orjson.loads(heads)
        for seq, digest in parsed.values():
            int(seq), bytes.fromhex(digest)
    except (ValueError, TypeError, AttributeError):
        return None
    return dict(parsed)


def verify(
    rows: Iterable[Mapping[str, Any]],
    checkpoints: Iterable[Mapping[str, Any]],
    public_key: Ed25519PublicKey,
    anchor: Anchor | None = None,
) -> Iterator[ChainFinding]:
    """Yield what is wrong with the rows of `audit` (by epoch, seq) and of `checkpoints` (by number), if anything."""
    verifier = Verifier(public_key, anchor)
    for row in checkpoints:
        yield from verifier.checkpoint(Checkpoint(**row))
    for row in rows:
        yield from verifier.entry(ChainEntry(*(row[name] for name in ChainEntry._fields)), row["hash"])
    yield from verifier.finish()
