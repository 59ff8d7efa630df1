"""Ids of every row: UUIDv7 (RFC 9562), so that they sort by time and B-trees grow at their end.

Within a process each id is greater than every one before it, in the same millisecond and when the clock steps back too
(RFC 9562, section 6.2, method 1): the 26 bits behind the timestamp are a counter, the 48 after it are random.
"""

import os
import time
from collections import deque
from threading import Lock
from typing import Final

from schemas.dossier import RANDOM_BYTES, dossier

_COUNTER: Final = 26  #: bits of the counter: `rand_a` and the first 14 bits of `rand_b`
_GROUP: Final = 14  #: those of them that stand in the fourth group of digits, beside the two bits of the variant
_FREE: Final = 7  #: bits of four random bytes that no counter starts with; so its topmost is 0, to leave room to count

#: Random bytes of one id, and for how many ids they are read at once: a read costs as much as the rest of an id.
_OF_ONE: Final = 10
_AT_ONCE: Final = 256

_lock = Lock()
_random: deque[bytes] = deque()
os.register_at_fork(after_in_child=_random.clear)
_last = 0  #: timestamp and counter of the greatest id that was given out


def new_id() -> str:
    """Return a fresh UUIDv7 as 36 characters of text, greater than every one before it."""
    random = _drawn()
    number = _take(1, random[:4])
    return f"{_beginning(number >> _GROUP)}{0x8000 | number & 0x3FFF:x}-{random[4:].hex()}"


def new_ids(count: int) -> list[str]:
    """Return `count` fresh UUIDv7s in rising order, from one read of the random source (a batch needs thousands)."""
    random = os.urandom(6 * count + 4)
    first, ends = _take(count, random[:4]), random[4:].hex("-", 6).split("-")
    ids: list[str] = []
    while len(ids) < count:  # once, but when the batch fills a group
        head, low = divmod(first + len(ids), 1 << _GROUP)
        beginning = _beginning(head)
        ids += [
            f"{beginning}{n:x}-{end}" for n, end in zip(range(0x8000 | low, 0xC000), ends[len(ids) :], strict=False)
        ]
    return ids


def _drawn() -> bytes:
    """Return random bytes that nobody else gets."""
    try:
        return _random.pop()
    except IndexError:
        read = os.urandom(_OF_ONE * _AT_ONCE)
        _random.extend(read[at : at + _OF_ONE] for at in range(_OF_ONE, len(read), _OF_ONE))
        return read[:_OF_ONE]


def _beginning(head: int) -> str:
    """Return the first three groups of digits: 48 bits of milliseconds, the version, 12 bits of the counter."""
    digits = f"{head:015x}"
    return f"{digits[:8]}-{digits[8:12]}-7{digits[12:]}-"


def _take(count: int, seed: bytes) -> int:
    """Return the first of `count` numbers (timestamp and counter in one) that nobody else gets.

    A full counter carries into the timestamp, and a clock that steps back is not followed: the ids run ahead of the
    clock until it has caught up, which RFC 9562 allows, and no number is given out twice.
    """
    global _last  # noqa: PLW0603 - all ids of a process stand in one row
    with _lock:
        now = time.time_ns() // 1_000_000 << _COUNTER | int.from_bytes(seed) >> _FREE
        first = now if now > _last else _last + 1
        _last = first + count - 1
    return first


def new_dossier() -> str:
    """Return a new number of a report, as people say it. Rarely one is taken: the database knows."""
    return dossier(os.urandom(RANDOM_BYTES))
