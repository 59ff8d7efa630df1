"""Signatures of Standard Webhooks 1.0.0 (standardwebhooks.com): `v1` with a shared secret, `v1a` with an Ed25519 key.

What is signed is `id.timestamp.body`. Several signatures in one header let a secret be replaced without a gap. Between
organisations v1a is the better one: the receiver cannot forge what it can verify.
"""

import hmac
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.errors import BadInput

_SHARED: Final = "whsec_"
_PRIVATE: Final = "whsk_"


def signatures(secrets: Iterable[str], message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the three headers. Raise BadInput for a secret that is neither `whsec_` nor `whsk_` with base64."""
    at = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), at.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(_one(secret, signed) for secret in secrets),
    }


def _one(secret: str, signed: bytes) -> str:
    if secret.startswith(_SHARED):
        raw = _bytes(secret.removeprefix(_SHARED), range(24, 65))
        return "v1," + b64encode(hmac.digest(raw, signed, sha256)).decode()
    raw = _bytes(secret.removeprefix(_PRIVATE) if secret.startswith(_PRIVATE) else "", range(32, 33))
    return "v1a," + b64encode(Ed25519PrivateKey.from_private_bytes(raw).sign(signed)).decode()


def _bytes(text: str, lengths: range) -> bytes:
    try:
        raw = a2b_base64(text, strict_mode=True)
    except ValueError:  # binascii.Error is one, and so is a letter that is not even ASCII
        raw = b""
    if len(raw) not in lengths:
        raise BadInput("A webhook secret is whsec_ with 24 to 64 bytes, or whsk_ with 32 bytes, in base64; correct it")
    return raw
