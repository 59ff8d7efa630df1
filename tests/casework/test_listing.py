"""A list that only grows is read to its end by pages of any size: each row once, and its total is true."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table

from router.casework.context import Context
from router.casework.govern import requests
from router.casework.govern.editions import editions
from router.casework.listing import Listing
from router.casework.retention.purge import erasures_known
from router.errors import BadInput
from router.store.base import Add, Transition
from router.store.ids import new_id
from router.store.schema.tables import erasures, figure_editions
from schemas.requests import RequestCloses, RequestOutcome
from tests.asked import DORA, asks, officers
from tests.casebook import PAGE, Casebook, casebook

Pages = Callable[..., Awaitable[Listing[Any]]]
MANY = 1_203


def edition(n: int, at: int) -> dict[str, Any]:
    days = {"first_day": "2026-10-01", "last_day": "2026-10-31"}
    made = {"id": new_id(), "audience": "public", "number": n, "made_at": at, "by": "person:anna", "reason": None}
    return {**made, **days, "digest": f"{n:064}", "body": "{}"}


def erasure(n: int, at: int) -> dict[str, Any]:
    detail = json.dumps({"outcome": {}, "source": {}, "country": {}})
    return {"id": new_id(), "at": at, "by": "person:anna", "kept": "urls", "cases": n, "detail": detail}


LISTS = [
    pytest.param(editions, figure_editions, edition, "number", id="editions"),
    pytest.param(erasures_known, erasures, erasure, "cases", id="erasures"),
]


async def read_whole(ctx: Context, pages: Pages, limit: int) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        page = await pages(ctx, cursor=cursor, limit=limit)
        assert (page.total, page.more, len(page.items) <= limit) == (MANY, False, True)
        found += page.items
        if (cursor := page.next) is None:
            return found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str | None:
    """Address of an empty database; None: a file of SQLite's."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_dsn"))


@pytest.fixture
async def book(url: str | None, tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path, url=url) as opened:
        yield opened


async def test_a_register_is_read_by_places(book: Casebook) -> None:
    await officers(book.ctx)
    for n in range(5):
        made = await requests.add(book.ctx, asks(("url", PAGE), received_on=date(2026, 11, 20 - n % 2)), DORA)
    await requests.close(book.ctx, made.id, RequestCloses(outcome=RequestOutcome.PARTLY, reason="answered"), DORA)
    for closed in (False, True):
        whole = (await requests.listed(book.ctx, closed=closed)).items
        first = await requests.listed(book.ctx, closed=closed, limit=2)
        rest = await requests.listed(book.ctx, closed=closed, cursor=first.next)
        assert first.items + rest.items == whole
        assert (first.total, len(whole)) == (4 + closed, 4 + closed)


@pytest.mark.parametrize(("pages", "table", "row", "name"), LISTS)
async def test_each_row_is_on_one_page(
    book: Casebook, pages: Pages, table: Table, row: Callable[[int, int], dict[str, Any]], name: str
) -> None:
    chance = Random(7)  # noqa: S311 - rows, not secrets
    moments = {n: 1_790_000_000_000_000 + chance.randrange(MANY // 3) for n in range(1, MANY + 1)}  # many at one moment
    adds = [Add(table, row(n, at)) for n, at in moments.items()]
    for at in range(0, MANY, 100):
        await book.ctx.store.commit(Transition(0, adds=adds[at : at + 100]))
    for limit in (50, chance.randrange(80, 400), 1_000, MANY, 2_000):
        numbers = [getattr(one, name) for one in await read_whole(book.ctx, pages, limit)]
        assert sorted(numbers) == list(moments)
        assert [moments[n] for n in numbers] == sorted(moments.values(), reverse=True)
    assert len((await pages(book.ctx)).items) == 50
    with pytest.raises(BadInput, match="start again from the newest"):
        await pages(book.ctx, cursor=new_id())
