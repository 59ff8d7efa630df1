"""Encryption at rest: one master key, sub-keys by purpose, a key per case, blind indexes, keyed digests.

The master key (32 random bytes, outside the database) is never used itself: HKDF-SHA256 (RFC 5869) derives a key for
each purpose, so that what leaks from one cannot be used for another. Every case has a random key of its own, kept
wrapped apart from the data: deleting that one row erases the case. AES-256-GCM (NIST SP 800-38D) with a random 96-bit
nonce seals a field; its additional data bind field id, case id and key version, so a ciphertext cannot be moved.

Sealed and wrapped bytes begin with a header that names format, key version and master: several masters can be held at
once (newest first), which is what makes an online rotation possible. What a rotation replaces is what opens: the keys
that wrap and seal. What is compared (blind indexes, digests, the audit's signature, the ledger) would match nothing any
more, so its sub-keys outlive the master they were derived of (`Lasting`); from none of them can another be derived.
Of these the blind indexes and the ledger's seal are replaced together, by a key of their own, while nobody works
(`keys rotate --indexes`): what the ledger says of a location is its index.

    wrapped  = format 1 | key version 1 | master id 4 | nonce 12 | case key 32 + tag 16
    record   = format 1 | key version 1 | master id 4 | nonce 12 | ciphertext + tag 16
    sealed   = format 1 | key version 1 | nonce 12 | ciphertext + tag 16
    blind    = master id 4 | HMAC-SHA256 truncated to 16
    digest   = master id 4 | HMAC-SHA256 32
"""

import hmac
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from router.errors import CannotStart, Damaged

MASTER_BYTES: Final = 32
FORMAT: Final = 1
KEY_VERSION: Final = 1  #: of a case key; raised when a case is re-encrypted under a new one
NONCE: Final = 12
ID: Final = 4
BLIND: Final = 16  #: 128 bits: a chance clash among 10^9 values is below 10^-20
#: Purposes of what is compared with what was kept before. Each kind of a blind index is one.
INDEXES: Final = tuple(
    f"blind/{kind}" for kind in ("url", "host", "account", "reference", "idempotency", "second_look")
)
#: What a key of its own replaces, once there is one.
REPLACED: Final = ("ledger", *INDEXES)
LASTING: Final = ("audit", "check", "digest", *REPLACED)
#: Seconds for which a process trusts what it knows of the key file. Our own choice.
_FOLLOWED_WITHIN: Final = 5.0
_WRAP_HEADER: Final = 2 + ID
_SEAL_HEADER: Final = 2


class CaseKey:
    """The key of one case. Keeps the key itself out of `repr`, logs and tracebacks."""

    __slots__ = ("_aead", "_bound", "case_id", "version")

    def __init__(self, case_id: str, key: bytes, version: int = KEY_VERSION) -> None:
        """`key` is 32 bytes; `version` is written into every header and bound into every field."""
        self.case_id = case_id
        self.version = version
        self._aead = AESGCM(key)
        self._bound = f"\0{case_id}\0{version}".encode()

    def seal(self, field: str, plain: bytes) -> bytes:
        """Return the bytes encrypted for one logical field of this case."""
        nonce = os.urandom(NONCE)
        head = bytes((FORMAT, self.version))
        return head + nonce + self._aead.encrypt(nonce, plain, field.encode() + self._bound)

    def open(self, field: str, sealed: bytes) -> bytes:
        """Return what `seal` was given. Raise Damaged when it was changed, moved, or sealed under another key."""
        if len(sealed) < _SEAL_HEADER + NONCE or sealed[0] != FORMAT or sealed[1] != self.version:
            raise Damaged("A stored field is not in a known format; restore it from a backup.")
        nonce = sealed[_SEAL_HEADER : _SEAL_HEADER + NONCE]
        try:
            return self._aead.decrypt(nonce, sealed[_SEAL_HEADER + NONCE :], field.encode() + self._bound)
        except InvalidTag:
            raise Damaged from None


@dataclass(frozen=True, slots=True, repr=False)
class Lasting:
    """The keys of what is compared, by purpose, and the id of the master that they were derived of."""

    id: bytes
    keys: Mapping[str, bytes]

    @classmethod
    def of(cls, master: bytes) -> Self:
        """Return what outlives a master key."""
        return cls(derive(master, "id")[:ID], {purpose: derive(master, purpose) for purpose in LASTING})


@dataclass(frozen=True, slots=True, repr=False)
class Masters:
    """What the key file holds: the master key, those that it replaced, and what outlived the first of them."""

    current: bytes
    former: tuple[bytes, ...] = ()
    lasting: Lasting | None = None
    index: bytes | None = None  #: what blind indexes are made and the ledger is sealed with, once they were replaced


@dataclass(frozen=True, slots=True, repr=False)
class _Master:
    """What one master key opens: its id, the wrapping cipher, and the one of records."""

    id: bytes
    wrap: AESGCM
    record: AESGCM


@dataclass(frozen=True, slots=True, repr=False)
class _Compared:
    """What is compared under one master's sub-keys, or under those that outlived it: a ready HMAC by purpose."""

    id: bytes
    key_of: Callable[[str], bytes]
    macs: dict[str, HMAC] = field(default_factory=dict)

    def mac(self, purpose: str, data: bytes) -> bytes:
        """Return HMAC-SHA256 under the purpose's sub-key.

        A copy of a keyed HMAC takes a fifth of the time of a new one, and a third of what the standard library's takes.
        """
        keyed = self.macs.get(purpose)
        if keyed is None:
            keyed = self.macs[purpose] = HMAC(self.key_of(purpose), SHA256())
        mac = keyed.copy()
        mac.update(data)
        return mac.finalize()


class Keyring:
    """All keys of one installation. Made once at start; holds the newest master first."""

    __slots__ = (
        "_all",
        "_compared",
        "_current",
        "_follow",
        "_index",
        "_indexes",
        "_looked",
        "_newest",
        "_signer",
        "indexed_anew",
    )

    def __init__(self, masters: Masters, follow: Callable[[], Masters | None] | None = None) -> None:
        """Take what the key file holds; `follow` returns what it holds when it was changed since it was last asked."""
        self._follow = follow
        self._looked = time.monotonic()
        self._take(masters)
        every = [_compared_of(key) for key in (masters.current, *masters.former)]
        lasting = masters.lasting
        if lasting is not None:
            every = [_Compared(lasting.id, lasting.keys.__getitem__)]
        self._compared = {one.id: one for one in every}
        self._newest = every[0]
        indexes = every if masters.index is None else [_compared_of(masters.index)]
        self._indexes = {one.id: one for one in indexes}
        self._index = indexes[0]
        self.indexed_anew = masters.index is not None  #: whether blind indexes were once under another key
        self._signer = Ed25519PrivateKey.from_private_bytes(every[0].key_of("audit"))

    @classmethod
    def open(cls, master_key: bytes, *former: bytes) -> Self:
        """Return the keyring of a master key and of those it replaced. Raise CannotStart for a wrong length."""
        if any(len(key) != MASTER_BYTES for key in (master_key, *former)):
            raise CannotStart(f"A master key has {MASTER_BYTES} bytes; restore the key file from its backup.")
        return cls(Masters(master_key, former))

    def _take(self, masters: Masters) -> None:
        self._all = {master.id: master for master in map(_master, (masters.current, *masters.former))}
        self._current = next(iter(self._all.values()))

    def follow(self, *, now: bool = False) -> None:
        """Take what the key file holds by now, where it was changed; at most every few seconds, unless `now`."""
        if self._follow is None or (not now and time.monotonic() - self._looked < _FOLLOWED_WITHIN):
            return
        self._looked = time.monotonic()
        changed = self._follow()
        if changed is not None:
            self._take(changed)

    def _held(self, master_id: bytes) -> _Master | None:
        """Return a master by its id; one that is not known yet may have come since the file was last read."""
        if master_id not in self._all:
            self.follow(now=True)
        return self._all.get(master_id)

    def new_case_key(self, case_id: str) -> tuple[CaseKey, bytes]:
        """Return a fresh key for a case and its wrapped form, to be stored in `case_keys`."""
        return self.new_case_keys([case_id])[0]

    def new_case_keys(self, case_ids: Sequence[str]) -> list[tuple[CaseKey, bytes]]:
        """Return a fresh key and its wrapped form for each case; one call for randomness for all of them."""
        self.follow()
        size = MASTER_BYTES + NONCE
        random = os.urandom(size * len(case_ids))
        return [self._fresh(case_id, random[at * size : (at + 1) * size]) for at, case_id in enumerate(case_ids)]

    def _fresh(self, case_id: str, random: bytes) -> tuple[CaseKey, bytes]:
        key, nonce = random[:MASTER_BYTES], random[MASTER_BYTES:]
        return CaseKey(case_id, key), self._wrapped(case_id, KEY_VERSION, key, nonce)

    def _wrapped(self, case_id: str, version: int, key: bytes, nonce: bytes) -> bytes:
        head = bytes((FORMAT, version)) + self._current.id
        return head + nonce + self._current.wrap.encrypt(nonce, key, head + case_id.encode())

    def rewrapped(self, case_id: str, wrapped: bytes) -> bytes | None:
        """Return a case's key wrapped by the newest master; None where it is so already. Raise Damaged, as `unwrap`."""
        if wrapped[2:_WRAP_HEADER] == self._current.id:
            return None
        version, key = self._unwrapped(case_id, wrapped)
        return self._wrapped(case_id, version, key, os.urandom(NONCE))

    def unwrap(self, case_id: str, wrapped: bytes) -> CaseKey:
        """Return a case's key. Raise Damaged when it is another case's, was changed, or its master is not held."""
        version, key = self._unwrapped(case_id, wrapped)
        return CaseKey(case_id, key, version)

    def _unwrapped(self, case_id: str, wrapped: bytes) -> tuple[int, bytes]:
        head, nonce = wrapped[:_WRAP_HEADER], wrapped[_WRAP_HEADER : _WRAP_HEADER + NONCE]
        master = self._held(head[2:])
        if len(nonce) < NONCE:
            raise Damaged
        if master is None or head[0] != FORMAT:
            raise Damaged("A case's key was wrapped by a master key that is not held; add that master key.")
        try:
            key = master.wrap.decrypt(nonce, wrapped[_WRAP_HEADER + NONCE :], head + case_id.encode())
        except InvalidTag:
            raise Damaged from None
        return head[1], key

    def resealed(self, field: str, row_id: str, sealed: bytes) -> bytes | None:
        """Return a record sealed under the newest master; None where it is so already. Raise Damaged."""
        if sealed[2:_WRAP_HEADER] == self._current.id:
            return None
        return self.seal_record(field, row_id, self.open_record(field, row_id, sealed))

    def seal_lasting(self, field: str, row_id: str, plain: bytes) -> bytes:
        """Return the bytes encrypted as `seal_record` does, under a key that is replaced with the indexes': the ledger.

        Any key file of this installation since then opens it, that of an older backup too.
        """
        nonce, head = os.urandom(NONCE), bytes((FORMAT, KEY_VERSION)) + self._index.id
        return head + nonce + self._lasting(head[2:]).encrypt(nonce, plain, head + f"{field}\0{row_id}".encode())

    def open_lasting(self, field: str, row_id: str, sealed: bytes) -> bytes:
        """Return what `seal_lasting` was given. Raise Damaged when it was changed, moved, or is of another router."""
        head, nonce = sealed[:_WRAP_HEADER], sealed[_WRAP_HEADER : _WRAP_HEADER + NONCE]
        if not self.knows_lasting(sealed) or head[0] != FORMAT or len(nonce) < NONCE:
            raise Damaged
        try:
            aead = self._lasting(head[2:])
            return aead.decrypt(nonce, sealed[_WRAP_HEADER + NONCE :], head + f"{field}\0{row_id}".encode())
        except InvalidTag:
            raise Damaged from None

    def knows_lasting(self, sealed: bytes) -> bool:
        """Tell whether that was sealed by a key of ours that is not replaced; who changed it may have written so."""
        return sealed[2:_WRAP_HEADER] in self._indexes

    def _lasting(self, master_id: bytes) -> AESGCM:
        return AESGCM(self._indexes[master_id].key_of("ledger"))

    def seal_record(self, field: str, row_id: str, plain: bytes) -> bytes:
        """Return the bytes encrypted for one field of one row that belongs to no case, such as why all was stopped."""
        self.follow()
        nonce, head = os.urandom(NONCE), bytes((FORMAT, KEY_VERSION)) + self._current.id
        return head + nonce + self._current.record.encrypt(nonce, plain, head + f"{field}\0{row_id}".encode())

    def open_record(self, field: str, row_id: str, sealed: bytes) -> bytes:
        """Return what `seal_record` was given. Raise Damaged when it was changed, moved, or its master is not held."""
        head, nonce = sealed[:_WRAP_HEADER], sealed[_WRAP_HEADER : _WRAP_HEADER + NONCE]
        master = self._held(head[2:])
        if master is None or head[0] != FORMAT or len(nonce) < NONCE:
            raise Damaged
        try:
            return master.record.decrypt(nonce, sealed[_WRAP_HEADER + NONCE :], head + f"{field}\0{row_id}".encode())
        except InvalidTag:
            raise Damaged from None

    def blind(self, kind: str, text: str) -> bytes:
        """Return the blind index of a text: equal texts of one kind give equal bytes, and nothing else shows."""
        return self._index.id + self._index.mac(f"blind/{kind}", text.encode())[:BLIND]

    def blinds(self, kind: str, text: str) -> list[bytes]:
        """Return the blind index under every key held that made some, newest first."""
        return [one.id + one.mac(f"blind/{kind}", text.encode())[:BLIND] for one in self._indexes.values()]

    def ids(self) -> tuple[bytes, ...]:
        """Return with which bytes each blind index may begin, the newest first."""
        return tuple(self._indexes)

    def digest(self, data: bytes) -> bytes:
        """Return a keyed digest: tells equal bodies from different ones, and cannot be guessed without the key."""
        return self._newest.id + self._newest.mac("digest", data)

    def is_digest(self, data: bytes, digest: bytes) -> bool:
        """Whether `digest` was made of these bytes, under whichever master was newest then."""
        made = self._compared.get(digest[:ID])
        return made is not None and hmac.compare_digest(made.mac("digest", data), digest[ID:])

    def holds(self, digest: bytes) -> bool:
        """Whether the key that a digest was made under is held."""
        return digest[:ID] in self._compared

    def check_value(self) -> bytes:
        """Return what the database keeps to recognise its master key by."""
        return self._newest.id + self._newest.mac("check", b"referral-router")

    def accepts(self, check_value: bytes) -> bool:
        """Whether a database with this check value belongs to a master key that is held."""
        made = self._compared.get(check_value[:ID])
        return made is not None and hmac.compare_digest(made.mac("check", b"referral-router"), check_value[ID:])

    def sign_audit(self, data: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes) of the audit chain's key."""
        return self._signer.sign(data)

    def audit_key(self) -> Ed25519PublicKey:
        """Return the public key that verifies `sign_audit`; exported so that others can verify the chain."""
        return self._signer.public_key()


def derive(master: bytes, purpose: str) -> bytes:
    """Return the 32-byte sub-key of a purpose (HKDF-SHA256, RFC 5869; the master is random, so no salt)."""
    info = b"referral-router/1/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)


def _master(key: bytes) -> _Master:
    return _Master(derive(key, "id")[:ID], AESGCM(derive(key, "wrap")), AESGCM(derive(key, "record")))


def _compared_of(key: bytes) -> _Compared:
    return _Compared(derive(key, "id")[:ID], lambda purpose: derive(key, purpose))
