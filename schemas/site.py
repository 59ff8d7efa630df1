"""The tag by which people tell the hosts of masked rows apart: `7F3AK2Q`, and nothing that names the host.

It is the beginning of the host's blind index (an HMAC under a key of this installation, `guard/seal`), in base32 as RFC
4648 has it. So it is the same as long as the key is, another router calls the same host otherwise, and nobody who
guesses a host can compute it. Seven characters are 35 bits; where two hosts that are kept share them, more are shown.
A tag stands where people of this house work, and in nothing that leaves it: whoever keeps two exports could tell by it
that they speak of one host.
"""

import re
from base64 import b32decode, b32encode
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

from schemas.word import Word

SHORTEST: Final = 7
_LONGEST: Final = 26  #: characters that say all 128 bits of an index
#: More open cases of one host than this are not counted for a list.
COUNTED: Final = 1_000
#: A tag as somebody types or copies it.
SiteTag = Annotated[str, StringConstraints(pattern=rf"^[A-Za-z2-7]{{{SHORTEST},{_LONGEST}}}$")]

_WHOLE: Final = re.compile(rf"[A-Z2-7]{{{_LONGEST}}}")


def _whole_index(given: str) -> str:
    if not _WHOLE.fullmatch(given):
        raise ValueError(
            f"a host is named by its keyed index ({_LONGEST} capital letters and digits), never by its name; "
            'take it from a case of that host: "always for this host" (`policy draft`)'
        )
    return given


#: A host's index, written whole, as a rule names it: of another installation, or after a new index key, another one.
HostIndex = Annotated[str, AfterValidator(_whole_index)]


class SiteView(Word):
    """The host of a case, as people may see it who do not see its location."""

    tag: str
    open: int  #: how many open cases it has, of those that are kept; with `more`, at least so many
    more: bool = False


def written(index: bytes) -> str:
    """Return the whole of a host's index (16 bytes) as people would write it."""
    return b32encode(index).decode().rstrip("=")


def tag(index: bytes, *neighbours: bytes | None) -> str:
    """Return the shortest tag of an index that none of its neighbours among all indexes begins with."""
    whole = written(index)
    shared = max((_shared(whole, written(one)) for one in neighbours if one is not None), default=0)
    return whole[: max(SHORTEST, shared + 1)]


def _shared(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), len(one))


def bounds(given: str) -> tuple[bytes, bytes]:
    """Return the first and the last index that begin with a tag (`SiteTag`, however it is written)."""
    first, last = (b32decode(f"{given.upper():{end}<{_LONGEST}}======") for end in "A7")
    return first, last
