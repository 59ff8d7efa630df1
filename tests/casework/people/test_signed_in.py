from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.context import Context
from router.casework.people import sessions
from router.casework.people.signed_in import sign_out, signed_in
from router.casework.people.tokens import account_named, add_account
from router.clock import StoryClock
from router.errors import NotFound, NotSignedIn
from schemas.actor import ROUTER, Role
from tests.office import office


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        for name in ("anna", "bob"):
            await add_account(made, name, Role.ANALYST, ROUTER)
        yield made


async def begin(ctx: Context, name: str, address: str | None = None) -> sessions.OpenedSession:
    return await sessions.begin(ctx, (await account_named(ctx, name)).actor, address)


async def test_each_says_how_and_from_where_it_began_and_lets_nobody_in(ctx: Context) -> None:
    opened = await begin(ctx, "anna", "192.0.2.7")
    await begin(ctx, "bob")
    (one,) = await signed_in(ctx, "anna", opened.session.digest)
    assert (one.by, one.address, one.current, one.started_at) == ("token", "192.0.2.7", True, ctx.clock.now())
    assert one.id == opened.session.id
    with pytest.raises(NotSignedIn):
        await sessions.resume(ctx, one.id)


async def test_one_is_ended_and_the_others_go_on(ctx: Context) -> None:
    first, second = await begin(ctx, "anna"), await begin(ctx, "anna")
    assert await sign_out(ctx, "anna", ROUTER, first.session.id) == 1
    with pytest.raises(NotSignedIn):
        await sessions.resume(ctx, first.cookie)
    await sessions.resume(ctx, second.cookie)


async def test_all_but_the_one_that_asks(ctx: Context) -> None:
    first, second, third = [await begin(ctx, "anna") for _ in range(3)]
    assert await sign_out(ctx, "anna", ROUTER, keep=second.session.digest) == 2
    assert [one.id for one in await signed_in(ctx, "anna")] == [second.session.id]
    assert {first.session.id, third.session.id} & {second.session.id} == set()


async def test_nobody_ends_one_of_somebody_else(ctx: Context) -> None:
    mine, theirs = await begin(ctx, "anna"), await begin(ctx, "bob")
    for wrong in (theirs.session.id, "0" * 32, mine.session.id[:-1]):
        with pytest.raises(NotFound):
            await sign_out(ctx, "anna", ROUTER, wrong)
    await sessions.resume(ctx, theirs.cookie)
    with pytest.raises(NotFound):
        await signed_in(ctx, "nobody")


async def test_what_has_ended_by_itself_is_not_listed(ctx: Context) -> None:
    await begin(ctx, "anna")
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(minutes=30))
    assert await signed_in(ctx, "anna") == []
    assert await sign_out(ctx, "anna", ROUTER) == 0
