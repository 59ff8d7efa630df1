"""What is in a backup: each file with its digest, under a MAC of the master key; no other file passes for one."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import orjson

from router.errors import BadInput
from router.guard.seal import Keyring

FILE: Final = "manifest.json"
FORMAT: Final = 1
#: The two halves of a backup.
DATA: Final = "data"
KEYS: Final = "keys"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """One half of a backup. `point` is a moment before which all that was committed is in it, in microseconds."""

    id: str  #: of the backup, the same in both halves
    half: str
    product: str  #: the version of the program that made it
    revision: str  #: of the schema
    engine: str
    point: int
    counts: dict[str, int]
    files: dict[str, str]  #: by name: SHA-256, hexadecimal
    format: int = FORMAT

    def write(self, folder: Path, keyring: Keyring) -> None:
        """Write it into its folder."""
        said = asdict(self)
        mac = keyring.digest(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hex()
        text = orjson.dumps({**said, "mac": mac}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        (folder / FILE).write_bytes(text + b"\n")

    @classmethod
    def read(cls, folder: Path, half: str) -> "tuple[Self, bytes]":
        """Return the manifest of a folder and its MAC. Raise BadInput with one sentence."""
        where = f"{folder} is no {'backup' if half == DATA else 'folder with the keys of a backup'}, or was cut"
        try:
            said: dict[str, Any] = orjson.loads((folder / FILE).read_bytes())
            mac = bytes.fromhex(said.pop("mac"))
            if said.get("format") != FORMAT:
                raise BadInput(f"{folder} was made by a newer program; install that version.", reason="newer")
            found = cls(**said)
        except OSError:
            text = f"{where}: it has no {FILE}. Take another, or look whether --keys names the right folder."
            raise BadInput(text, reason="cut") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadInput(f"{where}: its {FILE} cannot be read. Use another.", reason="damaged") from None
        if found.half != half:
            raise BadInput(f"{folder} holds the {found.half} of a backup, not its {half}.", reason="other_half")
        return found, mac

    def check(self, mac: bytes, keyring: Keyring) -> None:
        """Raise BadInput unless it is what this router wrote."""
        if keyring.is_digest(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS), mac):
            return
        if not keyring.holds(mac):
            text = "This backup was made under another master key; name the keys that belong to it with --keys."
            raise BadInput(text, field="keys", reason="other_key")
        raise BadInput(f"The {FILE} of this backup was changed; use another backup.", reason="damaged")

    def check_files(self, folder: Path) -> None:
        """Raise BadInput for the first file that is missing, or is not what was written."""
        for name, digest in self.files.items():
            path = folder / name
            if not path.is_file():
                raise BadInput(f"The file {name} of this backup is missing; use another backup.", reason="cut")
            if sha256(path) != digest:
                raise BadInput(f"The file {name} of this backup is damaged; use another backup.", reason="damaged")


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file by its name. A manifest is in none, and a half inside the other has its own."""
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {name.as_posix(): sha256(folder / name) for name in names if name.parts[0] not in {KEYS, FILE}}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
