"""The folder into which a unit puts its answers: a receipt is taken from those that its pinned key signed.

Nothing is moved or removed there, and nothing of an answer is kept but the number it gives. What is not signed is for
people, who read it where it lies. An answer is read once: to verify one costs a process, and each minute every bundle
looks for its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from router.partners.dropbox.inbound import LONGEST, Dropped, Reply, read
from router.partners.dropbox.settings import DropboxConfig
from schemas.letter import DroppedPart, Letter

#: The newest answers that are looked at; the folder is the unit's, and may grow for years.
_MOST: Final = 200
#: Said where a signed answer names a referral and gives no number.
SIGNED: Final = "signed answer"


#: When a file was written, its size, and where it is: another one of these is another answer.
_File: TypeAlias = tuple[int, int, Path]


@dataclass(frozen=True, slots=True)
class _Kept:
    """One answer as it was read."""

    digest: str  #: SHA-256 of the file
    reply: Reply


class Answers:
    """The answers of one unit."""

    def __init__(self, config: DropboxConfig, partner: str) -> None:
        """Take the unit's settings and its name; the folder is looked at when it is asked for something."""
        self._folder = config.answers
        self._signed_by = config.answers_signed_by
        self._partner = partner
        self._read: dict[_File, _Kept] = {}  #: those that were looked at last

    def receipts(self, wanted: Iterable[str]) -> Mapping[str, str]:
        """Return what the unit gave as its receipt for those of these referrals that it named in a signed answer."""
        if self._signed_by is None:
            return {}
        missing = set(wanted)
        signed = (one.reply for one in self._all().values() if one.reply.is_signed)
        return {one: number or SIGNED for reply in signed for one, number in reply.numbers().items() if one in missing}

    def letters(self) -> list[Letter]:
        """Return what lies there, the newest first."""
        return [self._letter(file, one) for file, one in reversed(tuple(self._all().items()))]

    def _letter(self, file: _File, kept: _Kept) -> Letter:
        reply = kept.reply
        return Letter(
            id=str(UUID(hex=sha256(f"{self._partner}:{kept.digest}".encode()).hexdigest()[:32])),
            partner=self._partner,
            at=datetime.fromtimestamp(file[0] / 1e9, UTC),
            is_signed=reply.is_signed,
            text=reply.text,
            dropped=tuple(DroppedPart(kind=one.kind, size=one.size, sha256=one.sha256) for one in reply.dropped),
            numbers={one: number or (SIGNED if reply.is_signed else "") for one, number in reply.numbers().items()},
        )

    def _all(self) -> Mapping[_File, _Kept]:
        """Return what lies there, the oldest first, but for what cannot be read now."""
        found = [] if self._folder is None else self._newest(self._folder)
        kept = {file: self._read.get(file) or self._opened(file) for file in found}
        self._read = {file: one for file, one in kept.items() if one is not None}
        return self._read

    def _opened(self, file: _File) -> _Kept | None:
        _, size, path = file
        try:
            if size > LONGEST:
                with path.open("rb") as content:
                    digest = file_digest(content, "sha256").hexdigest()
                return _Kept(digest, Reply("", (Dropped("message/rfc822", size, digest),)))
            given = path.read_bytes()
        except OSError:
            return None
        return _Kept(sha256(given).hexdigest(), read(given, self._signed_by))

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
