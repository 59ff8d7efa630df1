"""A router that waits for its release asks once that is proposed, and never before; it tells nobody anything."""

from datetime import timedelta
from pathlib import Path

from router.casework.govern.paused import Paused, walked
from router.store.base import Add, Row, Transition
from router.store.schema.tables import hub_items, meta, proposals
from router.worker.restoring import Restoring
from router.world.iccam.rules import Rules
from schemas.proposal import RELEASE
from tests.hub_desk import Desk, hub_desk


async def wait(desk: Desk) -> None:
    """Have the router wait for its release, which nobody has proposed yet."""
    ctx = desk.book.ctx
    mark = Paused(point=ctx.now(), restored_at=ctx.now()).mark()
    await ctx.store.commit(Transition(0, adds=[Add(meta, dict(zip(("name", "value"), mark, strict=True)))]))


async def propose(desk: Desk) -> None:
    now = desk.book.ctx.now()
    row = {"id": "p", "subject": RELEASE, "by": "person:anna", "since": now, "until": now * 2, "body": "{}"}
    await desk.book.ctx.store.commit(Transition(now, adds=[Add(proposals, row)]))


async def test_lists_are_read_once_it_is_proposed_and_nothing_is_acknowledged(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, Rules(), intake=True, acknowledge=True) as desk:
        (page,) = desk.given("https://given.test/")
        before = dict(page.references)
        await wait(desk)
        restoring = Restoring(desk.book.ctx)
        assert await restoring.turn() is False
        assert desk.near.paths == [], "a trial of a backup calls nobody"
        await propose(desk)
        while await restoring.turn():
            desk.near.clock.advance(timedelta(seconds=1))
        (item,) = await items(desk)
        assert (item["state"], item["acknowledged_at"]) == ("taken", None)
        assert page.references == before
        done = await walked(desk.book.ctx.store)
        assert done is not None
        assert (done.there, done.never, done.silent) == (0, 0, 0)
        assert await restoring.turn() is False


async def items(desk: Desk) -> list[Row]:
    return await desk.book.rows(hub_items)


async def test_a_router_that_works_is_left_alone(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, Rules(), intake=True) as desk:
        await propose(desk)
        assert await Restoring(desk.book.ctx).turn() is False
        assert desk.near.paths == []
