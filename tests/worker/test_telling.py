"""The worker tells what is due, and looks seldom where nobody hears anything."""

import asyncio
from dataclasses import replace
from pathlib import Path

from router.worker.telling import LEAST, MOST, NOBODY, Telling
from tests.casebook import FORM
from tests.hearing import hearing


async def test_nobody_hears_anything(tmp_path: Path) -> None:
    async with hearing(tmp_path) as nobody:
        assert await nobody.telling.turn() == 0
        assert await nobody.telling.pause() == NOBODY


async def test_what_is_due_is_told_and_then_waited_for(tmp_path: Path) -> None:
    async with hearing(tmp_path, "analysts", "form") as both:
        await both.book.take()
        assert await both.telling.pause() == LEAST
        await both.until_quiet()
        assert await both.telling.pause() == MOST
        await both.book.take(reference="f", actor=FORM)
        await both.until_quiet()
        assert await both.telling.pause() == MOST, "a day is left"


async def test_two_workers_tell_each_thing_once(tmp_path: Path) -> None:
    async with hearing(tmp_path, "analysts") as house:
        other = Telling(replace(house.book.ctx, owner="other"))
        for number in range(8):
            await house.book.take(f"https://host-{number}.test/", f"r-{number}")
        for _ in range(12):
            await asyncio.gather(house.telling.turn(), other.turn())
            house.book.later(seconds=5)
        ids = [one for one, _ in house.requests]
        assert len(ids) == len(set(ids)) == 8
