"""A statement that a key of ours is not to be trusted since a moment, signed by that key (Ed25519).

It only takes trust away. A new key is never believed for it: staff of both sides exchange that as they did the first.
"""

from base64 import b64decode, b64encode
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from router.errors import BadInput
from schemas.revoked import KeyRevoked

#: So that no signature for anything else passes for one.
_FOR: Final = b"referral-router/key-revoked/1\0"
_NOT_ONE: Final = "This is no statement that a key was revoked; take the file as the peer's staff gave it."


def signed(said: KeyRevoked, private: Ed25519PrivateKey) -> str:
    """Return the file that peers' staff get."""
    text = said.model_dump_json()
    signature = b64encode(private.sign(_FOR + text.encode())).decode()
    return orjson.dumps({"statement": text, "signature": signature}, option=orjson.OPT_INDENT_2).decode() + "\n"


def read(text: str) -> KeyRevoked:
    """Return what a file says that its own key signed. Raise BadInput. Whether that key is pinned is the caller's."""
    try:
        given = orjson.loads(text)
        said = KeyRevoked.model_validate_json(given["statement"])
        public = Ed25519PublicKey.from_public_bytes(b64decode(said.public, validate=True))
        public.verify(b64decode(given["signature"], validate=True), _FOR + given["statement"].encode())
    except (ValueError, ValidationError, KeyError, TypeError, AttributeError, InvalidSignature):
        raise BadInput(_NOT_ONE, field="FILE", reason="not_signed") from None
    return said
