"""The code by which a unit names a referral in its answer: the referral's id as a person can read, say and type it.

26 characters of Crockford's base32 hold the id's 128 bits, two more check them: they are the id modulo the prime 1021,
so that any one wrong character and any two that changed places are noticed. It is a name and no secret.
"""

import re
from typing import Final
from uuid import UUID

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # crockford.com/base32.html: no I, L, O, U
_PRIME: Final = 1021  #: the largest prime below 32 * 32
_DIGITS: Final = 26
_READ_AS: Final = str.maketrans("OIL", "011")
#: A code as it stands in a text: seven groups of four, however they are divided.
IN_TEXT: Final = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Za-z]{4}[ \-]?){6}[0-9A-Za-z]{4}(?![0-9A-Za-z])")


def code_of(referral_id: str) -> str:
    """Return a referral's code, in groups of four."""
    number = UUID(referral_id).int
    text = _base32(number, _DIGITS) + _base32(number % _PRIME, 2)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def referral_of(code: str) -> str | None:
    """Return the referral's id that a code names, however it was typed; None when it cannot be right."""
    text = re.sub(r"[\s\-]", "", code).upper().translate(_READ_AS)
    if len(text) != _DIGITS + 2 or any(one not in ALPHABET for one in text):
        return None
    number = _number(text[:_DIGITS])
    if number >> 128 or number % _PRIME != _number(text[_DIGITS:]):
        return None
    return str(UUID(int=number))


def named_in(text: str) -> tuple[str, ...]:
    """Return the ids of all referrals whose codes stand in a text, in order."""
    found = (referral_of(one.group()) for one in IN_TEXT.finditer(text))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _base32(number: int, digits: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(digits)))


def _number(text: str) -> int:
    number = 0
    for one in text:
        number = number * 32 + ALPHABET.index(one)
    return number
