"""Two people let a router that was put back work again; one alone, or one twice, does not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.alarm.ways import publish as set_ways
from router.casework.context import Context
from router.casework.govern import second_person
from router.casework.govern.paused import Paused, Walked, note_walk, paused, send_again_since, walked
from router.casework.govern.release import propose_release
from router.casework.govern.sources import list_sources
from router.errors import BadInput, Conflict, NotAllowed
from router.store.base import Add, Transition
from router.store.schema.tables import audit, meta
from schemas.actor import ROUTER, Actor, Role
from schemas.alarm import AlarmSettings, Webhook
from schemas.proposal import RELEASE
from tests.governed import ANNA, BOB, governed
from tests.office import person as staff

RECEIVERS = AlarmSettings(webhook=(Webhook(url="https://ring.example/a"),))
CAROL = staff("carol", Role.ANALYST)
MACHINE = Actor(id="local:root", permissions=ANNA.permissions, alone=True)


async def put_back(ctx: Context, **more: int) -> Paused:
    """Mark the store as a restore does."""
    found = Paused(point=ctx.now() - 60_000_000, restored_at=ctx.now(), **more)
    name, value = found.mark()
    await ctx.store.commit(Transition(ctx.now(), adds=[Add(meta, {"name": name, "value": value})]))
    return found


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with governed(tmp_path) as ctx:
        yield ctx


async def proposal(ctx: Context) -> str:
    """The id of the proposal, once partners were asked about what left."""
    (found,) = await second_person.shown(ctx)
    assert found.subject == RELEASE
    waiting = await paused(ctx.store)
    assert waiting is not None
    await note_walk(ctx, Walked(waiting.restored_at, 2, 1, 0))
    return found.id


async def test_it_is_not_released_before_partners_were_asked(ctx: Context) -> None:
    await put_back(ctx, ledger=4)
    await propose_release(ctx, ANNA, None)
    (seen,) = await second_person.shown(ctx)
    with pytest.raises(Conflict, match="still asks partners"):
        await second_person.confirm(ctx, RELEASE, BOB, seen.id)
    await note_walk(ctx, Walked(1, 0, 0, 0))  # of another restore
    assert await walked(ctx.store) is None
    with pytest.raises(Conflict):
        await second_person.confirm(ctx, RELEASE, BOB, seen.id)
    await second_person.confirm(ctx, RELEASE, BOB, await proposal(ctx))
    assert await paused(ctx.store) is None


async def test_one_proposes_and_another_releases(ctx: Context) -> None:
    found = await put_back(ctx)
    await propose_release(ctx, ANNA, "the old machine burnt down")
    seen = await proposal(ctx)
    assert await paused(ctx.store) == found, "a proposal alone lets nothing out"
    with pytest.raises(NotAllowed):
        await second_person.confirm(ctx, RELEASE, ANNA, seen)
    with pytest.raises(NotAllowed):
        await second_person.confirm(ctx, RELEASE, CAROL, seen)
    await second_person.confirm(ctx, RELEASE, BOB, seen)
    assert await paused(ctx.store) is None
    assert await send_again_since(ctx.store) == found.point
    assert {one.send_again_since is not None for one in await list_sources(ctx)} <= {True}
    acts = [row["act"] for row in await ctx.store.rows(select(audit.c.act))]
    assert "router.released" in acts


async def test_why_it_is_released_without_a_ledger_is_shown_to_the_second(ctx: Context) -> None:
    await put_back(ctx)
    with pytest.raises(BadInput, match="No ledger"):
        await propose_release(ctx, ANNA, "  ")
    await propose_release(ctx, ANNA, "the receiver burnt down too")
    (view,) = await second_person.shown(ctx)
    assert {one.field: one.becomes for one in view.changes}["reason"] == '"the receiver burnt down too"'


async def test_with_the_ledger_none_is_asked_for(ctx: Context) -> None:
    await put_back(ctx, ledger=4)
    await propose_release(ctx, ANNA, None)
    await second_person.confirm(ctx, RELEASE, BOB, await proposal(ctx))
    assert await paused(ctx.store) is None


async def test_nobody_alone_by_any_way(ctx: Context) -> None:
    await put_back(ctx, ledger=4)
    await set_ways(ctx.store, RECEIVERS, ctx.now(), ROUTER)
    for who in (MACHINE, CAROL):
        with pytest.raises(NotAllowed):
            await propose_release(ctx, who, None)
    await propose_release(ctx, ANNA, None)
    with pytest.raises(NotAllowed, match="by two, always"):
        await second_person.break_glass(ctx, RELEASE, ANNA, "nobody is here", await proposal(ctx))
    await second_person.withdraw(ctx, RELEASE, BOB, await proposal(ctx))
    assert await paused(ctx.store) is not None


async def test_what_works_is_not_released(ctx: Context) -> None:
    with pytest.raises(Conflict, match="works already"):
        await propose_release(ctx, ANNA, "x")


async def test_a_second_backup_put_back_later_names_its_own_window(ctx: Context) -> None:
    for _ in range(2):
        found = await put_back(ctx, ledger=1)
        await propose_release(ctx, ANNA, None)
        await second_person.confirm(ctx, RELEASE, BOB, await proposal(ctx))
        assert await send_again_since(ctx.store) == found.point
