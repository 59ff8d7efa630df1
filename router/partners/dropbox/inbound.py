"""What a unit answers, as a mail or a file: its text is read, and nothing else of it is kept.

A reply may carry anything, an image too. So of every other part only its size and digest stay, unread; a detached
signature is read to verify the text, and goes as well. The text is for people: nothing is done on it by itself but to
take a receipt from an answer that the unit's pinned certificate signed.
"""

import re
import resource
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from schemas.reply_code import IN_TEXT, referral_of

#: What is read of one answer; a longer one is refused whole, unread.
LONGEST: Final = 16 * 1024 * 1024
LONGEST_TEXT: Final = 64 * 1024
LONGEST_SIGNATURE: Final = 16 * 1024
_SIGNATURES: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_MOST_PARTS: Final = 100
#: The child that verifies: seconds, and bytes of memory.
_SECONDS: Final = 5
_MEMORY: Final = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Dropped:
    """A part that was not read."""

    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What is kept of an answer."""

    text: str
    dropped: tuple[Dropped, ...] = ()
    is_signed: bool = False  #: by the certificate that was given; False also where none was

    def numbers(self) -> dict[str, str]:
        """Return the unit's number for each referral whose code stands in the text.

        The number is what follows the code on its line, else what follows the first ':' of a line without a code.
        """
        lines = [line.strip() for line in self.text.splitlines()]
        general = next((_after(line) for line in lines if ":" in line and not IN_TEXT.search(line)), "")
        found: dict[str, str] = {}
        for line in lines:
            for code in IN_TEXT.finditer(line):
                named = referral_of(code.group())
                if named is not None:
                    found[named] = _number(line[code.end() :]) or general
        return found


def read(message: bytes, signed_by: str | None = None) -> Reply:
    """Return what is kept of a mail or a plain text; `signed_by` is the pinned certificate (PEM)."""
    if len(message) > LONGEST:
        return Reply("", (_dropped("message/rfc822", message),))
    parsed = _parsed(message)
    if not parsed.keys():  # no mail: a text file
        return _plain(message)
    verified = None if signed_by is None else _verified_part(message, parsed, signed_by)
    texts: list[str] = []
    dropped: list[Dropped] = []
    # Of a signed mail only what was signed is read: the text of the very bytes that were verified.
    for part in _leaves(parsed if verified is None else _parsed(verified)):
        content, kind = _content(part), part.get_content_type()
        if kind == "text/plain" and not part.get_filename() and _fits(texts, content):
            texts.append(_decoded(part, content))
        elif not (kind in _SIGNATURES and len(content) <= LONGEST_SIGNATURE):
            dropped.append(_dropped(kind, content))
    return Reply("\n".join(texts), tuple(dropped[:_MOST_PARTS]), verified is not None)


def _parsed(message: bytes) -> Message:
    return BytesParser(policy=policy.compat32).parsebytes(message)


def _plain(content: bytes) -> Reply:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if len(content) > LONGEST_TEXT or any(ord(one) < 32 and one not in "\t\r\n" for one in text):
        return Reply("", (_dropped("application/octet-stream", content),))
    return Reply(text)


def _leaves(part: Message) -> Iterator[Message]:
    """Yield what holds content; a mail within a mail is one part, and not looked into."""
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for one in part.get_payload():
            if isinstance(one, Message):
                yield from _leaves(one)
    else:
        yield part


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return content
    return b"".join(one.as_bytes() for one in part.get_payload() if isinstance(one, Message))


def _decoded(part: Message, content: bytes) -> str:
    try:
        text = content.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        text = content.decode(errors="replace")
    return "".join(one for one in text if ord(one) >= 32 or one in "\t\n")


def _fits(texts: Sequence[str], content: bytes) -> bool:
    return sum(map(len, texts)) + len(content) <= LONGEST_TEXT


def _dropped(kind: str, content: bytes) -> Dropped:
    known = kind if len(kind) <= 100 and kind.isascii() and kind.isprintable() else "unknown"
    return Dropped(known, len(content), sha256(content).hexdigest())


def _after(line: str) -> str:
    return _number(line.partition(":")[2])


def _number(text: str) -> str:
    """Return a number as a unit writes it, or nothing: one word or few, no sentence."""
    number = text.strip(" \t:=-")
    return number if 0 < len(number) <= 60 and all(one.isalnum() or one in " ./-_" for one in number) else ""


def _verified_part(message: bytes, parsed: Message, signed_by: str) -> bytes | None:
    """Return a signed mail's first part when the pinned certificate signed exactly that (RFC 8551, 3.5.3)."""
    signature = next((one for one in map(_content, _signatures(parsed)) if len(one) <= LONGEST_SIGNATURE), None)
    signed = _signed_part(message, parsed)
    if signed is None or signature is None:
        return None
    with TemporaryDirectory(prefix="answer") as folder:
        at = Path(folder)
        (at / "signature").write_bytes(signature)
        (at / "signer.pem").write_text(signed_by, encoding="utf-8")
        return signed if _openssl(at, signed) else None


def _signatures(parsed: Message) -> Iterator[Message]:
    return (part for part in _leaves(parsed) if part.get_content_type() in _SIGNATURES)


def _signed_part(message: bytes, parsed: Message) -> bytes | None:
    """Return the bytes of the first of the two parts of a `multipart/signed`, as they were signed."""
    boundary = parsed.get_boundary()
    if parsed.get_content_type() != "multipart/signed" or not boundary:
        return None
    between = rb"\n--" + re.escape(boundary.encode(errors="replace")) + rb"(?:--)?[ \t]*(?:\n|\Z)"
    parts = re.split(between, message.replace(b"\r\n", b"\n"))
    return parts[1].replace(b"\n", b"\r\n") if len(parts) >= 3 else None


def _openssl(at: Path, signed: bytes) -> bool:
    """Ask `openssl`, in a child that can neither take long nor grow: `cryptography` has no verification of CMS.

    Only the pinned certificate counts (`-nointern`, `-noverify`): whoever sends one along does not vouch for it.
    """
    (at / "signed").write_bytes(signed)
    line = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "signed"]
    line += ["-certfile", "signer.pem", "-nointern", "-noverify", "-out", "/dev/null"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed line over files of our own making
            line, cwd=at, timeout=_SECONDS, capture_output=True, check=False, preexec_fn=_bounded, env={"PATH": _PATH}
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
