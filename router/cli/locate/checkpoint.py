"""The lines of a bulk run: read in chunks, written once each, and taken up again where a run stopped.

A file beside the input (`FILE.progress`) says how far the answers have been written, and what they were. It is renewed
after each chunk.
When the answers go to a file too (`>> answers.ndjson`), what was written beyond that point is cut off on resuming, so
that no line is answered twice; in a pipe the lines of one chunk may be. Another file than the one noted is never cut.
"""

import codecs
import contextlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from router.errors import BadInput

#: Lines to a chunk: enough to make its way to another process cheap, few enough that little is repeated.
CHUNK: Final = 500
#: Octets read of one line; what is longer cannot be a location, and is answered as too long.
_LONGEST_LINE: Final = 40_000
#: Octets at the start of the input by which it is known again.
_FINGERPRINT: Final = 65_536


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines, and where in the input the next ones start (octets)."""

    texts: list[str]  #: none where every line is empty
    end: int


def read_chunks(source: BinaryIO, start: int = 0) -> Iterator[Chunk]:
    """Yield the non-empty lines of `source`, which stands at octet `start`.

    The mark that editors on Windows put before UTF-8 is no part of the first line. Raises `BadInput` for UTF-16.
    """
    raws: list[bytes] = []
    at = start
    while raw := source.readline(_LONGEST_LINE):
        whole = at + len(raw)
        if len(raw) == _LONGEST_LINE and not raw.endswith(b"\n"):
            whole += _skip_line(source)
            raw += b"\n"
        raws.append(_unmarked(raw) if at == 0 else raw)
        at = whole
        if len(raws) == CHUNK:
            yield Chunk(_texts(raws), at)
            raws = []
    if raws:
        yield Chunk(_texts(raws), at)


def _texts(raws: Iterable[bytes]) -> list[str]:
    """Return the lines that are not empty. Read as one text: octets that are no UTF-8 never take a line's end along."""
    lines = b"".join(raws).decode("utf-8", "replace").split("\n")
    return [text for line in lines if (text := line.strip())]


def _unmarked(raw: bytes) -> bytes:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadInput("The input is written in UTF-16; save it as UTF-8 and try again.")
    return raw.removeprefix(codecs.BOM_UTF8)


def _skip_line(source: BinaryIO) -> int:
    skipped = 0
    while more := source.readline(_LONGEST_LINE):
        skipped += len(more)
        if more.endswith(b"\n"):
            break
    return skipped


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run that was stopped had done."""

    start: int = 0  #: octets of the input whose answers are written
    counts: Mapping[str, int] = field(default_factory=dict)  #: what those answers were
    seconds: float = 0.0


def is_file(file: Path, source: BinaryIO) -> bool:
    """Say whether the opened `file` can be read again: a pipe, also one with a name (`<(command)`, a FIFO), cannot.

    Nor can what the system lends a name (`/dev/stdin`): next time it may be another file. `/dev/shm` holds real ones.
    """
    where = file.absolute()
    lent = where.is_relative_to("/proc") or (where.is_relative_to("/dev") and where.parts[2] != "shm")
    return stat.S_ISREG(os.fstat(source.fileno()).st_mode) and not lent


def _octets(number: object) -> int:
    if not isinstance(number, int) or number < 0:
        raise ValueError("no number of octets")
    return number


class Progress:
    """How far a run has come. A run over a pipe cannot be resumed, and nothing is noted of it."""

    def __init__(self, file: Path | None, source: BinaryIO, output: BinaryIO) -> None:
        """Take the input (opened, not read yet), its name (None for a pipe), and where the answers go."""
        self._source = source
        self._output = output
        self._path = None if file is None else file.with_name(file.name + ".progress")
        self.size: int | None = None  #: octets of the input
        self._fingerprint = ""
        if file is not None:
            self._fingerprint = sha256(os.pread(source.fileno(), _FINGERPRINT, 0)).hexdigest()
            self.size = os.fstat(source.fileno()).st_size

    def resume(self) -> Begun:
        """Return what was done before, and make the answers end there; nothing when nothing was begun.

        Raises `BadInput` when the file is not the one that was begun, or the answers of the first part are missing.
        """
        if self._path is None:
            return Begun()
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            fingerprint, written = kept["fingerprint"], None if kept["output"] is None else _octets(kept["output"])
            counts = {str(what): int(count) for what, count in kept.get("counts", {}).items()}
            begun = Begun(_octets(kept["input"]), counts, float(kept.get("seconds", 0)))
            least = max(begun.start, _octets(kept.get("size", 0)))
        except FileNotFoundError:
            return Begun()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise BadInput("The .progress file beside the input cannot be read; remove it and start again.") from None
        if fingerprint != self._fingerprint or not self._goes_on_at(begun.start, least):
            raise BadInput("The input has changed since the run that was stopped; run it without --resume.")
        self._cut(written, kept.get("place"))
        return begun

    def _goes_on_at(self, start: int, least: int) -> bool:
        """Say whether the input is no smaller than it was, and a line starts at octet `start`: it may have grown."""
        if self.size is None or self.size < least:
            return False
        return start in (0, self.size) or os.pread(self._source.fileno(), 1, start - 1) == b"\n"

    def _cut(self, written: int | None, place: object) -> None:
        size = self._output_size()
        if written is None or size is None:
            return
        # An older note names no file: then only one that nothing would be cut from may be it.
        same = size == written if place is None else place == self._place()
        if size < written or not same:
            raise BadInput("The answers of the first part are not in this output; append to the same file with `>>`.")
        os.ftruncate(self._output.fileno(), written)
        # Without `>>` the descriptor would go on where it stood, leaving a hole.
        with contextlib.suppress(OSError):
            os.lseek(self._output.fileno(), written, os.SEEK_SET)

    def reached(self, end: int, counts: Mapping[str, int], seconds: float) -> None:
        """Note that all answers up to octet `end` of the input are written, what they were, and the time they took."""
        if self._path is None:
            return
        done = {"input": end, "output": self._output_size(), "fingerprint": self._fingerprint}
        note = {**done, "size": self.size, "place": self._place(), "counts": dict(counts), "seconds": seconds}
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            fresh.write_text(json.dumps(note), encoding="utf-8")
            fresh.replace(self._path)
        except OSError:
            return  # a directory we cannot write to: the run goes on, and cannot be resumed

    def done(self) -> None:
        """Forget the run: it is complete."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _output_size(self) -> int | None:
        """Return how much was written, or None when the answers go to a pipe or a terminal."""
        status = self._output_file()
        return None if status is None else status.st_size

    def _place(self) -> list[int] | None:
        """Return which file the answers go to: its device and its number there."""
        status = self._output_file()
        return None if status is None else [status.st_dev, status.st_ino]

    def _output_file(self) -> os.stat_result | None:
        try:
            status = os.fstat(self._output.fileno())
        except (OSError, ValueError):
            return None
        return status if stat.S_ISREG(status.st_mode) else None
