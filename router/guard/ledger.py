"""What a backup cannot know: what was erased, recalled, and left after it; kept off the host, for whoever puts it back.

A file in the folder of the audit's receiver gets a line before what leaves and what is erased is committed, and a line
after what was; each is on disk before anybody is told of what it says.
A line is JSON, `{"n", "at", "sealed"}`: numbered without gaps and sealed with its number under our own key, so that
nobody adds, changes or takes one out unseen. Sealed are ids, partners' references, and of a location its blind index,
never itself. Only the file's end can be cut unseen, so the newest is used.

The key is replaced with that of the indexes: `REINDEXED` is the last line under the one before, and what is older says
nothing to a backup that was made since. So behind a line of the newer key none of an older one is taken: whoever has
that writes nothing here any more.

Nothing here ever fails a commit: a line that cannot be kept is logged, and written with the next one.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import orjson

from router.errors import BadInput, Damaged
from router.guard.log import get_log
from router.guard.seal import Keyring

#: What the name of the file ends with; before it stands ours among peers.
SUFFIX: Final = ".ledger"
_FIELD: Final = "ledger"
#: A last line is shorter than this.
_TAIL: Final = 4096
#: What a crash left open is among the last lines: a group of commits writes a twentieth of it.
_LAST_LINES: Final = 1024 * 1024
_log = get_log("audit")


class Kind(StrEnum):
    """What happened to whom."""

    ERASING = "erasing"  #: a case: its key is about to go; the next line of the case says whether it went
    STAYED = "stayed"  #: a case that was about to be erased, and was not
    ERASED = "erased"  #: a case: its key is gone
    RECALLING = "recalling"  #: a referral: people are about to take it back; its next line says whether they did
    RECALLED = "recalled"  #: a referral that people took back
    KEPT = "kept"  #: a referral that was about to be taken back, and was not
    LEFT = "left"  #: a referral, and what is known of it: it may be at its partner from now on
    REINDEXED = "reindexed"  #: every index is another from now on: what stood before finds nothing any more
    BACKUP = "backup"  #: a backup was made: whoever puts it back sees that the ledger reaches so far


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `at` is business time in microseconds."""

    n: int
    at: int
    kind: Kind
    id: str
    said: Mapping[str, str] = field(default_factory=dict)  #: more that is known of it, by name


@dataclass(frozen=True, slots=True)
class Line:
    """What is to become an entry: the moment, what happened, to whom, and more that is known of it."""

    at: int
    kind: Kind
    id: str
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The file, and the keys that seal it."""

    path: Path
    keyring: Keyring
    _owed: list[Line] = field(default_factory=list)  #: what could not be written when it happened

    def keep(self, found: Sequence[Line]) -> None:
        """Add lines, after those that could not be written before; all are on disk when it returns. It blocks."""
        if not found:
            return
        self._owed.extend(found)
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # other processes of ours write too
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL))
                tail = file.read()
                last, whole = _last(tail), tail.endswith(b"\n") or not tail
                lines = [self._line(n, one) for n, one in enumerate(self._owed, start=last + 1)]
                file.write((b"" if whole else b"\n") + b"".join(lines))
                os.fsync(file.fileno())
            if not size:
                _sync_folder(self.path.parent)
            self._owed.clear()
        except (OSError, ValueError, KeyError) as error:
            _log.error("ledger_not_kept", exc_info=error)

    def left_open(self) -> tuple[set[str], set[str]]:
        """Return the cases that were about to be erased, and the referrals that were about to be taken back.

        Those of which the last lines do not say what came of it. Raise BadInput for a file that was changed.
        """
        if not self.path.exists():
            return set(), set()
        with self.path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_LINES))
            found = _entries(_numbered(file.read().splitlines()), self.keyring)
        return erasures(found)[1], recalls(found)[1]

    def _line(self, n: int, line: Line) -> bytes:
        inside = {"at": line.at, "kind": line.kind, "id": line.id, **({"said": line.said} if line.said else {})}
        sealed = self.keyring.seal_lasting(_FIELD, f"{n}", orjson.dumps(inside))
        return orjson.dumps({"n": n, "at": line.at, "sealed": sealed.hex()}) + b"\n"


def _sync_folder(folder: Path) -> None:
    """Keep that a new file is there."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last(tail: bytes) -> int:
    """Return the number of the last line that is whole: one that a crash cut is written again under its number."""
    for line in reversed(tail.splitlines()):
        try:
            return int(orjson.loads(line)["n"])
        except (ValueError, KeyError, TypeError):
            continue
    return 0


def of(receiver: Path | None, name: str, keyring: Keyring) -> Ledger | None:
    """Return the ledger of a router, by its name among peers; None where nobody receives it."""
    return None if receiver is None else Ledger(receiver / f"{name}{SUFFIX}", keyring)


def read(path: Path, keyring: Keyring) -> list[Entry]:
    """Return all lines. Raise BadInput for a file of another router, and for one with a line changed or missing."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadInput(f"The ledger {path} cannot be read ({error.strerror}).", field="ledger") from None
    numbered = list(_numbered(lines))
    _check_numbers(n for n, _ in numbered)
    found = _entries(numbered, keyring)
    if numbered and not found:
        raise _changed(numbered[0][0])
    return found


def erasures(found: Iterable[Entry]) -> tuple[set[str], set[str]]:
    """Return the cases that were erased, and those that were about to be and of which no later line says more."""
    erased: set[str] = set()
    unsure: set[str] = set()
    for one in found:
        match one.kind:
            case Kind.ERASING:
                unsure.add(one.id)
            case Kind.STAYED:
                unsure.discard(one.id)
            case Kind.ERASED:
                erased.add(one.id)
            case _:
                pass
    return erased, unsure - erased


def recalls(found: Iterable[Entry]) -> tuple[dict[str, int], set[str]]:
    """Return the referrals that people took back, with when, and those of which no line says whether they did.

    Of these they said that they would, in the last moment of a life that was cut: whoever restores takes them as so.
    """
    taken_back: dict[str, int] = {}
    unsure: dict[str, int] = {}
    for one in found:
        match one.kind:
            case Kind.RECALLING:
                unsure.setdefault(one.id, one.at)
            case Kind.KEPT:
                unsure.pop(one.id, None)
            case Kind.RECALLED:
                taken_back.setdefault(one.id, unsure.pop(one.id, one.at))
            case _:
                pass
    return unsure | taken_back, set(unsure)


def _numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield number and sealed bytes of each line that is whole: one that a crash cut comes again under its number."""
    for line in lines:
        try:
            said = orjson.loads(line)
            numbered = int(said["n"]), bytes.fromhex(said["sealed"])
        except (ValueError, KeyError, TypeError):
            continue
        yield numbered


def _entries(lines: Iterable[tuple[int, bytes]], keyring: Keyring) -> list[Entry]:
    """Return the lines of the key that is held: those before it are left out, and those after it was replaced."""
    found: list[Entry] = []
    for n, sealed in lines:
        if not keyring.knows_lasting(sealed):
            if not found:
                continue
            if found[-1].kind is Kind.REINDEXED:
                break
            raise _changed(n)
        try:
            inside = orjson.loads(keyring.open_lasting(_FIELD, f"{n}", sealed))
        except Damaged:
            raise _changed(n) from None
        kind = Kind(inside["kind"])
        found.append(Entry(n, int(inside["at"]), kind, str(inside["id"]), inside.get("said", {})))
    return found


def _changed(n: int) -> BadInput:
    text = f"Line {n} of the ledger was changed, or is of another router; take the receiver's own copy."
    return BadInput(text, field="ledger", reason="damaged")


def _check_numbers(numbers: Iterable[int]) -> None:
    for expected, n in enumerate(numbers, start=1):
        if n != expected:
            text = f"Line {expected} of the ledger is missing; take the receiver's own copy."
            raise BadInput(text, field="ledger", reason="gap")
