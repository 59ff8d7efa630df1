"""Our own Ed25519 key, by which peers know us: a file of its own, 0600, made at the first start.

A key that may be in other hands is replaced (`keys compromised`): the file then has a second line, `number N`, which
stands at the end of the key's name among peers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.errors import CannotStart
from router.guard.master import load_or_create_master, read_private, write_private

#: Its name in the data directory.
IDENTITY_FILE: Final = "identity.key"
_NOT_ONE: Final = "The identity file does not hold 64 hexadecimal digits; restore it from its backup."


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Our key, and the how manieth it is."""

    private: Ed25519PrivateKey
    number: int = 1


def load_or_create_identity(path: Path) -> Identity:
    """Return the key of that file; make a random one when there is none yet. Raise CannotStart.

    The file is kept like the master key: 32 bytes (RFC 8032 section 5.1.5) in hexadecimal, readable by us alone.
    """
    if not path.exists():
        load_or_create_master(path)
    try:
        digits, *more = read_private(path).splitlines()
        number = int(more[0].removeprefix("number ")) if more else 1
        return Identity(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digits)), number)
    except ValueError:
        raise CannotStart(_NOT_ONE) from None


def replace_identity(path: Path, was: Identity) -> Identity:
    """Put a new random key in the place of one. Raise CannotStart, with nothing changed."""
    private = Ed25519PrivateKey.generate()
    write_private(path, f"{private.private_bytes_raw().hex()}\nnumber {was.number + 1}\n")
    return Identity(private, was.number + 1)
