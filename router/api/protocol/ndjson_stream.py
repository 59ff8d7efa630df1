"""Cuts a stream of bytes into numbered lines and groups of lines, in bounded memory. Pure.

A line that is too long is not kept: its number is answered with a refusal and the rest of the stream goes on.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

#: Bytes of one line; `casework.batch` refuses longer ones as well.
LONGEST_LINE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not empty, counted from 1; `text` is None when it was too long to keep."""

    number: int
    text: bytes | None


@dataclass(slots=True)
class Splitter:
    """Takes chunks as they arrive and yields the lines that are complete. Empty lines count and are skipped."""

    longest: int = LONGEST_LINE
    _number: int = 0
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0

    @property
    def next_number(self) -> int:
        """Return the number of the line that has not ended yet."""
        return self._number + 1

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that end in this chunk."""
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            self._keep(part)
            yield from self._end()
        self._keep(rest)

    def finish(self) -> Iterator[Line]:
        """Yield the last line when it has no newline."""
        if self._size:
            yield from self._end()

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self.longest:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _end(self) -> Iterator[Line]:
        self._number += 1
        size, text = self._size, b"".join(self._parts)
        if self._number == 1:
            text = text.removeprefix(BOM_UTF8)  # the mark that some programs put before UTF-8
        self._parts.clear()
        self._size = 0
        if size > self.longest:
            yield Line(self._number, None)
        elif text.strip():
            yield Line(self._number, text)
