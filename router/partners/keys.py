"""Ed25519 keys: our own, and those of peers, which are pinned, dated, and exchanged out of band.

A peer may have several keys at once, so that a new one is in use before the old one ends. Nothing is ever trusted on
first use: a key that is not pinned does not exist.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator, AwareDatetime, StringConstraints, model_validator

from router.errors import BadInput, NotSignedIn
from schemas.word import Word

#: How far two machines' clocks may differ. Without NTP a minute is common; with it, milliseconds.
SKEW: Final = timedelta(seconds=60)

#: The name of a key, unique among all peers: by convention the hotline's name and a date, "hotline-nl-2026".
KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$")]


def _is_public_key(text: str) -> str:
    try:
        raw = b64decode(text, validate=True)
    except NotBase64:
        raw = b""
    if len(raw) != 32:  # RFC 8032 section 5.1.5
        raise ValueError("an Ed25519 public key is 32 bytes in base64: 44 characters that end in '='")
    return text


class PeerKey(Word):
    """A public key of a peer, as its staff gave it to ours."""

    id: KeyId
    public: Annotated[str, AfterValidator(_is_public_key)]
    not_before: AwareDatetime | None = None
    not_after: AwareDatetime | None = None

    @model_validator(mode="after")
    def _has_a_span(self) -> Self:
        if self.not_before and self.not_after and self.not_after <= self.not_before:
            raise ValueError("not_after must be later than not_before")
        return self


@dataclass(frozen=True, slots=True)
class Signer:
    """One of our own keys, and the name under which peers have pinned it."""

    key_id: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The public key in base64, as peers pin it."""
        return b64encode(self.private.public_key().public_bytes_raw()).decode()


class KeyRing:
    """The pinned keys of some peers, ready to verify."""

    def __init__(self, peers: Mapping[str, Sequence[PeerKey]]) -> None:
        """Take each peer's keys. Raise BadInput when two keys share an id: an id must name one peer."""
        self._keys: dict[str, tuple[str, PeerKey, Ed25519PublicKey]] = {}
        for peer, keys in peers.items():
            for key in keys:
                if key.id in self._keys:
                    raise BadInput(f"Two pinned keys have the id '{key.id}'; give each its own", field="keys")
                public = Ed25519PublicKey.from_public_bytes(b64decode(key.public))
                self._keys[key.id] = peer, key, public

    def find(self, key_id: str, now: datetime) -> tuple[str, Ed25519PublicKey]:
        """Return the peer and its key. Raise NotSignedIn (unknown_key, key_not_current)."""
        if key_id not in self._keys:
            raise NotSignedIn("The signing key is not pinned here; exchange keys with our staff", reason="unknown_key")
        peer, key, public = self._keys[key_id]
        early = key.not_before is not None and now < key.not_before - SKEW
        late = key.not_after is not None and now > key.not_after + SKEW
        if early or late:
            raise NotSignedIn("The signing key is outside its dates; use a current one", reason="key_not_current")
        return peer, public
