"""How a location is shown without being shown: masked, defanged, never a link; and free text without locations.

Masking is for display only: enough for staff to tell two rows apart, too little to find the page. Logs go through
`scrub`, which would rather remove too much.
"""

import re
from collections.abc import Iterable
from typing import Final

#: Three bullets stand for whatever is hidden, so that the length tells nothing.
HIDDEN: Final = "•••"
_DEFANGED_SCHEMES: Final = {"http": "hxxp", "https": "hxxps", "ftp": "fxp", "ws": "wxx", "wss": "wxxs"}
_PARTS: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<slashes>//)?(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_AUTHORITY: Final = re.compile(r"(?:[^/?#]*@)?(?P<host>\[[^\]]*\]|[^/?#:]*)(?::(?P<port>\d+))?(?P<tail>.*)", re.DOTALL)
_V4: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
#: `co.uk`, `com.br`: a second level this short is taken as part of the public suffix. Display only, so a guess will do.
_SHORT_SECOND_LEVEL: Final = 3
#: A label shorter than this shows its first character only.
_LONG_LABEL: Final = 6


def mask(canonical: str) -> str:
    """Return a canonical location as everybody may see it: `hxxps://•••[.]ex•••le[.]com/…`.

    Userinfo, path, query and fragment are hidden whole; a handle keeps two characters at each end.
    """
    found = _PARTS.fullmatch(canonical)
    if found is None:
        return _mask_label(canonical)
    scheme = _DEFANGED_SCHEMES.get(found["scheme"].lower(), found["scheme"].lower())
    if not found["slashes"]:
        return f"{scheme}:{HIDDEN}"
    where = _AUTHORITY.fullmatch(found["rest"])
    if where is None or not where["host"]:
        return f"{scheme}://{HIDDEN}"
    port = f":{where['port']}" if where["port"] else ""
    return f"{scheme}://{mask_host(where['host'])}{port}/{'…' if len(where['tail']) > 1 else ''}"


def mask_host(host: str) -> str:
    """Return a host name or an address literal masked and defanged: `ex•••le[.]com`, `3[.]120[.]•••`."""
    if ":" in host:
        first = host.strip("[]").split(":", 1)[0]
        return f"[{first}[:]{HIDDEN}]"
    if _V4.fullmatch(host):
        first, second, *_ = host.split(".")
        return f"{first}[.]{second}[.]{HIDDEN}"
    labels = host.strip(".").split(".")
    kept = 2 if len(labels) > 2 and len(labels[-2]) <= _SHORT_SECOND_LEVEL else 1
    suffix = labels[-kept:] if len(labels) > kept else []
    name = _mask_label(labels[-kept - 1] if suffix else labels[-1])
    below = [HIDDEN] if suffix and len(labels) > kept + 1 else []
    return "[.]".join([*below, name, *suffix])


def mask_account(platform: str, handle: str) -> str:
    """Return an account's handle masked: `an•••07 (platform)`."""
    return f"{_mask_label(handle)} ({platform})"


def _mask_label(label: str) -> str:
    if len(label) < _LONG_LABEL:
        return f"{label[:1]}{HIDDEN}"
    return f"{label[:2]}{HIDDEN}{label[-2:]}"


def defang(location: str) -> str:
    """Return a location in full, readable but not clickable: `hxxps://example[.]com/path`. Only for who may see it."""
    found = _PARTS.fullmatch(location)
    if found is None or not found["slashes"]:
        return location.replace(".", "[.]") if found is None else location
    scheme = _DEFANGED_SCHEMES.get(found["scheme"].lower(), found["scheme"])
    end = re.search(r"[/?#]", found["rest"])
    cut = end.start() if end else len(found["rest"])
    host, tail = found["rest"][:cut], found["rest"][cut:]
    return f"{scheme}://{host.replace('.', '[.]').replace('@', '[@]')}{tail}"


_SCRUBBED: Final = "[removed]"
#: Characters of a text that are kept; the search takes time by the square of its length, and who answers us writes it.
_MOST_SCRUBBED: Final = 2_000
_LOOKS_LIKE_A_LOCATION: Final = re.compile(
    r"""
      [a-z][a-z0-9+.-]*://[^\s"'<>]+                               # anything with a scheme
    | (?:magnet|data|mailto|tel|tg):[^\s"'<>]+                     # schemes without slashes
    | [^\s"'<>@]+@[^\s"'<>@]+                                      # e-mail, user@host, @handles with a name
    | (?<![\w.])\d{1,3}(?:(?:\[\.\]|\.)\d{1,3}){3}(?:[:/][^\s"'<>]*)?   # IPv4
    | \[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\]?                   # IPv6
    | (?:[\w-]{1,63}(?:\[\.\]|\.))+(?:xn--[\w-]+|[^\W\d_]{2,63})(?::\d+)?(?:[/?#][^\s"'<>]*)?  # host names
    """,
    re.IGNORECASE | re.VERBOSE,
)


def locations(text: str) -> list[str]:
    """Return all that looks like a location in a text of ours, such as a policy's; not for what others write."""
    return [found.group() for found in _LOOKS_LIKE_A_LOCATION.finditer(text)]


def mask_name(name: str) -> str:
    """Return a person's name as those may see it who do not work with them: `an•••na`."""
    return _mask_label(name)


def scrub(text: str, names: Iterable[str] = ()) -> str:
    """Return free text with everything removed that looks like a URL, a host, an address or an e-mail address.

    `names` are removed too, such as a handle, which looks like any word. What is longer than any sentence of ours loses
    its end.
    """
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), _SCRUBBED, text, flags=re.IGNORECASE)
    if len(text) > _MOST_SCRUBBED:
        text = f"{text[:_MOST_SCRUBBED].rpartition(' ')[0]} {_SCRUBBED}"  # half a name would not look like one
    return _LOOKS_LIKE_A_LOCATION.sub(_SCRUBBED, text)
