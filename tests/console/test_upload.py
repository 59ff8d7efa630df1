"""A form with a file is read as browsers send one, bounded; what none sends is refused, and no name is read."""

from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.console.forms import FIELDS
from router.console.upload import read
from router.errors import BadInput, TooLarge
from tests.console.test_forms import posted

SAFE = st.characters(exclude_characters="\r\n", exclude_categories=("Cs", "Cc"))
TYPE = "multipart/form-data; boundary=xYz"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    named = "" if filename is None else f'; filename="{filename}"'
    return f'--xYz\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


@given(st.binary(max_size=3000), st.text(SAFE, max_size=40), st.text(SAFE, max_size=40))
async def test_what_a_client_sends_arrives_as_it_was(content: bytes, reason: str, called: str) -> None:
    """httpx writes it by itself, and leaves no byte of the content out, whatever stands in it."""
    sent = httpx2.Request("POST", "/", data={"reason": reason}, files={"file": (called or "x", content, "text/csv")})
    fields, found = await read(posted(sent.read(), sent.headers["content-type"]), "file", 10_000)
    assert (fields, found) == ({"reason": reason.strip()} if reason.strip() else {}, content)


async def test_none_chosen_is_an_empty_file() -> None:
    body = part("csrf", b"abc") + part("file", b"", "") + b"--xYz--\r\n"
    assert await read(posted(body, TYPE), "file", 1000) == ({"csrf": "abc"}, b"")


async def test_what_it_is_called_is_read_by_nobody() -> None:
    body = part("file", b"token\r\n", quote("https://place.test/é")) + b"--xYz--"
    assert await read(posted(body, TYPE), "file", 1000) == ({}, b"token\r\n")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"before\r\n" + part("file", b"x") + b"--xYz--",
        part("file", b"x"),
        part("file", b"x") + b"--xYz--after",
        b"--xYz\r\n\r\nx\r\n--xYz--",
        b"--xYz\r\nContent-Disposition: attachment\r\n\r\nx\r\n--xYz--",
        part("a", b"\xff") + b"--xYz--",
        b"".join(part(f"a{n}", b"x") for n in range(FIELDS + 1)) + b"--xYz--",
    ],
)
async def test_what_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        await read(posted(body, TYPE), "file", 10_000)


@pytest.mark.parametrize("media_type", ["multipart/form-data", "multipart/form-data; boundary=", "text/csv", ""])
async def test_only_such_forms_are_read(media_type: str) -> None:
    with pytest.raises(BadInput):
        await read(posted(part("file", b"x") + b"--xYz--", media_type), "file", 1000)


async def test_it_has_its_limit() -> None:
    with pytest.raises(TooLarge):
        await read(posted(part("file", b"x" * 1000) + b"--xYz--", TYPE), "file", 1000)
