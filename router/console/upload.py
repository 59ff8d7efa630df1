"""Reading a form that brings a file, as browsers send one (`multipart/form-data`, RFC 7578): bounded, and in memory.

Of a file its content is read and nothing else: what it was called may be a location.
"""

import re
from collections.abc import Iterator
from typing import Final

from fastapi import Request

from router.console import forms
from router.console.language import N_
from router.errors import BadInput

_MEDIA_TYPE: Final = re.compile(r"(?i)multipart/form-data\s*;\s*boundary=\"?([\w'()+,./:=?-]{1,70})\"?")
#: A browser writes `"`, CR and LF within a name as %22, %0D and %0A.
_NAMED: Final = re.compile(r'(?i)content-disposition: *form-data; *name="([^"]*)"(?:; *filename="[^"]*")?')
_UNREADABLE: Final = N_("The form could not be read; open the page again.")


async def read(request: Request, file: str, limit: int) -> tuple[dict[str, str], bytes]:
    """Return the fields that were filled in, trimmed, and the content of the file of that field's name.

    `limit` is in bytes of the whole. Raise TooLarge, or BadInput for no file and for what no form of ours sends.
    """
    found = _MEDIA_TYPE.fullmatch(request.headers.get("content-type", "").strip())
    if found is None:
        raise BadInput(forms.BY_THE_FORM, reason="media_type")
    fields, content = dict[str, str](), b""
    for name, value in _parts(await forms.body(request, limit), found[1].encode()):
        if name == file:
            content = value
        elif text := _text(value):
            fields[name] = text
    return fields, content


def _text(value: bytes) -> str:
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        raise BadInput(_UNREADABLE, reason="form") from None


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each part. Raise BadInput."""
    before, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary, forms.FIELDS + 1)
    if before or not parts or parts.pop() not in (b"--", b"--\r\n"):
        raise BadInput(_UNREADABLE, reason="form")
    for part in parts:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = [one for line in head.decode(errors="replace").split("\r\n") if (one := _NAMED.fullmatch(line))]
        if len(named) != 1:
            raise BadInput(_UNREADABLE, reason="form")
        yield named[0][1], content
