"""Our own number of a report: short enough to be said on the telephone, and it tells neither a date nor how many.

Eight random characters of Crockford's base32 (https://www.crockford.com/base32.html: no I, L, O, U) and a check
character from the same 32. The check is a sum in the field of 32 elements (x^5 + x^2 + 1), each place with another
weight: any one wrong character and any two that changed places are noticed.
"""

from typing import Annotated, Final

from pydantic import StringConstraints

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Random bytes of one number: 40 bits are eight characters of five.
RANDOM_BYTES: Final = 5
_LENGTH: Final = 9
#: What people write for what they heard or read, as Crockford has it; what groups the characters says nothing.
_READ_AS: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})

Dossier = Annotated[str, StringConstraints(pattern=f"^[{ALPHABET}]{{{_LENGTH}}}$")]


def _times(one: int, other: int) -> int:
    """Multiply in the field of 32 elements."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = (one << 1) ^ (0b100101 if one & 0b10000 else 0)
        other >>= 1
    return product


def _weights() -> tuple[int, ...]:
    """Return the weight of each of the eight places: the powers of x, of which no two are alike and none is one."""
    weights = [2]
    while len(weights) < _LENGTH - 1:
        weights.append(_times(weights[-1], 2))
    return tuple(weights)


_WEIGHTS: Final = _weights()
#: By the place of a pair of characters and its ten bits: the pair, and its share of the check. A batch has thousands.
_PAIRS: Final = tuple(
    tuple(
        (ALPHABET[bits >> 5] + ALPHABET[bits & 31], _times(first, bits >> 5) ^ _times(second, bits & 31))
        for bits in range(1024)
    )
    for first, second in zip(_WEIGHTS[::2], _WEIGHTS[1::2], strict=True)
)


def dossier(drawn: bytes) -> str:
    """Return the number that `RANDOM_BYTES` random bytes make."""
    bits, text, check = int.from_bytes(drawn, "big"), "", 0
    for pairs, shift in zip(_PAIRS, (30, 20, 10, 0), strict=True):
        pair, share = pairs[bits >> shift & 1023]
        text += pair
        check ^= share
    return text + ALPHABET[check]


def read(written: str) -> str | None:
    """Return the number that somebody wrote or heard, None for what is none of ours."""
    text = written.upper().translate(_READ_AS)
    if len(text) != _LENGTH or not set(text) <= set(ALPHABET):
        return None
    bits = 0
    for character in text[:-1]:
        bits = bits << 5 | ALPHABET.index(character)
    return text if dossier(bits.to_bytes(RANDOM_BYTES, "big")) == text else None
