"""How often somebody may try: buckets that leak, in a table of fixed size.

Who tries is told apart by a hash under a key of this process, so that nobody can choose whom they clash with. Each has
two places in the table and waits only when both are full: a clash takes two others. However many try under however
many names, the table never grows and nobody's count is thrown out to make room.
"""

import secrets
from array import array
from hashlib import blake2b
from typing import Final

#: Places in the table: 2 x 512 KiB.
_PLACES: Final = 65_536


class Attempts:
    """Counts what was tried. One for each kind of name."""

    def __init__(self, most: int, seconds: float) -> None:
        """Allow `most` at once, and as many again every so many seconds."""
        self._most = most
        self._leak = most / seconds
        self._key = secrets.token_bytes(32)
        self._level = array("d", bytes(8 * _PLACES))
        self._at = array("d", bytes(8 * _PLACES))

    def take(self, name: str, now: float) -> float:
        """Count one try before it is made. Return 0, or the seconds until one is allowed: then none was counted.

        `now` is in seconds; a clock that is set back leaks nothing.
        """
        places = self._places(name)
        for place in places:
            self._leaked(place, now)
        over = min(self._level[place] for place in places) + 1 - self._most
        if over > 0:
            return over / self._leak
        for place in places:
            self._level[place] += 1
        return 0.0

    def give_back(self, name: str) -> None:
        """Take back the count of a try that was right."""
        for place in self._places(name):
            self._level[place] = max(0.0, self._level[place] - 1)

    def _leaked(self, place: int, now: float) -> None:
        passed = max(0.0, now - self._at[place])
        self._level[place] = max(0.0, self._level[place] - passed * self._leak)
        self._at[place] = now

    def _places(self, name: str) -> tuple[int, int]:
        made = blake2b(name.encode("utf-8", "replace"), key=self._key, digest_size=8).digest()
        first, second = int.from_bytes(made[:4], "big") % _PLACES, int.from_bytes(made[4:], "big") % _PLACES
        return first, second if second != first else (first + 1) % _PLACES
