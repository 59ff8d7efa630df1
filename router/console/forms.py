"""Reading a form: bounded, only as browsers send it without a script, and strictly as one of our words."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ValidationError

from router.console.language import N_
from router.errors import BadInput, TooLarge

#: Bytes of one form; the longest has a reason of 300 characters.
LIMIT: Final = 16 * 1024
#: Fields of one form.
FIELDS: Final = 20
#: Bytes of one row that was ticked: a name, an id, and what was seen of it.
_TICKED: Final = 64
#: The field that carries the session's token.
CSRF: Final = "csrf"
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
_TOO_LONG: Final = "This form takes {limit} KiB at most; shorten the text."
BY_THE_FORM: Final = N_("Send this with the form on the page.")

W = TypeVar("W", bound=BaseModel)


async def read(request: Request, limit: int = LIMIT, most: int = FIELDS) -> dict[str, str]:
    """Return the fields that were filled in, trimmed. Raise TooLarge, or BadInput for what no form of ours sends.

    `limit` is in bytes, as a browser writes them: of a line end that is six, of a letter beyond ASCII too.
    """
    return dict(await _pairs(request, limit, most))


async def read_ticked(request: Request, name: str, most: int, limit: int = LIMIT) -> tuple[dict[str, str], list[str]]:
    """Return the fields likewise, and apart all of one name, of which there may be so many: rows that were ticked."""
    pairs = await _pairs(request, limit + most * _TICKED, FIELDS + most)
    return {one: value for one, value in pairs if one != name}, [value for one, value in pairs if one == name]


async def body(request: Request, limit: int) -> bytes:
    """Return what was sent. Raise TooLarge as soon as it is more than `limit` bytes."""
    sent = bytearray()
    async for part in request.stream():
        sent += part
        if len(sent) > limit:
            raise TooLarge(_TOO_LONG.format(limit=limit // 1024))
    return bytes(sent)


async def _pairs(request: Request, limit: int, most: int) -> list[tuple[str, str]]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise BadInput(BY_THE_FORM, reason="media_type")
    sent = await body(request, limit)
    try:
        pairs = parse_qsl(sent.decode(), keep_blank_values=True, strict_parsing=bool(sent), max_num_fields=most)
    except ValueError:
        raise BadInput(N_("The form could not be read; open the page again."), reason="form") from None
    return [(name, value.strip()) for name, value in pairs if value.strip()]


def as_instant(fields: Mapping[str, str], zone: tzinfo, field: str = "until") -> Mapping[str, str]:
    """Return a form with its date as an instant: browsers send `datetime-local` without an offset. Raise BadInput.

    It is read by the house's clock, by which every moment of a page is shown. Of the hour that comes twice in autumn
    the first is meant, and one that spring leaves out is the hour after it (PEP 495).
    """
    given = fields.get(field)
    if given is None:
        return fields
    try:
        return {**fields, field: datetime.fromisoformat(given).replace(tzinfo=zone).astimezone(UTC).isoformat()}
    except ValueError:
        raise BadInput(N_("This is not a date and time."), field=field) from None


def parse(fields: Mapping[str, str], word: type[W]) -> W:
    """Return the fields as a word; others are left out. Raise BadInput naming the first wrong one."""
    known = {name: value for name, value in fields.items() if name in word.model_fields}
    try:
        return word.model_validate_strings(known)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = str(first["loc"][0]) if first["loc"] else None
        raise BadInput(
            N_("This field of the form cannot be used; correct it."), field=field, reason="invalid_field"
        ) from None
