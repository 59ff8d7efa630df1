"""Take one location out of what people paste: quotes, brackets, a label, a mail program's or a wiki's link around it.

What is taken off stands outside the location, or could not be part of one. What holds two locations, or words beside
one, is refused: whichever of them were read, the other would be lost without a word.
"""

import re
from html import unescape
from itertools import chain
from typing import Final
from unicodedata import category
from urllib.parse import unquote

from router.errors import BadInput
from router.hosting.location.refang import refang
from router.hosting.location.scheme import is_a_scheme, split


def _signs(*ranges: tuple[int, int]) -> str:
    return "".join(chr(code) for code in chain.from_iterable(range(first, last + 1) for first, last in ranges))


#: What shows nothing and means nothing at an end: Unicode's format characters (Cf) and its other default ignorables.
_UNSEEN: Final = _signs(
    (0xAD, 0xAD), (0x34F, 0x34F), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891),
    (0x8E2, 0x8E2), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E),
    (0x2060, 0x206F), (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x110BD, 0x110BD),
    (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0001, 0xE0001),
    (0xE0020, 0xE007F),
)  # fmt: skip
#: Blanks: Unicode's separators (Z), the controls that end a line or a cell, and the empty Braille pattern.
_BLANKS: Final = _signs(
    (0x9, 0xD), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F), (0x2800, 0x2800), (0x3000, 0x3000),
)  # fmt: skip
_QUOTES: Final = "\"'`" + _signs(
    (0xB4, 0xB4), (0xAB, 0xAB), (0xBB, 0xBB), (0x2018, 0x201F), (0x2032, 0x2036), (0x2039, 0x203A), (0x300C, 0x300F),
    (0x301D, 0x301F), (0x2E02, 0x2E05), (0x2E09, 0x2E0A), (0x2E0C, 0x2E0D), (0x2E1C, 0x2E1D), (0x2E20, 0x2E21),
    (0xFF02, 0xFF02), (0xFF07, 0xFF07), (0xFF62, 0xFF63),
)  # fmt: skip
#: Variants of the sign before them: nothing at the end of a URL, half of an emoji at the end of a name.
_VARIANTS: Final = _signs((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
#: What separates two locations or ends a clause, in Latin and in East Asian text.
_BETWEEN: Final = ",;|\uff0c\uff1b\uff5c\u3001\u3002"
_AROUND_NAME: Final = f"{_UNSEEN}{_BLANKS}{_QUOTES}<>"
_AROUND: Final = f"{_AROUND_NAME}{_VARIANTS}{_BETWEEN}"
_ENDS_SENTENCE: Final = ".!?:\u2026"
_PAIRS: Final = dict(
    zip(")]}\uff09\uff3d\uff5d\u3009\u300b\u3011\u3015", "([{\uff08\uff3b\uff5b\u3008\u300a\u3010\u3014", strict=True)
)
_EMPHASIS: Final = "*_~"
#: Signs that HTML spells out, at an end.
_ENTITIES: Final = ("&lt;", "&gt;", "&quot;", "&nbsp;", "&#39;")

#: Where a location begins: a scheme as people paste it, also defanged or with its colon lost.
_BEGINNING: Final = re.compile(
    r"(?:h[tx*_+#~^]{2,3}ps?|(?<![a-z0-9])(?:ttps?|f[tx*]ps?)|magnet|ed2k)(?:[\[({]s[\])}])?[\])}]?"
    r"\s?[\[({]?:[\])}]?\s?[\[({]?[/\\?|]{1,2}"
    r"|(?<![a-z0-9])magnet:(?=xt[.=])"
    r"|(?<![a-z0-9])h(?:tt|xx|[*_+#~^]{2})p(?:s|[\[({]s[\])}])?\.?//"
    rf"|(?<=[\s{_BETWEEN}])www\d?(?:\.|\[\.\]|\(\.\))",
    re.IGNORECASE,
)
#: Two names where one belongs.
_NAMES: Final = re.compile(rf"[^\s/?#\\@]{{1,253}}\.[^\s/?#\\@]{{1,253}}[{_BETWEEN}][^\s/?#\\@.]{{1,63}}\.[^\s/?#\\@]")
_ONE_NAME: Final = re.compile(r"[^\s.\u3002]+[.\u3002]\S+")
#: Signs after which a scheme is part of the path or query that it stands in.
_LEADS_INTO: Final = frozenset("/\\=?&#%@!:~*$^")
#: A whole location that was percent-encoded, once or more often.
_ENCODED: Final = re.compile(
    r"(?:https?|ftp|ed2k|ip[fn]s)%(?:25)*3a(?:/|%)|magnet(?:%(?:25)*3a(?:\?|%|xt)|:%(?:25)*3f)", re.IGNORECASE
)
#: A sign that HTML spells out, in the scheme or in the host: no host has an ampersand.
_ENTITY: Final = re.compile(
    r"(?:[^/?#&]{0,40}:/{0,3})?[^/?#&]{0,255}&(?:amp;)*(?:#\d|#x[0-9a-f]|(?:period|colon|sol|bsol|hyphen|dash|lowbar|nbsp);)",
    re.IGNORECASE,
)
#: A slash as JSON and scripts escape it.
_ESCAPED_SLASHES: Final = re.compile(r"[^/\\?#]{0,24}:\\+/\\+/", re.IGNORECASE)
_ESCAPED_SLASH: Final = re.compile(r"\\+/")
#: A magnet or ed2k link that was defanged, or named before it is given; and the name alone of a torrent's content.
_NETWORK: Final = re.compile(r"(?:(magnet|ed2k)\s?[\[({]?:[\])}]?\s?){1,3}(?=[?/|%]|xt[.=])", re.IGNORECASE)
_BARE_TOPIC: Final = re.compile(r"(?:xt=)?(urn:bt[im]h:|btih:)(?=[0-9a-z])", re.IGNORECASE)
#: A spreadsheet's or a word processor's link.
_HYPERLINK: Final = re.compile(
    r"[=+]?\s?(?:hyperlink|lien_hypertexte|hipervinculo)\s?\(?\s?\"([^\"]+)\"(?:\s?[;,]\s?\"?([^\")]*)\"?)?\s?\)?",
    re.IGNORECASE,
)
#: Pictures and marks that stand before a location, and pictures after a blank behind it.
_BEFORE: Final = re.compile(rf"[^\w\[\](){{}}<>*~|{re.escape(_QUOTES)}]+")
_PICTURES: Final = frozenset({"So", "Sk", "Cf", "Mn", "Zs"})
#: Schemes that wrap another URL, however often.
_WRAPPERS: Final = re.compile(rf"(?:(?:blob|view-source|filesystem):[{_AROUND}]*)+", re.IGNORECASE)
#: A link as mail programs write it in plain text, its address behind what it shows: `x.test<https://x.test/a>`.
_SHOWN_FIRST: Final = re.compile(
    r"(?P<shown>[^\s<>]{1,2000})(?P<blank>\s?)[<(\[](?P<given>[a-z]{3,8}:[^\s<>]+)[>)\]]", re.IGNORECASE
)
_BULLET: Final = re.compile(
    r"(?:[-*+#\u2022\u00b7\u2013\u2014\u2192\u25cf\u25e6]{1,3}|\(?\d{1,3}[.):\]]|\[\w{1,10}\]:?)\s+"
)
_LABEL: Final = re.compile(
    r"(?P<word>[^\W\d_][^\s:=<>/\\.@?#%]{0,24}(?:[ \u00a0][^\s:=<>/\\.@?#%]{1,24}){0,5})\s?[:=\uff1a](?P<gap>\s*)"
)
#: Labels that are known whatever follows, also without a colon.
_PLAIN_LABEL: Final = re.compile(
    r"(?:urls?|uri|links?|web ?site|site|web|page|seite|adresse?|lien|pagina)\s?(?:[:=\uff1a]|(?=\s))\s*", re.IGNORECASE
)
_TAGS: Final = ("<a ", "<img ", "<iframe ", "<video ", "<source ")
_ATTRIBUTE: Final = re.compile(r"\s(?:href|src)\s{0,3}=\s{0,3}[\"']?([^\"'\s<>]+)", re.IGNORECASE)
_CODES: Final = ("[url", "[link", "[img")
#: Nobody puts a location in more wrappings.
_MOST_WRAPPINGS: Final = 8


def several() -> BadInput:
    """Return the refusal of what is not one location."""
    return BadInput(
        "This holds more than one location, or words or blanks beside one; send each location as an item of its own.",
        reason="several_locations",
    )


def name(text: str) -> str:
    """Return a name that is no URL without the quotes and the unseen signs around it."""
    return text.strip(_AROUND_NAME)


def is_location(text: str) -> bool:
    """Return whether a name holds a URL, a magnet or an ed2k link."""
    return _BEGINNING.search(text) is not None


def location(text: str) -> str:
    """Return the location that a text holds, as it was written. Raise BadInput when the text holds more than that."""
    text = _spelled_out(text)
    if not split(text)[0] or not (text[-1].isalnum() or text[-1] == "/"):
        text = _taken_out(text)
    _check_one(text)
    return text


def _spelled_out(text: str) -> str:
    """Return the text without the escapes of HTML or JSON, where the host shows that it has them."""
    if "&" in text:
        for _ in range(3):
            if _ENTITY.match(text) is None:
                break
            text = unescape(text)
    if "\\" in text and _ESCAPED_SLASHES.match(text):
        text = _ESCAPED_SLASH.sub("/", text)
    if found := _NETWORK.match(text):
        return f"{found[1]}:{text[found.end() :]}"
    if found := _BARE_TOPIC.match(text):
        return f"magnet:?xt=urn:{found[1].lower().removeprefix('urn:')}{text[found.end() :]}"
    return text


def _taken_out(text: str) -> str:
    for _ in range(_MOST_WRAPPINGS):
        before = text
        text = _trimmed(_spelled_out(_unlabelled(_stripped(_unwrapped(_unmarked(text.strip(_BLANKS + _UNSEEN)))))))
        if text == before:
            break
    return text


def check_no_blank(text: str) -> None:
    """Raise BadInput for a blank inside: nobody can tell where the location ends and the words beside it begin."""
    if not _BLANKS_INSIDE.isdisjoint(text):
        raise several()


_BLANKS_INSIDE: Final = frozenset(_BLANKS)


def _unwrapped(text: str) -> str:
    """Return what stands in a link of Markdown, HTML, BBCode or a chat, or what was encoded whole."""
    if (found := _HYPERLINK.fullmatch(text)) is not None:
        return _one_of(found[2] or "", found[1])
    for _ in range(3):
        if _ENCODED.match(text) is None:
            break
        text = unquote(text)
    start, end = text[:8].lower(), text.rstrip(_BETWEEN + ".")
    if start[:1] in {"[", "!"} and end.endswith(")") and (at := end.rfind("](")) > 0:
        return _one_of(end[end.find("[") + 1 : at], end[at + 2 : -1].strip().partition(" ")[0])
    if start.startswith(_CODES) and (at := text.find("]")) > 0:
        shown, given = text[at + 1 :].partition("[/")[0], text[:at].partition("=")[2]
        return _one_of(shown, given.strip("\"'")) if given else shown
    if start.startswith(_TAGS):
        found = _ATTRIBUTE.search(text)
        shown = text.partition(">")[2].rpartition("</")[0]
        return _one_of(shown, found[1]) if found else text
    return _shown_first(end) or _between_signs(text, start, end)


def _shown_first(end: str) -> str | None:
    """Return the address that stands in brackets behind what it shows; None where that is not how the text is made."""
    found = _SHOWN_FIRST.fullmatch(end) if end[-1:] in {">", ")", "]"} else None
    if found is None:
        return None
    same = _bare(refang(found["shown"])) == _bare(refang(found["given"]))
    return _one_of(found["shown"], found["given"]) if same or (not found["blank"] and end[-1] == ">") else None


def _between_signs(text: str, start: str, end: str) -> str:
    """Return the address of a link as chats write it, `<address|text>`."""
    if start[:1] == "<" and end.endswith(">") and text.count("|") == 1:
        given, _, shown = end[1:-1].partition("|")
        return _one_of(shown, given)
    return text


def _unmarked(text: str) -> str:
    """Return the text without the pictures and marks before a location, and without pictures after it."""
    found = _BEFORE.match(text)
    if found is not None and _BEGINNING.match(text, found.end()):
        text = text[found.end() :]
    location, blank, after = text.rpartition(" ")
    return location if blank and after and all(category(sign) in _PICTURES for sign in after) else text


def _one_of(shown: str, given: str) -> str:
    """Return the address of a link. Raise BadInput when its text names another one: which was meant nobody can tell."""
    if _BEGINNING.search(shown) and _bare(refang(shown)) != _bare(refang(given)):
        raise several()
    return given


def _bare(text: str) -> str:
    return text.strip(_AROUND).rstrip("/").lower()


def _stripped(text: str) -> str:
    """Return the text without quotes, blanks, unseen signs and ends of clauses around it, also as HTML spells them."""
    text = text.lstrip(_AROUND).rstrip(_AROUND.replace(";", ""))
    spelled = next((one for one in _ENTITIES if text.endswith(one)), "")
    text = text.removesuffix(spelled) if spelled else text.rstrip(_AROUND)
    return text.removeprefix(next((one for one in _ENTITIES if text.startswith(one)), ""))


def _trimmed(text: str) -> str:
    """Return the text without quotes, brackets, emphasis and the end of a sentence around it."""
    for _ in range(_MOST_WRAPPINGS):
        before = text
        text = _closed(_opened(_stripped(text)))
        ended = text.rstrip(_ENDS_SENTENCE)
        if ended != text and _ends_wrapped(ended):
            text = ended
        if text[:1] and text[0] in _EMPHASIS and text[-1] == text[0]:
            text = text.strip(text[0])
        if text == before:
            break
    return text


def _ends_wrapped(text: str) -> bool:
    """Return whether a text ends with what does not belong to a location, so that a stop after it does not either."""
    last = text[-1:]
    return last != "" and (last in _QUOTES or text[0] == _PAIRS.get(last) or _closed(text) != text)


def _opened(text: str) -> str:
    """Return the text without a bracket at its start, unless what it opens ends inside: an address, `[http]://`."""
    closing = next((shut for shut, opens in _PAIRS.items() if text[:1] == opens), None)
    if closing is None:
        return text
    if text.count(closing) < text.count(text[0]):
        return text[1:]
    if text.endswith(closing) and text.count(closing) == text.count(text[0]):
        inside = text[1:-1]
        return text if ":" in inside and not set(inside.lower()) - set("0123456789abcdef:.") else inside
    return text


def _closed(text: str) -> str:
    """Return the text without the brackets at its end that nothing in it opens."""
    if text[-1:] not in _PAIRS:
        return text
    closing = text[-1]
    left = text.rstrip(closing)
    lacking = text.count(closing) - text.count(_PAIRS[closing])
    return text[: len(text) - min(lacking, len(text) - len(left))] if lacking > 0 else text


def _unlabelled(text: str) -> str:
    """Return the text without a bullet, a label such as `URL:`, or a scheme that only wraps another."""
    if (found := _WRAPPERS.match(text)) or ((found := _BULLET.match(text)) and found.end() < len(text)):
        return text[found.end() :]
    if (found := _PLAIN_LABEL.match(text)) and found.end() < len(text):
        return text[found.end() :]
    found = _LABEL.match(text)
    if found is None or is_a_scheme(found["word"].lower()):
        return text
    rest = _trimmed(text[found.end() :])
    begins = split(rest)[0] or _BEGINNING.match(rest)
    return rest if begins or (found["gap"] and _ONE_NAME.fullmatch(refang(rest))) else text


def _check_one(text: str) -> None:
    """Raise BadInput when another location begins inside, not as a part of the one before."""
    _, rest = split(text)
    if _NAMES.match(rest):
        raise several()
    for found in _BEGINNING.finditer(rest):
        at = found.start()
        if at == 0 and rest == text:
            continue  # a magnet or ed2k link, whose scheme has no host after it
        three = rest[max(at - 3, 0) : at]
        before = unquote(three) if three[:1] == "%" else three[-1:]
        if before in _LEADS_INTO or three.endswith("__"):
            return  # from here on it is one location in the path or query of another
        raise several()
