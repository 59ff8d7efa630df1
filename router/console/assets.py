"""The console's own style sheet, script and icon: few, small, ours. Addresses carry the content's digest.

Nothing is loaded from elsewhere; the digest lets browsers keep a file for ever, and fetch it anew when it changed.
"""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from starlette.responses import Response

from router.errors import NotFound

#: Every file there is, with its media type: a name that is not here is not looked for on the disk.
FILES: Final = {
    "console.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_KEPT: Final = "public, max-age=31536000, immutable"


@cache
def content(name: str) -> bytes:
    """Return the bytes of an asset. Raise NotFound."""
    if name not in FILES:
        raise NotFound
    return (files("router.console") / "static" / name).read_bytes()


@cache
def address(name: str) -> str:
    """Return where a page finds an asset."""
    return f"/static/{name}?{hashlib.sha256(content(name)).hexdigest()[:12]}"


async def serve(name: str) -> Response:
    """Return an asset as an answer. Raise NotFound."""
    return Response(content(name), media_type=FILES.get(name), headers={"cache-control": _KEPT})
