"""Read a content id of IPFS: one content has one, in several spellings.

The forms are those of the multiformats project (https://github.com/multiformats/cid): `Qm…` is version 0, anything else
is version 1 behind a letter that names its alphabet.
"""

import re
from typing import Final

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_BASE16: Final = "0123456789abcdef"
#: Letter -> alphabet, and whether its digits are one number (base 58 and 36) or bits in a row.
_ALPHABETS: Final = {"b": (_BASE32, False), "f": (_BASE16, False), "k": (_BASE36, True), "z": (_BASE58, True)}
#: What looks like an id: version 0, one in an alphabet of version 1, or a peer's key as `ipns` names it.
FORM: Final = (
    r"(?:Qm[1-9A-HJ-NP-Za-km-z]{44}|[bB][a-zA-Z2-7]{50,110}|k[0-9a-z]{45,70}|z[1-9A-HJ-NP-Za-km-z]{45,80}"
    r"|f01[0-9a-f]{60,160}|12D3Koo[1-9A-HJ-NP-Za-km-z]{45})"
)
_FORM: Final = re.compile(FORM)
_V1: Final = 1
_PROTOBUF: Final = 0x70  #: the codec of a version 0 id
_PEER_KEY: Final = 0x72  #: the codec of an `ipns` name
_SHA256: Final = b"\x12\x20"


def normal(text: str, *, peer: bool = False) -> str | None:
    """Return the id in version 1 and base 32, or None for what is none. `peer`: a name of `ipns`, which is a key."""
    found = _decoded(text, _PEER_KEY if peer else _PROTOBUF)
    return None if found is None else f"b{_to_base32(found)}"


def looks_like_one(text: str) -> bool:
    """Return whether a text has the form of an id."""
    return _FORM.fullmatch(text) is not None


def _decoded(text: str, codec: int) -> bytes | None:
    if not looks_like_one(text):
        return None
    if text.startswith(("Qm", "12D3Koo")):
        multihash = _to_bytes(text, _BASE58)
        return bytes((_V1, codec)) + multihash if _is_multihash(multihash) else None
    alphabet, is_number = _ALPHABETS[text[0].lower()]
    digits = text[1:] if is_number else text[1:].lower()
    found = _to_bytes(digits, alphabet) if is_number else _bits(digits, alphabet)
    if found[:1] != bytes((_V1,)):
        return None
    at = 2 if found[1] < 0x80 else 3  # the codec is a varint; all in use have one byte or two
    return found if _is_multihash(found[at:]) else None


def _is_multihash(given: bytes) -> bool:
    """Return whether these are a hash's code, its length and as many bytes."""
    return len(given) > 2 and given[0] < 0x80 and given[1] == len(given) - 2


def _to_bytes(digits: str, alphabet: str) -> bytes:
    number = 0
    for digit in digits:
        number = number * len(alphabet) + alphabet.index(digit)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _bits(digits: str, alphabet: str) -> bytes:
    width = len(alphabet).bit_length() - 1
    number = 0
    for digit in digits:
        number = number << width | alphabet.index(digit)
    left = len(digits) * width % 8
    return (number >> left).to_bytes(len(digits) * width // 8, "big")


def _to_base32(given: bytes) -> str:
    number, left = int.from_bytes(given, "big"), -len(given) * 8 % 5
    number <<= left
    return "".join(_BASE32[number >> at & 31] for at in range(len(given) * 8 + left - 5, -1, -5))
