"""What is new is told while a page is open: how many and nothing else, to so many, and no longer than the session."""

import asyncio
import gc
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from router.casework.people import sessions
from router.console.access import COOKIE
from router.console.queue import news
from router.console.queue.news import MOST, Streams
from router.errors import StoreUnavailable
from router.serving.connections import ENDLESS
from router.store.writer import Writer
from schemas.actor import Role


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of half a second that looks all the time: the client of these tests reads it when it is over."""
    monkeypatch.setattr(news, "_PAUSE", 0.02)
    monkeypatch.setattr(news, "_QUIET", 0.05)
    monkeypatch.setattr(news, "_LIFE", 0.5)
    monkeypatch.setattr(news, "_streams", Streams())


async def address(analyst: Any, page: str = "/") -> str:
    """Where a page of the desk is told what is new."""
    found = re.search(r'data-news="([^"]+)"', (await analyst.get(page)).text)
    assert found
    return found[1].replace("&amp;", "&")


async def told_at(analyst: Any, where: str) -> "asyncio.Task[Any]":
    """Open a stream; return its answer, to be waited for, once it has begun."""
    before = set(news._streams._ends.values())
    told = asyncio.create_task(analyst.get(where))
    await until(lambda: bool(set(news._streams._ends.values()) - before))
    return told


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_it_tells_how_many_came_to_this_list_since_and_nothing_of_what(
    console: Any, analyst: Any, canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.case("r-0", "https://before.test/")
    wide, narrow = await address(analyst), await address(analyst, "/?country=FR")
    seen, page = list[int](), news.page_of_desk

    async def seeing(*given: Any) -> Any:
        found = await page(*given)
        seen.append(found.total)
        return found

    monkeypatch.setattr(news, "page_of_desk", seeing)
    monkeypatch.setattr(news, "_LIFE", 30)
    told = await told_at(analyst, wide)
    console.ctx.clock.advance(timedelta(seconds=1))
    for n in range(2):
        await console.case(f"n-{n}", f"https://{canary}-{n}.test/")
    await until(lambda: seen[-1:] == [2])
    for ends in news._streams._ends.values():
        ends.set()
    answer = await told
    monkeypatch.setattr(news, "_LIFE", 0.1)
    assert answer.headers["content-type"].startswith("text/event-stream")
    counts = [int(one) for one in re.findall(r"event: new\ndata: (\d+)\n", answer.text)]
    assert (counts[-1], counts, canary in answer.text) == (2, sorted(counts), False)
    assert not set(answer.text) - set("retry: 5000\n:event newdata0123456789over"), "words and a number"
    assert "event: new" not in (await analyst.get(narrow)).text, "none of them is of that list"
    assert (await analyst.get(f"/desk/news?number={quote('https://x.test/')}")).status_code == 422


async def test_it_ends_with_the_session_and_keeps_none_alive(
    console: Any, analyst: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "_LIFE", 30)
    cookie = analyst.client.cookies[COOKIE]
    told = await told_at(analyst, await address(analyst))
    await sessions.end(console.ctx, await sessions.resume(console.ctx, cookie))
    async with asyncio.timeout(20):
        assert (await told).text.endswith("event: over\ndata: 0\n\n")
    assert (await analyst.get("/desk/news")).status_code == 303


async def test_nobody_is_signed_in_by_a_page_alone(console: Any, analyst: Any) -> None:
    for _ in range(5):
        console.ctx.clock.advance(sessions.idle(console.ctx) // 4 * sessions._MICROSECOND)
        answer = await analyst.get("/desk/news")
    assert answer.status_code == 303, "five looks by itself, and nobody was there"


async def test_a_session_has_one_and_the_newest_goes_on(
    console: Any, analyst: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = await address(analyst)
    monkeypatch.setattr(news, "_LIFE", 30)
    first = await told_at(analyst, where)
    monkeypatch.setattr(news, "_LIFE", 0.5)
    second = await analyst.get(where)
    assert (await first).text.endswith("event: over\ndata: 0\n\n")
    assert "over" not in second.text, "its time was over: a browser asks again"


async def test_a_store_that_is_away_ends_no_stream_and_leaves_no_error_that_nobody_reads(
    console: Any, analyst: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, tried = await address(analyst), Counter[str]()

    def marked(_: object) -> object:
        tried["mark"] += 1
        if tried["mark"] % 2:
            raise StoreUnavailable
        return object()

    async def waited(*_: object) -> None:
        tried["wait"] += 1
        raise StoreUnavailable

    monkeypatch.setattr(Writer, "mark", marked)
    monkeypatch.setattr(Writer, "wait_for_work", waited)
    answer = await analyst.get(where)
    assert (answer.status_code, "over" in answer.text) == (200, False)
    assert min(tried.values()) > 1
    gc.collect()  # PatientLoop fails the test for what it finds unread


async def test_there_are_so_many_in_all(console: Any, analyst: Any) -> None:
    ends = [news._streams.begin(bytes([n])) for n in range(MOST)]
    assert None not in ends
    assert (await analyst.get("/desk/news")).status_code == 204
    news._streams.end(bytes([0]), ends[0])
    assert (await analyst.get("/desk/news")).status_code == 200


async def test_without_the_script_a_link_looks_again_at_the_same_list(console: Any, read: Any) -> None:
    await console.case("r-0", "https://before.test/")
    viewer = await console.person(Role.VIEWER)
    page = read((await viewer.get("/?country=NL&order=age")).text)
    assert [one["href"] for one in page.all("a") if "data-new" in one] == ["/?country=NL&order=age"]
    assert "as of" in page.text


def test_the_server_waits_for_no_stream_when_it_stops() -> None:
    assert {route.path for route in news.router.routes} == ENDLESS
