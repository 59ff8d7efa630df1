"""The folder into which a unit puts its answers: a receipt is taken from those that its pinned certificate signed.

Nothing is moved or removed there, and nothing of an answer is kept but the number it gives. What is not signed, or
gives no number, is for people.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from router.partners.dropbox.inbound import LONGEST, read
from router.partners.dropbox.settings import DropboxConfig

#: The newest answers that are looked at; the folder is the unit's, and may grow for years.
_MOST: Final = 200
#: Said where a signed answer names a referral and gives no number.
SIGNED: Final = "signed answer"


class Answers:
    """The answers of one unit."""

    def __init__(self, config: DropboxConfig) -> None:
        """Take the unit's settings; the folder is looked at when it is asked for something."""
        self._folder = config.answers
        self._signed_by = config.answers_signed_by

    def receipts(self, wanted: Iterable[str]) -> Mapping[str, str]:
        """Return what the unit gave as its receipt for those of these referrals that it named in a signed answer."""
        if self._folder is None or self._signed_by is None:
            return {}
        missing, found = set(wanted), dict[str, str]()
        for path in self._newest(self._folder):
            try:
                content = path.read_bytes() if path.stat().st_size <= LONGEST else b""
            except OSError:
                continue
            reply = read(content, self._signed_by)
            if reply.is_signed:
                found |= {one: number or SIGNED for one, number in reply.numbers().items() if one in missing}
        return found

    @staticmethod
    def _newest(folder: str) -> list[Path]:
        try:
            files = [(one.stat().st_mtime, one) for one in Path(folder).iterdir() if one.suffix in {".eml", ".txt"}]
        except OSError:
            return []
        return [one for _, one in sorted(files)[-_MOST:]]
