"""The master key's file: 0600, outside the database, created at the first start, refused when others could read it.

One line of 64 hexadecimal digits, so that it can be printed and typed back. It must be kept apart from the database's
backups: either alone is worthless. Once the key was rotated there are more lines (`keys rotate`):

    MASTER                     the key that wraps and seals now
    coming MASTER              one that will replace it: opened by, and not sealed by, until every machine has this file
    former MASTER UNTIL        one that it replaced, until a moment in microseconds; then the line is taken out
    lasting ID PURPOSE KEY     what is compared with what was kept before, and outlives the first master (`guard/seal`)
    index KEY                  what blind indexes are made and the ledger is sealed with since they were replaced
    index-coming KEY           what they are being replaced by: nobody works until that is done
"""

import contextlib
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from router.errors import CannotStart
from router.guard.seal import LASTING, MASTER_BYTES, REPLACED, Keyring, Lasting, Masters

#: Its name in the data directory.
MASTER_FILE: Final = "master.key"
#: No key file is longer, however often it was rotated.
_MOST: Final = 64 * 1024
#: Lines of one key, each once, in the order of the fields that they fill.
_SINGLE: Final = ("coming", "index", "index-coming")
_NO_KEY: Final = "The master key file does not hold 64 hexadecimal digits; restore it from its backup."


def load_or_create_master(path: Path) -> bytes:
    """Return the master key of that file; make a random one when there is no file yet. Raise CannotStart."""
    with contextlib.suppress(FileNotFoundError):
        return load_master(path)
    _create(path)
    return load_master(path)


def load_master(path: Path) -> bytes:
    """Return the master key of that file. Raise FileNotFoundError, or CannotStart when it cannot be trusted or read."""
    return load_keys(path).current


@dataclass(frozen=True, slots=True, repr=False)
class KeyFile:
    """What a key file holds. `former` are the keys that the current one replaced, each until when (microseconds)."""

    current: bytes
    former: tuple[tuple[bytes, int], ...] = ()
    lasting: Lasting | None = None
    coming: bytes | None = None
    index: bytes | None = None
    index_coming: bytes | None = None

    @property
    def masters(self) -> Masters:
        """Return the same for a keyring."""
        coming = () if self.coming is None else (self.coming,)
        lasting = self.lasting or Lasting.of(self.current)
        return Masters(self.current, (*coming, *(key for key, _ in self.former)), lasting, self.index)

    def prepared(self) -> "KeyFile":
        """Return it with a random key that is to come; one that was prepared before stays."""
        return replace(self, coming=self.coming or os.urandom(MASTER_BYTES))

    def replaced(self, until: int) -> "KeyFile":
        """Return it with the key that was to come, or a random one, in place of the current one.

        That one opens what it did until a moment. What is compared stays as it is, under keys of its own.
        """
        lasting = self.lasting or Lasting.of(self.current)
        former = ((self.current, until), *self.former)
        return replace(
            self, current=self.coming or os.urandom(MASTER_BYTES), former=former, lasting=lasting, coming=None
        )

    def reindexing(self) -> "KeyFile":
        """Return it with a random key that indexes are to be made with; one that is there from a run before stays."""
        return replace(self, index_coming=self.index_coming or os.urandom(MASTER_BYTES))

    def reindexed(self) -> "KeyFile":
        """Return it with that key in force, and without the one it replaces."""
        lasting = self.lasting or Lasting.of(self.current)
        kept = {purpose: key for purpose, key in lasting.keys.items() if purpose not in REPLACED}
        return replace(self, lasting=Lasting(lasting.id, kept), index=self.index_coming, index_coming=None)

    def without(self, now: int) -> "KeyFile":
        """Return it without the keys whose time is over."""
        return replace(self, former=tuple(one for one in self.former if one[1] > now))

    def text(self) -> str:
        """Return it as it is written."""
        lines = [self.current.hex(), *(f"former {key.hex()} {until}" for key, until in self.former)]
        if self.coming is not None:
            lines.append(f"coming {self.coming.hex()}")
        lines += [f"{name} {key.hex()}" for name, key in self._indexes() if key is not None]
        if self.lasting is not None:
            lines += [f"lasting {self.lasting.id.hex()} {name} {key.hex()}" for name, key in self.lasting.keys.items()]
        return "".join(f"{line}\n" for line in lines)

    def _indexes(self) -> tuple[tuple[str, bytes | None], ...]:
        return (("index", self.index), ("index-coming", self.index_coming))


def load_keys(path: Path) -> KeyFile:
    """Return what that file holds. Raise as `load_master`."""
    try:
        return _parsed(read_private(path))
    except (ValueError, IndexError):
        raise CannotStart(_NO_KEY) from None


def read_private(path: Path) -> str:
    """Return the text of a file that only we may read. Raise FileNotFoundError, CannotStart, ValueError (no text)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check_access(os.fstat(descriptor))
        return os.read(descriptor, _MOST).decode("ascii")
    finally:
        os.close(descriptor)


def _parsed(text: str) -> KeyFile:
    """Return what the lines say. Raise ValueError, IndexError."""
    first, *more = text.splitlines() or [""]
    former: list[tuple[bytes, int]] = []
    lasting: dict[str, bytes] = {}
    of: set[bytes] = set()
    found: dict[str, bytes] = {}
    for line in more:
        word, *rest = line.split()
        if word == "former":
            former.append((_key(rest[0]), int(rest[1])))
        elif word in _SINGLE and word not in found:
            found[word] = _key(rest[0])
        elif word == "lasting":
            of.add(bytes.fromhex(rest[0]))
            lasting[rest[1]] = _key(rest[2])
        else:
            raise ValueError
    wanted = {*LASTING} - ({*REPLACED} if "index" in found else set())
    if (lasting or "index" in found) and (len(of) != 1 or wanted - {*lasting}):
        raise ValueError
    kept = Lasting(of.pop(), lasting) if lasting else None
    return KeyFile(_key(first), tuple(former), kept, *(found.get(name) for name in _SINGLE))


def _key(digits: str) -> bytes:
    key = bytes.fromhex(digits)
    if len(key) != MASTER_BYTES:
        raise ValueError
    return key


def open_keyring(path: Path) -> Keyring:
    """Return the keyring of a key file, which follows it: a key that another process brings in is known in seconds.

    Raise FileNotFoundError, CannotStart.
    """
    seen = _written(path)
    return Keyring(load_keys(path).masters, _follows(path, seen))


def check_indexes(path: Path, *, reindexing: bool) -> None:
    """Raise CannotStart where indexes are half replaced, unless it is to go on with that."""
    if load_keys(path).index_coming is not None and not reindexing:
        raise CannotStart("All is being indexed anew, and that was cut: run `keys rotate --indexes` again, to its end.")


def _follows(path: Path, seen: int) -> Callable[[], Masters | None]:
    def changed() -> Masters | None:
        nonlocal seen
        try:
            written = _written(path)
            if written == seen:
                return None
            found = load_keys(path).masters
        except (OSError, CannotStart):
            return None  # what was known stays; the next start says what is wrong with the file
        seen = written
        return found

    return changed


def _written(path: Path) -> int:
    return path.stat().st_mtime_ns


@contextlib.contextmanager
def changing(path: Path) -> Iterator[KeyFile]:
    """Give what a key file holds to whoever changes it (`write`), one process at a time. Raise as `load_master`."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield load_keys(path)
    finally:
        os.close(folder)


def write(path: Path, keys: KeyFile) -> None:
    """Put another content in the place of a key file. Raise CannotStart."""
    write_private(path, keys.text())


def write_private(path: Path, text: str) -> None:
    """Put a text in the place of a file that only we may read, whole or not at all. Raise CannotStart."""
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        _fill(beside, text)
        beside.replace(path)
        _sync_folder(path.parent)
    except OSError:
        raise CannotStart(f"The file {path.name} cannot be written; nothing was changed.") from None
    finally:
        beside.unlink(missing_ok=True)


def _check_access(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        raise CannotStart("The master key file can be read by others; run `chmod 600` on it and start again.")


def _create(path: Path) -> None:
    """Write a whole file beside the path, then link it into place: two first starts agree on one key."""
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        _fill(beside, f"{os.urandom(MASTER_BYTES).hex()}\n")
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
        _sync_folder(path.parent)
    except OSError:
        raise CannotStart("The master key file cannot be written; make its folder and let us write there.") from None
    finally:
        beside.unlink(missing_ok=True)


def _fill(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable: data sealed under a key that a power cut took away would be lost."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
