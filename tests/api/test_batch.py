import asyncio
import gc
import json
import time
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from router.api import batch
from router.api.protocol.room import Share
from router.casework.intake import ndjson
from router.casework.intake.ndjson import MOST_REFUSED
from router.casework.people import tokens as people
from router.errors import Unavailable
from router.store.schema.tables import reports, tokens
from schemas.actor import ROUTER
from tests.office import line


def answers(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(one) for one in answer.text.splitlines()]


async def taken(served: Any) -> int:
    (row,) = await served.ctx.store.rows(select(func.count().label("n")).select_from(reports))
    return int(row["n"])


@pytest.mark.parametrize("bad", [b"x\n", b"{}\n", b'{"items":[{},{},{}]}\n', b"\xff\n", b"[[[[\n"])
@pytest.mark.parametrize("good", [0, 1, 700])
async def test_a_batch_ends_after_a_thousand_refused_lines(
    served: Any, source: httpx2.AsyncClient, bad: bytes, good: int
) -> None:
    body = b"".join(line(f"r-{n}") for n in range(good)) + b"\n" + bad * (MOST_REFUSED + 300) + line("r-after")
    *before, last = answers(await source.post("/v1/reports/batch", content=body))
    assert [one["status"] == 202 for one in before] == [True] * good + [False] * MOST_REFUSED
    number = before[-1]["line"] + 1
    assert (last["line"], last["status"], last["problem"]["code"]) == (number, 413, "too_many_bad_lines")
    assert await taken(served) == good


async def test_exactly_a_thousand_refused_lines_are_a_whole_batch(source: httpx2.AsyncClient) -> None:
    found = answers(await source.post("/v1/reports/batch", content=b"x\n" * MOST_REFUSED + b"\n"))
    assert {one["problem"]["reason"] for one in found} == {"not_json"}
    assert len(found) == MOST_REFUSED


async def test_lines_that_are_refused_when_they_are_taken_count_too(source: httpx2.AsyncClient) -> None:
    await source.post("/v1/reports/batch", content=line("r-1"))
    other = line("r-1", "https://other.test/")
    *before, last = answers(await source.post("/v1/reports/batch", content=other * 2500))
    assert {one["problem"]["reason"] for one in before} == {"replayed_differently"}
    assert (last["line"], last["problem"]["code"]) == (1001, "too_many_bad_lines")


async def test_memory_and_answer_do_not_grow_with_the_batch(served: Any, source: httpx2.AsyncClient) -> None:
    async def body(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x\n" * 32_768

    tracemalloc.start()
    try:
        peaks = []
        for count in (16, 256):  # 1 MiB, 16 MiB
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            answer = await source.post("/v1/reports/batch", content=body(count))
            assert len(answer.content) < 1_000_000
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2_000_000


async def test_long_lines_are_not_held_a_thousand_at_a_time(
    source: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def noted(_: Any, lines: list[bytes], *__: Any, **___: Any) -> list[Any]:
        seen.append(sum(map(len, lines)))
        return []

    monkeypatch.setattr(ndjson, "take_batch", noted)
    await source.post("/v1/reports/batch", content=line("r-1", memo="x" * 3000) * 4000)
    assert max(seen) < batch.GROUP_BYTES + 2_000_000


async def test_others_are_answered_while_heavy_lines_are_judged(served: Any, source: httpx2.AsyncClient) -> None:
    gaps, done = [0.0], asyncio.Event()

    async def another() -> None:
        while not done.is_set():
            started = time.process_time()
            await asyncio.sleep(0)
            gaps.append(time.process_time() - started)

    other = asyncio.create_task(another())
    heavy = b'{"items":[' + b'{"abcdefghijk":1},' * 8_000 + b"{}]}\n"
    gc.freeze()  # as a process does once it stands: else the collector walks all that other tests left
    started = time.process_time()
    found = answers(await source.post("/v1/reports/batch", content=heavy * 20))
    spent = time.process_time() - started
    gc.unfreeze()
    done.set()
    await other
    assert len(found) == 20
    assert max(gaps) < spent / 5


async def test_a_token_revoked_meanwhile_ends_the_batch(served: Any, source: httpx2.AsyncClient) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"".join(line(f"r-{n}") for n in range(1000))
        (row,) = await served.ctx.store.rows(select(tokens))
        await people.revoke_token(served.ctx, row["id"], ROUTER)
        yield b"".join(line(f"r-{n}") for n in range(1000, 3000))

    *before, last = answers(await source.post("/v1/reports/batch", content=body()))
    assert {one["status"] for one in before} == {202}
    assert (last["status"], last["problem"]["code"]) == (401, "not_signed_in")
    assert await taken(served) == last["line"] - 1 == len(before) <= 1000


async def test_a_batch_for_which_there_is_no_room_ends_by_its_line(
    served: Any, source: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Share, "take", lambda _, size: full() if size > 1000 else None)

    def full() -> None:
        raise Unavailable("No room.", reason="too_many_bodies")

    async def body() -> AsyncIterator[bytes]:
        yield line("r-1") + line("r-2")[:-1]
        yield b"\n" + b"x" * 2000

    *before, last = answers(await source.post("/v1/reports/batch", content=body()))
    assert [one["status"] for one in before] == [202]
    assert (last["line"], last["status"], last["problem"]["code"]) == (2, 503, "too_many_bodies")
    assert await taken(served) == 1


async def test_the_mark_before_utf8_is_no_part_of_the_first_line(source: httpx2.AsyncClient) -> None:
    for body in (b"\xef\xbb\xbf" + line("r-1") + line("r-2"), b"\xef\xbb\xbf\n" + line("r-3")):
        assert {one["status"] for one in answers(await source.post("/v1/reports/batch", content=body))} == {202}


async def test_a_key_that_stands_twice_is_answered_by_its_line(served: Any, source: httpx2.AsyncClient) -> None:
    twice = line("r-2").replace(b'"reference"', b'"urgency":"imminent_risk","urgency":"none","reference"')
    first, second, third = answers(await source.post("/v1/reports/batch", content=line("r-1") + twice + line("r-3")))
    assert (first["status"], second["status"], third["status"]) == (202, 422, 202)
    assert (second["problem"]["reason"], second["problem"]["errors"][0]["field"]) == ("duplicate_key", "/urgency")
    assert await taken(served) == 2
