"""Read the beginning of a location as people write it: defanged (`hxxp[:]//`), mistyped (`http//`, `ttp://`), doubled.

It is mended where one reading exists. What is no scheme stays as it is, and the reader of the host refuses it: a
scheme's own name is never a host.
"""

import re
from typing import Final

#: Schemes whose authority a browser, or a program like one, connects to.
WEB: Final = frozenset({"http", "https", "ftp", "ws", "wss"})
#: Other schemes whose authority is a host in the DNS.
HOSTED: Final = frozenset(
    {"ftps", "gemini", "git", "gopher", "irc", "ircs", "mms", "nntp", "rtmp", "rtmps", "rtsp", "sftp", "smb", "ssh"}
)
EMBEDDED: Final = frozenset({"data", "javascript", "vbscript"})
ON_DEVICE: Final = frozenset({"about", "chrome", "content", "file", "res"})
#: Schemes without a host, and why there is none.
HOSTLESS: Final = {
    "ipfs": "ipfs",
    "ipns": "ipfs",
    "freenet": "p2p",
    "bitcoin": "payment_address",
    "ethereum": "payment_address",
    "monero": "payment_address",
    "mailto": "email",
    "tel": "phone",
    "sms": "phone",
    "tg": "platform",
    "whatsapp": "platform",
    "discord": "platform",
    "skype": "platform",
    "viber": "platform",
    "snapchat": "platform",
    "kik": "platform",
    "line": "platform",
    "sgnl": "platform",
    "session": "platform",
    "simplex": "platform",
    "matrix": "platform",
    "threema": "platform",
    "wire": "platform",
    "xmpp": "platform",
}
#: Schemes that only name a program to open a web address with, or that a tool writes so that nobody clicks it.
_WEB_IN_OTHER_WORDS: Final = {
    "feed": "http",
    "meow": "http",
    "meows": "https",
}
KNOWN: Final = frozenset({*WEB, *HOSTED, *EMBEDDED, *ON_DEVICE, *HOSTLESS, "magnet", "ed2k", "blob", "view-source"})

#: What stands for a letter that was taken out: `h**p`, `h##p`, `h__p`.
_MASKS: Final = "*#_+~?@$%!^-\N{BULLET}\N{MULTIPLICATION SIGN}"
_UNMASKED: Final = str.maketrans(dict.fromkeys([*_MASKS, "x"], "t"))
#: Between scheme and host: colons and slashes with whatever was put around or in place of them. Every part is bounded,
#: so that no line makes the search long.
_SEPARATOR: Final = (
    r"[\s:;.,|=\[({})\]\u2236-]{0,6}[/\\](?:(?:\s|[:;.,]|[\])}][\[({]){0,3}[/\\]){0,5}(?:[\])}]|:(?!\d))?\s?"
)
_WEB_START: Final = re.compile(
    rf"[\[({{<]?(?P<word>[a-z{re.escape(_MASKS)}]{{2,8}}?)(?:[\[({{](?P<tls>s)[\])}}])?[\])}}>]?(?P<sep>{_SEPARATOR})",
    re.IGNORECASE,
)
#: Any other scheme, when its separator is a colon with slashes, plain or defanged.
_OTHER_START: Final = re.compile(
    r"(?P<word>[a-z][a-z0-9+-]{0,30})(?:\[:\]|\(:\)|\s?[\[({]?:)[\])}]?[\[({]?[/\\][\])}]?[\[({]?[/\\][\])}]?",
    re.IGNORECASE,
)
#: A scheme written before another one, with nothing of its own: `http:https://x.test`.
_BEFORE_ANOTHER: Final = re.compile(
    rf"[\[({{<]?(?P<word>[a-z{re.escape(_MASKS)}]{{2,8}}?)[\])}}>]?\s?[\[({{]?:{{1,3}}[\])}}]?\s?(?=[a-z])",
    re.IGNORECASE,
)
#: One that follows without slashes.
_ANOTHER: Final = re.compile(r"(?P<word>[a-z]{4,6})\s?[\[({]?:", re.IGNORECASE)
#: Wide forms of ASCII, as East Asian keyboards write them.
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2044: "/", 0x2215: "/"}
#: A scheme and its separator are shorter than this, whatever was done to them.
_LONGEST_START: Final = 24
#: Nobody repeats a scheme more often.
_MOST_REPEATED: Final = 8


def split(text: str) -> tuple[str, str]:
    """Return the scheme with `://` and the rest of a location; an empty scheme when none can be read."""
    if not text[:_LONGEST_START].isascii():
        text = _narrow(text)
    scheme, rest = "", text
    for _ in range(_MOST_REPEATED):
        rest = _without_first_of_two(rest)
        found = _WEB_START.match(rest)
        meant = _meant(found, rest) if found else None
        if found is None or meant is None:
            break
        scheme, rest = f"{meant}://", rest[found.end() :]
    if scheme:
        return scheme, rest
    other = _OTHER_START.match(text)
    if other is None:
        return "", rest
    word = other["word"]
    return f"{_WEB_IN_OTHER_WORDS.get(word.lower(), word)}://", text[other.end() :]


def _without_first_of_two(text: str) -> str:
    """Return the text without a scheme that another one follows at once: the name of a scheme is no host."""
    for _ in range(_MOST_REPEATED):
        before = _BEFORE_ANOTHER.match(text)
        if before is None or _web_word(before["word"]) is None:
            break
        at = before.end()
        whole, bare = _WEB_START.match(text, at), _ANOTHER.match(text, at)
        if not ((whole and _meant(whole, text)) or (bare and _web_word(bare["word"]))):
            break
        text = text[at:]
    return text


def is_a_scheme(name: str) -> bool:
    """Return whether a host name of one label is nothing but a scheme's, written well or badly."""
    return "." not in name and (name in KNOWN or _web_word(name) is not None)


def _narrow(text: str) -> str:
    """Return the text with wide signs narrowed and invisible ones left out up to the slashes; the rest stays."""
    at = next((i for i, sign in enumerate(text[:_LONGEST_START]) if sign in "/\\\uff0f\uff3c\u2044\u2215"), -1)
    while 0 <= at < len(text) and text[at] in "/\\\uff0f\uff3c\u2044\u2215":
        at += 1
    head, tail = text[: max(at, 0)].translate(_WIDE), text[max(at, 0) :]
    if at > 0 and text[at - 1] in "\uff0f\uff3c":
        tail = tail.translate(_WIDE)  # whoever writes wide slashes there writes all of it so
    return "".join(sign for sign in head if sign.isprintable() or sign.isspace()) + tail


def _meant(found: re.Match[str], text: str) -> str | None:
    """Return the scheme that a beginning stands for, or None when that word is none or no scheme's end follows."""
    word, separator = found["word"], found["sep"]
    meant = _web_word(word + (found["tls"] or ""))
    if meant is None:
        return None
    slashes = separator.count("/") + separator.count("\\")
    if slashes > 1 or ":" in separator or ";" in separator:
        return meant
    host = re.split(r"[/?#\\]", text[found.end() :], maxsplit=1)[0]
    if separator == "\\" and host.startswith("."):
        return None  # an escaped dot
    return meant if "." in host else None  # `http/a.test/x`: a scheme is no host, so one reading is left


def _web_word(word: str) -> str | None:
    """Return http, https, ftp or ftps for that word with letters masked or, of the first two, one slip of the hand."""
    word = word.lower()
    if word in KNOWN and word not in WEB and word != "ftps":
        return None
    plain = word.translate(_UNMASKED)
    if plain in {"http", "https", "ftp", "ftps"}:
        return plain
    near = [whole for whole in ("https", "http") if _is_one_slip(plain, whole)]
    if len(near) > 1:
        return "https" if "s" in plain else "http"
    return near[0] if near else None


def _is_one_slip(word: str, whole: str) -> bool:
    """Return whether one letter was left out, added or exchanged for another, or all are there in another order."""
    at = next(
        (i for i, (ours, theirs) in enumerate(zip(word, whole, strict=False)) if ours != theirs),
        min(len(word), len(whole)),
    )
    ours, theirs = word[at:], whole[at:]
    return ours[1:] == theirs[1:] or ours[1:] == theirs or ours == theirs[1:] or sorted(word) == sorted(whole)
