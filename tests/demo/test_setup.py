"""The stage as far as no instance needs to stand on it: tests/stories plays on one with all three of them."""

import asyncio
from typing import cast

import pytest

from router.demo.setup import ROUTERS, Stage, _all
from router.errors import CannotStart
from router.world.clock import JumpingClock
from router.world.iccam.hub import Hub
from router.world.police_unit import PoliceUnit
from router.world.story import CHANGES, HOME, POLICE, START
from router.world.zone import story_zone


def empty() -> Stage:
    """A world without instances: its days pass all the same."""
    return Stage(
        JumpingClock(), story_zone(), cast("PoliceUnit", None), cast("Hub", None), {}, {}, "http://127.0.0.1:1"
    )


def test_the_police_is_another_program() -> None:
    assert POLICE not in {site.partner for site in ROUTERS}
    assert len(ROUTERS) == 3
    assert HOME in {site.partner for site in ROUTERS}


async def test_hosts_change_on_their_day_and_not_before() -> None:
    stage = empty()
    first = CHANGES[0]
    before = stage.zone.find(first.host, "A").records
    for _ in range(first.day):
        assert stage.zone.find(first.host, "A").records == before
        await stage.next_day()
    assert [one.data for one in stage.zone.find(first.host, "A").records] == list(first.addresses)
    assert stage.days == first.day
    assert (stage.clock.now() - START).days == first.day


async def test_the_first_reason_is_told_after_the_others_have_ended() -> None:
    ended = []

    async def fine() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.append("fine")

    async def broken() -> None:
        await asyncio.sleep(0)
        raise CannotStart("cybertip-ca did not start.")

    with pytest.raises(CannotStart, match="cybertip-ca"):
        await _all([fine(), broken()])
    assert ended == ["fine"]
