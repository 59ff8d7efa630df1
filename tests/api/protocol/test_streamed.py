import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.api.protocol.streamed import IN_MEMORY, Aside, Streamed


async def answered(parts: AsyncIterator[bytes], slow: asyncio.Event | None = None) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        if slow is not None and sent:
            await slow.wait()
        sent.append(message)

    await Streamed(parts, "text/x")({"type": "http"}, None, send)  # type: ignore[arg-type] # the body is the parts'
    return sent


async def test_parts_are_sent_as_they_are_made() -> None:
    async def parts() -> AsyncIterator[bytes]:
        for one in (b"a", b"", b"bc"):
            yield one
            await asyncio.sleep(0)

    start, *bodies = await answered(parts())
    assert (start["status"], dict(start["headers"])[b"connection"]) == (200, b"close")
    assert b"".join(one["body"] for one in bodies) == b"abc"
    assert [one["more_body"] for one in bodies] == [True] * (len(bodies) - 1) + [False]


async def test_one_who_reads_nothing_yet_does_not_keep_the_parts_from_being_made() -> None:
    slow = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 100_000
        slow.set()  # never, if the first part had to be taken before the second is made

    _, *bodies = await asyncio.wait_for(answered(parts(), slow), 10)
    assert sum(len(one["body"]) for one in bodies) == 4_000_000


async def test_a_fault_while_parts_are_made_is_not_taken_for_their_end() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="a fault of ours"):
        await answered(parts())


@given(st.lists(st.binary(max_size=50) | st.none(), max_size=30))
async def test_what_is_put_is_taken_in_order_whenever_it_is_taken(steps: list[bytes | None]) -> None:
    put, taken = b"", b""
    with Aside() as aside:
        for step in steps:
            if step is not None:
                aside.put(step)
                put += step
            elif len(taken) < len(put):
                taken += await aside.take()
        aside.end()
        while part := await aside.take():
            taken += part
    assert taken == put


async def test_what_is_taken_at_once_needs_no_room() -> None:
    with Aside() as aside:
        for _ in range(100):
            aside.put(b"x" * IN_MEMORY)
            while aside._put:
                assert await aside.take()
        assert not aside._file._rolled  # type: ignore[attr-defined] # what tempfile calls being in a file
