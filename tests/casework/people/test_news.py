from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.context import Context
from router.casework.people.news import know, news_of, told
from router.casework.people.tokens import AccountRow, add_account
from router.clock import StoryClock
from router.store.base import Add, Transition
from router.store.schema.tables import account_news
from schemas.actor import ROUTER, Role
from tests.office import office


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        yield made


async def add(ctx: Context, name: str) -> AccountRow:
    return await add_account(ctx, name, Role.ANALYST, ROUTER)


async def tell(ctx: Context, account: AccountRow, code: str, session: str, *whom: AccountRow) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(seconds=1))
    await ctx.store.commit(Transition(ctx.now(), adds=told(ctx, account, code, session, [one.id for one in whom])))


async def heard(ctx: Context, account: AccountRow, session: str = "") -> list[tuple[str, str]]:
    return [(one.account, one.code) for one in await news_of(ctx, account.id, session)]


async def test_its_person_and_others_are_told_once_each_but_not_the_session_it_came_by(ctx: Context) -> None:
    anna, bob = await add(ctx, "anna"), await add(ctx, "bob")
    await tell(ctx, anna, "link", "s-1", bob, anna, bob)
    await tell(ctx, anna, "password", "s-2")
    assert await heard(ctx, anna) == [("anna", "link"), ("anna", "password")]
    assert await heard(ctx, anna, "s-1") == [("anna", "password")]
    assert await heard(ctx, bob) == [("anna", "link")]


async def test_who_knows_says_it_of_what_they_were_told_and_no_more(ctx: Context) -> None:
    anna, bob = await add(ctx, "anna"), await add(ctx, "bob")
    await tell(ctx, anna, "link", "s-1", bob)
    await know(ctx, anna.id, "s-1")
    assert await heard(ctx, anna, "s-2") == [("anna", "link")]
    await know(ctx, anna.id, "s-2")
    assert (await heard(ctx, anna), await heard(ctx, bob)) == ([], [("anna", "link")])


async def test_what_was_told_by_an_older_version_is_told_in_every_session(ctx: Context) -> None:
    anna = await add(ctx, "anna")
    row = {"account": "anna", "code": "link+yes", "at": 1, "seen_at": None, "id": "1", "account_id": anna.id}
    await ctx.store.commit(Transition(1, adds=(Add(account_news, row),)))
    assert await heard(ctx, anna, "s-1") == [("anna", "link+yes")]


async def test_what_is_told_of_somebody_else_is_one_line_however_often_and_of_oneself_each(ctx: Context) -> None:
    """Where people come in by links from day to day, who is told of all must still see the desk."""
    anna, bob = await add(ctx, "anna"), await add(ctx, "bob")
    for at in range(3):
        await tell(ctx, anna, "link", f"s-{at}", bob)
        await tell(ctx, anna, "link+yes", f"y-{at}", bob)
    told = await news_of(ctx, bob.id)
    assert [(one.account, one.code, one.times) for one in told] == [("anna", "link", 3), ("anna", "link+yes", 3)]
    assert [one.at for one in told] == sorted(one.at for one in await news_of(ctx, anna.id))[-2:], "of the last of them"
    assert {one.times for one in await news_of(ctx, anna.id)} == {1}
    await know(ctx, bob.id)
    assert await news_of(ctx, bob.id) == []
