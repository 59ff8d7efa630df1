"""What a unit answers, as a mail or a file: its text is read, and nothing else of it is kept.

A reply may carry anything, an image too. So of every other part only its size and digest stay, unread; a detached
signature is read to verify the text (`verified`), and goes as well. The text is for people: nothing is done on it by
itself but to take a receipt from an answer that the unit's pinned key signed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from hashlib import sha256
from typing import Final

from router.guard.log import get_log
from router.partners.dropbox.verified import signed_part
from schemas.reply_code import IN_TEXT, referral_of

#: What is read of one answer; a longer one is refused whole, unread.
LONGEST: Final = 16 * 1024 * 1024
LONGEST_TEXT: Final = 64 * 1024
_MOST_PARTS: Final = 100
#: What no text holds: a byte that is no character of one shows what is none.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: A line of an encoded file (RFC 4648, RFC 2440): so long a word is no word.
_ENCODED: Final = re.compile(r"^[ \t>]*[A-Za-z0-9+/=_-]{40,}[ \t\r]*$", re.MULTILINE)
#: Characters in such lines that a text may hold: the signature of a key of 4096 bits has some 1,200.
_MOST_ENCODED: Final = 1500
_CHARSETS: Final = re.compile(r"utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d|cp125\d", re.IGNORECASE)
_NAMED_AS_ENCODED: Final = re.compile(r"data:[^,\s]{0,100};base64,|^begin [0-7]{3} \S", re.MULTILINE)


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
    is_signed: bool = False  #: by the key that was given; False also where none was

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
    """Return what is kept of a mail or a plain text; `signed_by` is the pinned certificate (PEM) or OpenPGP key."""
    if len(message) > LONGEST:
        return Reply("", (_dropped("message/rfc822", message),))
    try:
        return _read(message, signed_by)
    except Exception as error:  # noqa: BLE001 - letters are made to break whoever parses them; one costs no other
        get_log("partners").warning("letter_unreadable", error=type(error).__name__)
        return Reply("", (_dropped("message/rfc822", message),))


def _read(message: bytes, signed_by: str | None) -> Reply:
    parsed = _parsed(message)
    if not parsed.keys():  # no mail: a text file
        text = _text(message, "utf-8") if len(message) <= LONGEST_TEXT else None
        return Reply("", (_dropped("application/octet-stream", message),)) if text is None else Reply(text)
    parts = ((one.get_content_type(), _content(one)) for one in _leaves(parsed))
    borders = tuple(f"--{one}" for one in {part.get_boundary() for part in parsed.walk()} if one)
    verified = None if signed_by is None else signed_part(message, parsed, parts, signed_by)
    texts: list[str] = []
    dropped: list[Dropped] = []
    # Of a signed mail only what was signed is read: the text of the very bytes that were verified.
    for part in _leaves(parsed if verified is None else _parsed(verified)):
        content, kind = _content(part), part.get_content_type()
        text = _text(content, part.get_content_charset()) if _is_said(part) and _fits(texts, content) else None
        # A border of the letter in what it says: another reader sees parts where this one saw a text.
        if text is not None and not any(line.startswith(borders) for line in text.splitlines()):
            texts.append(text)
        else:
            dropped.append(_dropped(kind, content))
    return Reply("\n".join(texts), tuple(dropped[:_MOST_PARTS]), verified is not None)


def _parsed(message: bytes) -> Message:
    return BytesParser(policy=policy.compat32).parsebytes(message)


def _is_said(part: Message) -> bool:
    """Tell whether a part is what somebody wrote, and no file that they put beside it."""
    is_file = part.get_filename() is not None or part.get_content_disposition() == "attachment"
    return part.get_content_type() == "text/plain" and not is_file


def _text(content: bytes, charset: str | None) -> str | None:
    """Return a part as text, None where it is something else, under whatever name it comes or however it is written."""
    if charset is not None and not _CHARSETS.fullmatch(charset):
        return None
    try:
        text = content.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return None
    encoded = sum(len(line.group()) for line in _ENCODED.finditer(text))
    if encoded > _MOST_ENCODED or _NAMED_AS_ENCODED.search(text) or _NO_TEXT.search(text):
        return None
    return text.replace("\r", "")


def _leaves(part: Message) -> Iterator[Message]:
    """Yield what holds content; a mail within a mail is one part, and not looked into."""
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for one in part.get_payload():
            if isinstance(one, Message):
                yield from _leaves(one)
    else:
        yield part


def _content(part: Message) -> bytes:
    """Return the content of a part; of a mail within a mail that of all its parts, one after the other."""
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return content
    return b"".join(_content(one) for one in part.get_payload() if isinstance(one, Message))


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
