"""The folder into which a unit puts its answers: a receipt is taken from those that its pinned certificate signed.

Nothing is moved or removed there, and nothing of an answer is kept but the number it gives. What is not signed is for
people. An answer is read once: to verify one costs a process, and each minute every bundle looks for its own.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from router.partners.dropbox.inbound import LONGEST, read
from router.partners.dropbox.settings import DropboxConfig

#: The newest answers that are looked at; the folder is the unit's, and may grow for years.
_MOST: Final = 200
#: Said where a signed answer names a referral and gives no number.
SIGNED: Final = "signed answer"


#: When a file was written, its size, and where it is: another one of these is another answer.
_File: TypeAlias = tuple[int, int, Path]


class Answers:
    """The answers of one unit."""

    def __init__(self, config: DropboxConfig) -> None:
        """Take the unit's settings; the folder is looked at when it is asked for something."""
        self._folder = config.answers
        self._signed_by = config.answers_signed_by
        self._read: dict[_File, Mapping[str, str]] = {}  #: of those that were looked at last, what they say

    def receipts(self, wanted: Iterable[str]) -> Mapping[str, str]:
        """Return what the unit gave as its receipt for those of these referrals that it named in a signed answer."""
        if self._folder is None or self._signed_by is None:
            return {}
        known = {file: self._said(file, self._signed_by) for file in self._newest(self._folder)}
        self._read = {file: said for file, said in known.items() if said is not None}
        missing = set(wanted)
        return {one: number for said in self._read.values() for one, number in said.items() if one in missing}

    def _said(self, file: _File, signed_by: str) -> Mapping[str, str] | None:
        """Return what a signed answer gives for which referrals; None for one that cannot be read now."""
        if file in self._read:
            return self._read[file]
        _, size, path = file
        try:
            content = path.read_bytes() if size <= LONGEST else b""
        except OSError:
            return None
        reply = read(content, signed_by)
        return {one: number or SIGNED for one, number in reply.numbers().items()} if reply.is_signed else {}

    @staticmethod
    def _newest(folder: str) -> list[_File]:
        found = []
        try:
            for one in Path(folder).iterdir():
                if one.suffix in {".eml", ".txt"}:
                    what = one.stat()
                    found.append((what.st_mtime_ns, what.st_size, one))
        except OSError:
            return []
        return sorted(found)[-_MOST:]
