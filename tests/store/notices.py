"""What every engine promises to those who wait for work; a part of `conformance`."""

import asyncio

import pytest

from router.store.base import Transition
from router.store.writer import Writer
from tests.store.conftest import Opened
from tests.store.samples import NOW, due, nonce, referral


class Notices:
    async def test_a_commit_elsewhere_wakes_who_waits(self, opened: Opened) -> None:
        one, two = await opened(), await opened()
        waiting = asyncio.create_task(one.wait_for_work(60, one.mark()))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await two.commit(nonce("a"))
        async with asyncio.timeout(20):
            await waiting

    async def test_without_news_it_returns_after_the_time_given(self, store: Writer) -> None:
        mark = None
        async with asyncio.timeout(20):
            while store.mark() != mark:  # else what opening left behind came meanwhile
                mark = store.mark()
                assert await store.claim(due()) == []
                started = asyncio.get_running_loop().time()
                await store.wait_for_work(0.3, mark)
        assert asyncio.get_running_loop().time() - started > 0.25

    @pytest.mark.parametrize("own", [True, False])
    async def test_a_commit_between_claim_and_wait_is_not_missed(self, opened: Opened, own: bool) -> None:
        one, two = await opened(), await opened()
        mark = one.mark()
        assert await one.claim(due()) == []
        await (one if own else two).commit(Transition(NOW, adds=[referral("a")]))
        async with asyncio.timeout(20):
            await one.wait_for_work(60, mark)
        assert len(await one.claim(due())) == 1
