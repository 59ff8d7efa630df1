"""When a copy was last put back: a copy that nobody ever put back is none. `doctor` shows how old that one is.

`restore` writes it beside the ledger it was given, which is where the router that works can read it: the receiver's
folder, or a copy of the file that is carried there. It is under a MAC of our own key.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import orjson

from router.guard.seal import Keyring

#: What the name of the file ends with; before it stands ours among peers.
SUFFIX: Final = ".restored"


@dataclass(frozen=True, slots=True)
class Trial:
    """A copy that was put back. Moments are microseconds since the epoch."""

    backup: str  #: its id
    point: int  #: all that was committed before this moment was in it
    at: int  #: when it was put back

    def write(self, path: Path, keyring: Keyring) -> bool:
        """Keep it, in place of an older one; tell whether it could be written."""
        mac = keyring.digest(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)).hex()
        try:
            path.write_bytes(orjson.dumps({**asdict(self), "mac": mac}) + b"\n")
        except OSError:
            return False
        return True

    @classmethod
    def read(cls, path: Path, keyring: Keyring) -> Self | None:
        """Return what a file says; None where there is none, or none of this router's."""
        try:
            said: dict[str, Any] = orjson.loads(path.read_bytes())
            mac = bytes.fromhex(said.pop("mac"))
            found = cls(**said)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        whole = orjson.dumps(asdict(found), option=orjson.OPT_SORT_KEYS)
        return found if keyring.is_digest(whole, mac) else None


def beside(ledger: Path) -> Path:
    """Return where it is kept, by the ledger's name."""
    return ledger.with_suffix(SUFFIX)
