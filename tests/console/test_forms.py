from typing import Any

import pytest
from fastapi import Request

from router.console.forms import LIMIT, parse, read
from router.errors import BadInput, TooLarge
from schemas.acts import Close, Hold, Send

FORM = "application/x-www-form-urlencoded"


def posted(body: bytes, media_type: str = FORM) -> Request:
    parts = [body[at : at + 1000] for at in range(0, len(body), 1000)] or [b""]

    async def receive() -> dict[str, Any]:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", media_type.encode())]}, receive)


async def test_fields_are_trimmed_and_empty_ones_left_out() -> None:
    assert await read(posted(b"reason=+two+words%C3%A9+&until=&partner=+")) == {"reason": "two wordsé"}


@pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "application/json", "text/plain", ""])
async def test_only_plain_forms_are_read(media_type: str) -> None:
    with pytest.raises(BadInput):
        await read(posted(b"reason=x", media_type))


async def test_a_form_has_its_limit() -> None:
    with pytest.raises(TooLarge):
        await read(posted(b"reason=" + b"x" * LIMIT))


@pytest.mark.parametrize("body", [b"&".join(b"a%d=1" % n for n in range(50)), b"\xff\xfe=1", b"reason"])
async def test_what_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        await read(posted(body))


async def test_an_empty_form_is_no_field_at_all() -> None:
    assert await read(posted(b"")) == {}


def test_a_form_becomes_a_word() -> None:
    said = parse({"reason": "x", "version": "7", "assessment": "baseline", "back": "desk"}, Send)
    assert (said.reason, said.version, said.assessment) == ("x", 7, "baseline")


@pytest.mark.parametrize(
    ("fields", "word", "field"),
    [
        ({}, Close, "reason"),
        ({"reason": "x"}, Close, "outcome"),
        ({"reason": "x", "outcome": "burnt"}, Close, "outcome"),
        ({"reason": "x", "version": "-1"}, Send, "version"),
        ({"reason": "x", "version": "one"}, Send, "version"),
        ({"reason": "x", "until": "2026-11-22T09:00"}, Hold, "until"),
        ({"reason": "a\x00b"}, Send, "reason"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, str], word: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse(fields, word)
    assert refused.value.field == field
