"""Read an ed2k link: size and hash of the file name the case, whatever name it travels under."""

import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from router.errors import BadInput
from router.hosting.location.pasted import several
from schemas.locator import LocationKind, Locator

#: `ed2k://|file|NAME|SIZE|HASH|…/`; the hash is an MD4 (the network's own form, as its clients write it).
_FILE: Final = re.compile(
    r"ed2k:/{0,2}\|file\|([^|]*)\|(\d{1,19})\|([0-9a-f]{32})(?:\||$)(.*)", re.IGNORECASE | re.DOTALL
)
#: After the hash come parts that a bar closes, and a slash.
_REST: Final = re.compile(r"(?:[^|\s]*\|)*/?")


def read_ed2k(text: str) -> Locator:
    """Return the locator of an ed2k link.

    Raises `BadInput`: `unreadable` when it names no file, `several_locations` when words stand beside it.
    """
    found = _FILE.match(text.replace("%7C", "|").replace("%7c", "|").rstrip(".,;:!?)"))
    if found is None:
        raise BadInput("This ed2k link names no file by its size and hash; copy the whole link.", reason="unreadable")
    if _REST.fullmatch(found[4]) is None:
        raise several()
    # The name is written in one way, so that a link read twice stays as it is.
    name = quote(unquote_to_bytes(found[1].strip()), safe="")
    canonical = f"ed2k://|file|{name}|{int(found[2])}|{found[3].lower()}|/"
    return Locator(kind=LocationKind.P2P, canonical=canonical, host=None, no_host="p2p")
