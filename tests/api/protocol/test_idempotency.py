import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import Request
from sqlalchemy import select

from router.api.protocol.idempotency import key_of, once
from router.casework.context import Context
from router.clock import StoryClock
from router.errors import BadInput, Conflict, RouterError, StoreUnavailable
from router.store.schema.tables import idempotency
from tests.office import office

Act = Callable[[], Awaitable[str]]


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        yield made


def request(*keys: str) -> Request:
    headers = [(b"idempotency-key", key.encode("latin-1")) for key in keys]
    return Request({"type": "http", "headers": headers})


def answering(text: str, done: list[str] | None = None) -> Act:
    async def act() -> str:
        if done is not None:
            done.append(text)
        return text

    return act


# The table of the draft, section 2: an sf-string, once.
@pytest.mark.parametrize(
    ("given", "key"),
    [
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        (' "a" ', "a"),
        ('"clkyoesmbgybucifusbbtdsbohtyuuwz"', "clkyoesmbgybucifusbbtdsbohtyuuwz"),
        (r'"a\"b\\c"', 'a"b\\c'),
        ('"a b!~"', "a b!~"),
    ],
)
def test_a_key_is_a_string_in_quotes(given: str, key: str) -> None:
    assert key_of(request(given)) == key


@pytest.mark.parametrize(
    "given",
    ["", "abc", '""', '"abc', 'abc"', "'abc'", '"a"b"', '"a\\b"', '"é"', '"a";x=1', '"' + "x" * 256 + '"', '"a\tb"'],
)
def test_anything_else_is_malformed(given: str) -> None:
    with pytest.raises(BadInput, match="double quotes") as caught:
        key_of(request(given))
    assert caught.value.reason == "idempotency_key"


def test_two_keys_are_malformed() -> None:
    with pytest.raises(BadInput):
        key_of(request('"a"', '"b"'))


def test_no_key_is_no_error() -> None:
    assert key_of(request()) is None


async def test_without_a_key_everything_is_done(ctx: Context) -> None:
    done: list[str] = []
    for _ in range(2):
        await once(ctx, "source:form", None, b"x", answering("a", done))
    assert done == ["a", "a"]


async def test_the_first_answer_is_given_again(ctx: Context) -> None:
    done: list[str] = []
    first = await once(ctx, "source:form", "k", b"x", answering("a", done))
    again = await once(ctx, "source:form", "k", b"x", answering("b", done))
    assert (first, again, done) == ("a", "a", ["a"])


async def test_another_body_is_refused(ctx: Context) -> None:
    await once(ctx, "source:form", "k", b"x", answering("a"))
    with pytest.raises(BadInput) as caught:
        await once(ctx, "source:form", "k", b"y", answering("b"))
    assert (caught.value.status, caught.value.reason) == (422, "idempotency_key_reused")


async def test_a_key_belongs_to_its_client(ctx: Context) -> None:
    assert await once(ctx, "source:form", "k", b"x", answering("a")) == "a"
    assert await once(ctx, "source:other", "k", b"y", answering("b")) == "b"


async def test_a_second_one_while_the_first_is_at_work(ctx: Context) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        begun.set()
        await go_on.wait()
        return "a"

    first = asyncio.create_task(once(ctx, "source:form", "k", b"x", slow))
    await begun.wait()
    with pytest.raises(Conflict) as caught:
        await once(ctx, "source:form", "k", b"x", answering("b"))
    assert caught.value.reason == "idempotency_key_at_work"
    go_on.set()
    assert await first == "a"


@pytest.mark.parametrize("error", [BadInput(), StoreUnavailable(), ValueError(), asyncio.CancelledError()])
async def test_a_failure_is_forgotten(ctx: Context, error: BaseException) -> None:
    async def failing() -> str:
        raise error

    with pytest.raises(type(error)):
        await once(ctx, "source:form", "k", b"x", failing)
    assert await once(ctx, "source:form", "k", b"y", answering("b")) == "b"


async def test_who_died_at_work_is_replaced_after_a_minute(ctx: Context) -> None:
    begun = asyncio.Event()

    async def dying() -> str:
        begun.set()
        await asyncio.sleep(3600)
        return "never"

    task = asyncio.create_task(once(ctx, "source:form", "k", b"x", dying))
    await begun.wait()
    clock = ctx.clock
    assert isinstance(clock, StoryClock)
    clock.advance(timedelta(seconds=60))
    with pytest.raises(Conflict):
        await once(ctx, "source:form", "k", b"x", answering("b"))
    clock.advance(timedelta(seconds=1))
    assert await once(ctx, "source:form", "k", b"x", answering("b")) == "b"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await once(ctx, "source:form", "k", b"x", answering("c")) == "b", "the dead one took nothing with it"


async def test_only_one_of_many_does_the_work(ctx: Context) -> None:
    done: list[str] = []
    refused = asyncio.Event()

    async def slowly() -> str:
        done.append("a")
        await refused.wait()
        return "a"

    tries = [asyncio.create_task(once(ctx, "source:form", "k", b"x", slowly)) for _ in range(8)]
    async with asyncio.timeout(20):
        while sum(one.done() for one in tries) < len(tries) - 1:  # noqa: ASYNC110 - any seven of them
            await asyncio.sleep(0.01)
    refused.set()
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert done == ["a"]
    assert [one for one in answers if one == "a"] == ["a"]
    assert all(isinstance(one, RouterError) for one in answers if one != "a")


async def test_the_table_tells_nothing_of_the_body(ctx: Context) -> None:
    from hashlib import sha256

    body = b'{"location": "https://canary.example/"}'
    await once(ctx, "source:form", "k", body, answering('{"id": "1"}'))
    (row,) = await ctx.store.rows(select(idempotency))
    assert "canary" not in str(row)
    assert sha256(body).digest() not in bytes(row["fingerprint"])


async def test_a_key_is_its_sender_s_text_and_stands_nowhere(ctx: Context) -> None:
    for _ in range(2):
        assert await once(ctx, "source:form", "https://canary.test/", b"{}", answering("x")) == "x"
    (row,) = await ctx.store.rows(select(idempotency))
    assert "canary" not in str(row)
