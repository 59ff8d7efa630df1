from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from router.console.forms import LIMIT, as_instant, parse, read
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


ZONES = st.sampled_from(["Europe/Brussels", "UTC", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]).map(
    ZoneInfo
)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), ZONES)  # noqa: DTZ001 - UTC is put beside it
def test_what_is_typed_by_the_houses_clock_is_the_moment_that_was_meant(day: datetime, zone: ZoneInfo) -> None:
    """Of an hour that comes twice the first is meant: the second cannot be typed."""
    meant = day.replace(second=0, microsecond=0, tzinfo=UTC)
    local = meant.astimezone(zone)
    read_as = datetime.fromisoformat(as_instant({"until": local.strftime("%Y-%m-%dT%H:%M")}, zone)["until"])
    assert read_as == local.replace(fold=0)
    assert read_as.utcoffset() == UTC.utcoffset(None)
    assert local.fold or read_as == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-10-25T02:30", "2026-10-25T00:30:00+00:00"),  # twice: the first
        ("2026-03-29T02:30", "2026-03-29T01:30:00+00:00"),  # never: 03:30, an hour on
        ("2026-11-23T09:00", "2026-11-23T08:00:00+00:00"),
    ],
)
def test_the_hours_that_summer_time_moves(said: str, meant: str) -> None:
    assert as_instant({"at": said}, ZoneInfo("Europe/Brussels"), "at")["at"] == meant
