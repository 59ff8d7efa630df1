"""How a signature of ours stands in HTTP headers: our profile of RFC 9421, fixed to the letter (docs/protocol.md).

Label, covered components, parameters and algorithm (Ed25519) are given, so a header is compared and not interpreted;
there is nothing to negotiate and little to parse. Content-Digest is RFC 9530 with sha-256.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from router.errors import NotSignedIn

JSON: Final = "application/json"

_INPUT: Final = re.compile(r"sig=(\([^()]*\))((?:;[a-z]{1,10}=(?:[0-9]{1,12}|\"[ !#-\[\]-~]{1,120}\"))+)")
_PARAMETER: Final = re.compile(r";([a-z]+)=(?:([0-9]+)|\"([^\"]+)\")")
_SIGNATURE: Final = re.compile(r"sig=(:[A-Za-z0-9+/]{86}==:)")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of signed message: what is covered, in this order, and which parameters it must have."""

    covered: str  #: the serialized list of components (RFC 9421 section 2.3)
    tag: str
    moments: frozenset[str]  #: parameters that are integers
    words: frozenset[str]  #: parameters that are strings


REQUEST: Final = Kind(
    '("@method" "@target-uri" "content-type" "content-digest" "recipient")',
    "referral-router/1",
    frozenset({"created", "expires"}),
    frozenset({"nonce", "keyid", "tag"}),
)
ANSWER: Final = Kind(
    '("@status" "content-type" "content-digest" "signature";req;key="sig")',
    "referral-router-answer/1",
    frozenset({"created"}),
    frozenset({"keyid", "tag"}),
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it was read."""

    fields: Mapping[str, str]  #: the message's headers, names in lower case
    line: str  #: components and parameters as written; the last line of what is signed
    moments: Mapping[str, int]
    words: Mapping[str, str]
    signature: str  #: `:base64:`


def digest(body: bytes) -> str:
    """Return the Content-Digest of a body."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def base(covered: Iterable[tuple[str, str]], line: str) -> bytes:
    """Return what is signed (RFC 9421 section 2.5): the covered values by name, then the parameters."""
    lines = [f"{name}: {value}" for name, value in covered]
    return "\n".join((*lines, f'"@signature-params": {line}')).encode("ascii")


def request_base(method: str, target: str, fields: Mapping[str, str], line: str) -> bytes:
    """Return what is signed of a request."""
    names = ("content-type", "content-digest", "recipient")
    derived = (('"@method"', method), ('"@target-uri"', target))
    return base((*derived, *((f'"{name}"', fields[name]) for name in names)), line)


def answer_base(status: int, fields: Mapping[str, str], request_signature: str, line: str) -> bytes:
    """Return what is signed of an answer; it names the one request that it answers (RFC 9421 section 2.4)."""
    names = ("content-type", "content-digest")
    own = (('"@status"', str(status)), *((f'"{name}"', fields[name]) for name in names))
    return base((*own, ('"signature";req;key="sig"', request_signature)), line)


def read(headers: Iterable[tuple[str, str]], kind: Kind, body: bytes) -> Signed:
    """Read a signature and check the body against its digest. Nothing is authentic yet.

    Raise NotSignedIn: signature_missing, signature_malformed, digest_mismatch.
    """
    signed = read_head(headers, kind)
    check_body(signed, body)
    return signed


def check_body(signed: Signed, body: bytes) -> None:
    """Raise NotSignedIn (digest_mismatch) for another body than the one whose digest is covered."""
    if not compare_digest(signed.fields["content-digest"].encode(), digest(body).encode()):
        raise NotSignedIn("The body is not the one that was signed", reason="digest_mismatch")


def read_head(headers: Iterable[tuple[str, str]], kind: Kind) -> Signed:
    """Read a signature before the body has come. Raise NotSignedIn: signature_missing, signature_malformed."""
    fields = _fields(headers)
    if "signature-input" not in fields or "signature" not in fields:
        raise NotSignedIn("Sign the message as the protocol says", reason="signature_missing")
    found = _INPUT.fullmatch(fields["signature-input"])
    signature = _SIGNATURE.fullmatch(fields["signature"])
    if found is None or signature is None or found[1] != kind.covered:
        raise _malformed("The signature does not cover what the protocol says")
    moments, words = _parameters(found[2])
    algorithm = words.pop("alg", "ed25519")  # may be named; the key decides anyway
    expected = set(moments) == kind.moments and set(words) == kind.words
    if not expected or words["tag"] != kind.tag or algorithm != "ed25519":
        raise _malformed("The signature's parameters are not those of the protocol")
    needed = ("content-type", "content-digest", *(["recipient"] if kind is REQUEST else []))
    if any(name not in fields or not _plain(fields[name]) for name in needed):
        raise _malformed("A covered header is missing or not plain text")
    return Signed(fields, found[1] + found[2], moments, words, signature[1])


def _fields(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers by lower-case name; a repeated one is joined (RFC 9421 section 2.1), so it never compares."""
    fields: dict[str, str] = {}
    for name, value in headers:
        low = name.lower()
        fields[low] = f"{fields[low]}, {value.strip()}" if low in fields else value.strip()
    return fields


def _parameters(text: str) -> tuple[dict[str, int], dict[str, str]]:
    moments: dict[str, int] = {}
    words: dict[str, str] = {}
    for name, number, word in _PARAMETER.findall(text):
        if name in moments or name in words:
            raise _malformed("A parameter of the signature is repeated")
        if number:
            moments[name] = int(number)
        else:
            words[name] = word
    return moments, words


def _plain(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _malformed(text: str) -> NotSignedIn:
    return NotSignedIn(text, reason="signature_malformed")
