"""Know at a glance the commonest line of a bulk file: a web location on an IPv4 address, with a plain path.

A short way beside the reader (`url.read`), which takes several times as long, and never another answer: whatever might
be more than a page on the address that stands there (a gateway, a link around another location, embedded content, an
address written oddly) is left to the reader.
"""

import re
from socket import AF_INET, inet_pton
from typing import Final

from router.hosting.location.link_wrapper import may_carry
from router.hosting.location.url import may_be_gateway

#: What no browser rewrites. A port, a percent sign, a fragment or a colon in the path is the reader's.
_LINE: Final = re.compile(r"https?://(\d{1,3}(?:\.\d{1,3}){3})(?:/(?:[\w/.?=&+~-]*[\w/=&+~-])?)?", re.ASCII)
#: Longer lines are the reader's to refuse.
_LONGEST: Final = 2048


def web_address(text: str) -> tuple[str, bytes] | None:
    """Return the address in such a line, as it stands there and as its four octets; None for any other line."""
    found = _LINE.fullmatch(text)
    if found is None or len(text) > _LONGEST:
        return None
    host, end = found[1], found.end(1)
    # Two slashes may begin a second location, and a browser takes segments of nothing but dots out.
    if text.find("//", end) >= 0 or text.find("/.", end) >= 0 or may_be_gateway(text) or may_carry(text, end):
        return None
    try:
        return host, inet_pton(AF_INET, host)
    except OSError:  # an octet above 255, or one with a zero before it, which browsers read as octal
        return None
