"""Undo what people do to a URL so that nobody clicks it: hxxp, [.], (dot) and their like.

Only the scheme and the host part are searched. The rest of the URL is searched too when the host part carried such
marks: whoever defangs the host usually runs a tool over the whole line; otherwise `[.]` in a path is part of the URL.
"""

import re
from typing import Final

from router.errors import BadInput
from router.hosting.location import scheme

#: Dots that are none, where nobody can type or click the name with them.
_MIDDLE_DOTS: Final = (
    "\N{MIDDLE DOT}\N{BULLET}\N{ONE DOT LEADER}\N{HYPHENATION POINT}\N{BULLET OPERATOR}\N{DOT OPERATOR}"
)
_MIDDLE_DOT: Final = re.compile(rf"(?<=\w)[{_MIDDLE_DOTS}](?=\w)")
#: A rest that has none of these carries no marks; most lines end here.
_MARK: Final = re.compile(rf"[\[\](){{}}\s\\{_MIDDLE_DOTS}]")
#: Nobody puts more blanks around the word; without a bound, a line of blanks is searched anew from each of them.
_DOT: Final = re.compile(
    r"\s?(?:\[\s?(?:\.|dot|punkt|punt|point)\s?\]|\(\s?(?:\.|dot|punkt|punt|point)\s?\)|\{\s?(?:\.|dot)\s?\})\s?"
    r"|\s{1,9}dot\s{1,9}",
    re.IGNORECASE,
)
#: Half a bracket on either side of a dot, as some tools leave it: `example[.com`, `example.]com`.
_HALF_DOT: Final = re.compile(r"\[\.(?!\])|(?<!\[)\.\]")
_COLON: Final = re.compile(r"\[:\](?=\d)")
_SLASH: Final = re.compile(r"\[/\]")
_HOST_END: Final = re.compile(r"\[/\]|[/?#\\]")
#: A name whose every dot has a backslash before it. With a plain dot among them, a browser's reading is another host.
_ESCAPED: Final = re.compile(r"[^\s/?#\\.@:]{1,63}(?:\\\.[^\s/?#\\.@:]{1,63})+(?=[/?#:]|$)")
#: One that has both: a browser goes to what stands before the backslash, a person means the whole.
_HALF_ESCAPED: Final = re.compile(r"[^\s/?#\\@:]{0,253}\.[^\s/?#\\@:]{0,253}\\\.")


def refang(text: str) -> str:
    """Return `text` as the URL it stands for; a line without such marks comes back unchanged.

    Raise BadInput (`bad_host`) for a name that can be read in two ways.
    """
    start, rest = scheme.split(text)
    if _MARK.search(rest) is None:
        return start + rest
    rest = rest.lstrip("/\\")  # before a host that marks stand in they say nothing
    if _HALF_ESCAPED.match(rest):
        raise BadInput(
            "Some dots of the host have a backslash and some have none; write them all plain.", reason="bad_host"
        )
    if escaped := _ESCAPED.match(rest):
        rest = escaped[0].replace("\\", "") + rest[escaped.end() :]
    end = _HOST_END.search(rest)
    host, tail = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])
    mended = _mend(host)
    if "." not in mended:  # in a name with dots of its own it is a letter's: `col·legi.cat`
        mended = _MIDDLE_DOT.sub(".", mended)
    return start + mended + (_mend(tail) if mended != host else tail)


def _mend(part: str) -> str:
    part = _SLASH.sub("/", _COLON.sub(":", _DOT.sub(".", part)))
    return part if part.startswith("[") else _HALF_DOT.sub(".", part)
