"""Undo what people do to a URL so that nobody clicks it: hxxp, [.], (dot) and their like.

Only the scheme and the host part are searched. The rest of the URL is searched too when the host part carried such
marks: whoever defangs the host usually runs a tool over the whole line; otherwise `[.]` in a path is part of the URL.
"""

import re
from ipaddress import IPv6Address
from typing import Final

from router.errors import BadInput
from router.hosting.location import scheme

#: Dots that are none, where nobody can type or click the name with them.
_MIDDLE_DOTS: Final = (
    "\N{MIDDLE DOT}\N{BULLET}\N{ONE DOT LEADER}\N{HYPHENATION POINT}\N{BULLET OPERATOR}\N{DOT OPERATOR}"
)
_MIDDLE_DOT: Final = re.compile(rf"(?<=\w)[{_MIDDLE_DOTS}](?=\w)")
#: A rest that has none of these carries no marks; most lines end here.
_MARK: Final = re.compile(rf"[\[\](){{}}<>:\s\\{_MIDDLE_DOTS}\u3010\u3011\uff08\uff09\uff3b\uff3d\u3014\u3015]")
#: Brackets of all keyboards. Which one closes what another opened is not looked at: `(.]` is a slip of the hand.
_OPENS: Final = r"[\[({<\u3010\uff08\uff3b\u3014]"
_CLOSES: Final = r"[\])}>\u3011\uff09\uff3d\u3015]"
_WRITTEN_DOT: Final = r"(?:\.|\u3002|\uff0e|\uff61|%2e|dot|punkt|punt|point|punto|ponto)"
#: Nobody puts more blanks around the word; without a bound, a line of blanks is searched anew from each of them.
_DOT: Final = re.compile(rf"\s?{_OPENS}\s?{_WRITTEN_DOT}\s?{_CLOSES}\s?|\s{{1,9}}dot\s{{1,9}}", re.IGNORECASE)
#: The same, as Markdown escapes it: `x\[.\]test`.
_ESCAPED_DOT: Final = re.compile(rf"\\{_OPENS}\s?\\?{_WRITTEN_DOT}\s?\\?{_CLOSES}", re.IGNORECASE)
#: Half a bracket on either side of a dot, as some tools leave it: `example[.com`, `example.]com`.
_HALF_DOT: Final = re.compile(r"\[\.(?!\])|(?<!\[)\.\]")
#: The same of other brackets, which a path may have and a host cannot.
_HALF_DOT_OF_HOST: Final = re.compile(rf"{_OPENS}\.|\.{_CLOSES}")
#: Signs that stand for what was left out when an address was shown to people.
_LEFT_OUT: Final = re.compile("\N{BULLET}{2}|[\N{BULLET}*]{3}")
_COLONS: Final = re.compile(r"\[(:{1,2})\]")
_V6: Final = re.compile(r"[0-9a-f:.]{3,45}", re.IGNORECASE)
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
    if "\\" in rest:
        rest = _ESCAPED_DOT.sub("[.]", rest)
    if _HALF_ESCAPED.match(rest):
        raise BadInput(
            "Some dots of the host have a backslash and some have none; write them all plain.", reason="bad_host"
        )
    if escaped := _ESCAPED.match(rest):
        rest = escaped[0].replace("\\", "") + rest[escaped.end() :]
    end = _HOST_END.search(rest)
    host, tail = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])
    if _LEFT_OUT.search(host):
        raise BadInput("Part of the host is left out; copy the whole address, not how it is shown.", reason="bad_host")
    mended = _address(host, alone=not start and not tail) or _HALF_DOT_OF_HOST.sub(".", _mend(host))
    if "." not in mended:  # in a name with dots of its own it is a letter's: `col·legi.cat`
        mended = _MIDDLE_DOT.sub(".", mended)
    return start + mended + (_mend(tail) if mended != host else tail)


def _address(host: str, *, alone: bool) -> str | None:
    """Return an IPv6 address that lacks its brackets or has them around its colons, as a URL writes it; else None."""
    plain = _COLONS.sub(r"\1", host)
    if plain.count(":") < 2 or _V6.fullmatch(plain) is None:
        return None
    try:
        IPv6Address(plain)
    except ValueError:
        return None
    return plain if alone else f"[{plain}]"


def _mend(part: str) -> str:
    part = _SLASH.sub("/", _COLON.sub(":", _DOT.sub(".", part)))
    return part if part.startswith("[") else _HALF_DOT.sub(".", part)
