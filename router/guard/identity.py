"""Our own Ed25519 key, by which peers know us: a file of its own, 0600, made at the first start."""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.guard.master import load_or_create_master

#: Its name in the data directory.
IDENTITY_FILE: Final = "identity.key"


def load_or_create_identity(path: Path) -> Ed25519PrivateKey:
    """Return the private key of that file; make a random one when there is none yet. Raise CannotStart.

    The file is kept like the master key: 32 bytes (RFC 8032 section 5.1.5) in hexadecimal, readable by us alone.
    """
    return Ed25519PrivateKey.from_private_bytes(load_or_create_master(path))
