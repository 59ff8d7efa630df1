"""Undo what people do to a URL so that nobody clicks it: hxxp, [.], (dot) and their like.

Only the scheme and the host part are searched. The rest of the URL is searched too when the host part carried such
marks: whoever defangs the host usually runs a tool over the whole line; otherwise `[.]` in a path is part of the URL.
"""

import re
from typing import Final

#: A line that starts like a plain URL, or has no scheme, and has none of these carries no marks; most lines end here.
_MARK: Final = re.compile(r"[\[\]({\s]")
_SCHEME: Final = re.compile(
    r"""^\s*(?:
        (?P<web>h(?:[xX]{1,2}|[*]{1,2}|[_]{1,2}|[+]{1,2}|tx|xt|tt)p(?P<tls>s?))
        | (?P<ftp>f[xX*]p)
        | (?P<other>[a-z][a-z0-9+.-]*?)
    )
    (?P<sep>\s?(?:\[:\]//|\[://\]|\[:/\]/|:\[//\]|\(:\)//|:\[/\]\[/\]|\[:\]\[/\]\[/\]|://|:\\\\|\[:\]\\\\))""",
    re.IGNORECASE | re.VERBOSE,
)
#: Nobody puts more blanks around the word; without a bound, a line of blanks is searched anew from each of them.
_DOT: Final = re.compile(
    r"\s?(?:\[\s?(?:\.|dot)\s?\]|\(\s?(?:\.|dot)\s?\)|\{\s?(?:\.|dot)\s?\})\s?|\s{1,9}dot\s{1,9}", re.IGNORECASE
)
#: Half a bracket on either side of a dot, as some tools leave it: `example[.com`, `example.]com`.
_HALF_DOT: Final = re.compile(r"\[\.(?!\])|(?<!\[)\.\]")
_COLON: Final = re.compile(r"\[:\](?=\d)")
_SLASH: Final = re.compile(r"\[/\]")
_HOST_END: Final = re.compile(r"\[/\]|[/?#\\]")


def refang(text: str) -> str:
    """Return `text` as the URL it stands for; a line without such marks comes back unchanged."""
    if _MARK.search(text) is None and (text[:4].lower() == "http" or ":" not in text):
        return text
    scheme, rest = _scheme(text)
    end = _HOST_END.search(rest)
    host, tail = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])
    mended = _mend(host)
    return scheme + mended + (_mend(tail) if mended != host else tail)


def _scheme(text: str) -> tuple[str, str]:
    found = _SCHEME.match(text)
    if found is None:
        return "", text
    word = f"http{found['tls'].lower()}" if found["web"] else "ftp" if found["ftp"] else found["other"]
    separator = "://" if "[" in found["sep"] or "(" in found["sep"] else found["sep"].lstrip()
    return word + separator, text[found.end() :]


def _mend(part: str) -> str:
    part = _SLASH.sub("/", _COLON.sub(":", _DOT.sub(".", part)))
    return part if part.startswith("[") else _HALF_DOT.sub(".", part)
