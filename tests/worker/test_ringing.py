"""One turn of the ringing half: two workers ring once, the heart beats, and its failure stops nothing."""

import asyncio
from dataclasses import replace
from pathlib import Path

from router.casework.alarm.standing import standing
from router.worker.ringing import Ringing
from tests.bells import alarmed


async def test_two_workers_ring_once(tmp_path: Path) -> None:
    async with alarmed(tmp_path) as house:
        await house.book.decided(urgency="live")
        other = Ringing(replace(house.book.ctx, owner="other"))
        await asyncio.gather(house.ringing.turn(), other.turn())
        assert (len(house.rung.posts), len(house.rung.letters)) == (1, 1)


async def test_it_beats_every_minute_whatever_rings(tmp_path: Path) -> None:
    async with alarmed(tmp_path) as house:
        for _ in range(6):
            await house.later(seconds=20)
        assert house.rung.beats == 3 - 1
        house.rung.failing = {"beat"}
        await house.book.decided(urgency="live")
        await house.later(minutes=1)
        assert len(house.rung.posts) == 1


async def test_without_a_bell_nothing_is_claimed(tmp_path: Path) -> None:
    async with alarmed(tmp_path) as house:
        await house.book.decided(urgency="live")
        assert await Ringing(replace(house.book.ctx, bell=None)).turn() == 0
        assert await house.ringing.next_due() == house.book.ctx.now()
        assert await house.ringing.turn() == 1
        assert (await house.ringing.next_due() or 0) > house.book.ctx.now()


async def test_a_heartbeat_that_nobody_hears_rings_on_the_other_ways_and_ends_when_it_is_heard(tmp_path: Path) -> None:
    async with alarmed(tmp_path) as house:
        house.rung.failing = {"beat"}
        for _ in range(3):
            assert house.rung.posts == []
            await house.later(minutes=1)
        await house.later(seconds=1)
        assert [one["commonLabels"]["code"] for one in house.rung.read()] == ["heartbeat"]
        assert (await standing(house.book.ctx)).failing == ("heartbeat",)
        house.rung.failing = set()
        for _ in range(2):
            await house.later(minutes=1)
        assert (await standing(house.book.ctx)).failing == ()
        assert [one["status"] for one in house.rung.read()][-1] == "resolved"
