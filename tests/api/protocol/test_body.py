import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request

from router.api.protocol import body
from router.api.protocol.room import SHARE, Room, Share, share_of
from router.errors import BadInput, RouterError, TooLarge, Unavailable
from schemas.acts import Act, Reveal
from schemas.report import ReportGiven


def request(*parts: bytes, known: bool = True, **headers: str) -> Request:
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    waiting = iter([*messages, {"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        return next(waiting)

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    made = Request({"type": "http", "method": "POST", "headers": given, "state": {}}, receive)
    if known:
        made.state.actor = SimpleNamespace(id="person:anna")
    return made


async def test_a_body_is_read_as_a_word() -> None:
    assert await body.read(request(b'{"rea', b'son": "x"}'), Reveal) == Reveal(reason="x")


async def test_words_are_read_strictly() -> None:
    with pytest.raises(BadInput) as caught:
        await body.read(request(b'{"reason": "x", "version": "3"}'), Act)
    assert caught.value.field == "/version"


@pytest.mark.parametrize("unit", [b"{},", b'{"a":1,"b":1},', b"[[[],", b'"x":1,'])
async def test_a_body_of_very_many_values_is_refused_before_they_are_looked_at(unit: bytes) -> None:
    started = time.process_time()
    with pytest.raises(BadInput, match="values"):
        body.parse(b'{"items":[' + unit * (4_000_000 // len(unit)) + b"{}]}", ReportGiven)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("deep", [b"[", b'{"a":', b'{"items":['])
async def test_a_body_as_deep_as_it_is_long_is_no_json_to_us(deep: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        body.parse(deep * 900, ReportGiven)
    assert caught.value.reason == "not_json"


async def test_a_body_is_not_read_for_a_stranger() -> None:
    with pytest.raises(RouterError, match="before it knew who"):
        await body.read_bytes(request(b"{}", known=False))


async def test_a_body_that_announces_too_much_is_not_begun() -> None:
    given = request(b"x", content_length="11")
    with pytest.raises(TooLarge, match="at most 0 KiB"):
        await body.read_bytes(given, limit=10)


async def test_a_body_that_announces_nothing_ends_at_the_limit() -> None:
    read = []

    async def parts() -> AsyncIterator[Any]:
        for _ in range(100):
            read.append(1)
            yield {"type": "http.request", "body": b"x" * 100, "more_body": True}

    source = parts()

    async def receive() -> Any:
        return await anext(source)

    given = Request({"type": "http", "method": "POST", "headers": [], "state": {}}, receive)
    given.state.actor = SimpleNamespace(id="person:anna")
    with pytest.raises(TooLarge):
        await body.read_bytes(given, limit=1000)
    assert len(read) == 11


async def test_exactly_the_limit_is_taken() -> None:
    assert await body.read_bytes(request(b"x" * 10, content_length="10"), limit=10) == b"x" * 10


@pytest.mark.parametrize("length", ["", "abc", "-1", "1e3"])
def test_a_length_that_is_no_number_is_left_to_the_server(length: str) -> None:
    body.check_length(request(content_length=length), 10)


def test_what_the_document_says_of_a_body() -> None:
    said = body.takes(Act)["requestBody"]
    assert said["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Act"}
    assert said["required"] is True


async def test_a_body_is_held_while_its_request_lasts() -> None:
    given = request(b"x" * 10)
    await body.read_bytes(given)
    assert share_of(given).held == 10


async def test_a_body_for_which_there_is_no_room_is_not_read_on() -> None:
    given = request(*[b"x" * 10] * 5)
    given.scope[SHARE] = Share(Room(most=25, most_of_one=25))
    with pytest.raises(Unavailable):
        await body.read_bytes(given)
