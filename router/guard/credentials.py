"""Secrets we hand out: API tokens, sign-in links, session cookies. Pure: minting, recognising, and their digests.

A token is `rr_live_` + 32 random bytes + a checksum, so that scanners of leaked secrets can find it and a mistyped one
is told apart without asking the store. With 256 random bits a plain SHA-256 is enough to store (no password hash).
"""

import hashlib
import secrets
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

TOKEN_PREFIX: Final = "rr_live_"  # noqa: S105 - what scanners look for
LINK_PREFIX: Final = "rr_link_"
#: NIST SP 800-63B asks for at least 64 bits in a look-up secret; 256 leave nothing to guess.
_RANDOM_BYTES: Final = 32
_CHECKSUM_BYTES: Final = 4


def new_token(prefix: str = TOKEN_PREFIX) -> str:
    """Return a fresh secret: the prefix, 32 random bytes and their CRC-32, in URL-safe base64."""
    random = secrets.token_bytes(_RANDOM_BYTES)
    return prefix + _encode(random + _checksum(prefix, random))


def well_formed(raw: str, prefix: str = TOKEN_PREFIX) -> bool:
    """Return whether a secret could be one of ours: right prefix, length and checksum."""
    if not raw.startswith(prefix) or not raw.isascii():
        return False
    try:
        body = urlsafe_b64decode(raw[len(prefix) :] + "=" * (-len(raw[len(prefix) :]) % 4))
    except ValueError:
        return False
    random, check = body[:_RANDOM_BYTES], body[_RANDOM_BYTES:]
    return len(random) == _RANDOM_BYTES and check == _checksum(prefix, random) and _encode(body) == raw[len(prefix) :]


def new_cookie() -> str:
    """Return a fresh opaque value for a session cookie or a CSRF token."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def digest(raw: str) -> bytes:
    """Return what the store keeps of a secret."""
    return hashlib.sha256(raw.encode("utf-8", "replace")).digest()


def _checksum(prefix: str, random: bytes) -> bytes:
    return zlib.crc32(prefix.encode() + random).to_bytes(_CHECKSUM_BYTES, "big")


def _encode(body: bytes) -> str:
    return urlsafe_b64encode(body).decode().rstrip("=")
