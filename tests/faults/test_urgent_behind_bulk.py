"""What is urgent waits for no turn, no batch and no place of what is not, on either engine; and the pace is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from router.casework.deliver.places import Places
from router.store.base import Change, Transition
from router.store.schema.tables import referrals
from router.worker.due import next_by_line
from router.worker.sending import Sending
from schemas.partner import Pace
from tests.casebook import Casebook, casebook, partner
from tests.worker.test_sending import several, states

CALLS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    return request.getfixturevalue("postgres_dsn") if request.param == "postgresql" else None


@pytest.fixture
async def either(tmp_path: Path, url: str | None) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path, url=url) as opened:
        yield opened


async def at_risk(book: Casebook, start: int, rank: int = 0) -> str:
    (case_id,) = await several(book, 1, start)
    await book.ctx.store.commit(Transition(1, [Change(referrals, {"case_id": case_id}, {"rank": rank})]))
    return case_id


@pytest.mark.parametrize("rank", [0, 1])
async def test_it_leaves_alone_and_next_while_a_long_turn_is_under_way(
    either: Casebook, monkeypatch: pytest.MonkeyPatch, rank: int
) -> None:
    """One place, and a turn of so many calls: the call that is under way ends, and then comes the urgent one."""
    book, sending = either, Sending(either.ctx)
    book.partners(partner("hotline-nl", "NL", pace=Pace(per_second=1e6, burst=1000, in_flight=1)))
    ordinary = await several(book, CALLS * book.partner.bundle)
    sending._rounds = dict.fromkeys(await next_by_line(book.ctx.store), CALLS)
    free, begun, at_the_door = asyncio.Event(), asyncio.Event(), asyncio.Event()
    for_urgent = Places.for_urgent

    def knocks(places: Places) -> AbstractAsyncContextManager[None]:
        at_the_door.set()
        return for_urgent(places)

    monkeypatch.setattr(Places, "for_urgent", knocks)

    async def the_first_takes_long() -> None:
        if len(book.partner.calls) == 1:
            begun.set()
            await free.wait()

    book.partner.meanwhile = the_first_takes_long
    turn = asyncio.create_task(sending.turn())
    await asyncio.wait_for(begun.wait(), 20)
    urgent = await at_risk(book, 50, rank)
    name = (await book.referral(urgent))["id"]
    await sending.start(await next_by_line(book.ctx.store))
    await asyncio.wait_for(at_the_door.wait(), 20)  # it comes to its call while the other one lasts
    await asyncio.sleep(0)
    free.set()
    await turn
    await sending.finish()
    sent = [[one.referral_id for one in call] for call in book.partner.calls]
    assert [name] in sent[1:3]  # behind one that waited for the place before it, at most
    assert len(sent) == CALLS + 1
    assert await states(book, [urgent, *ordinary]) == ["accepted"] * (len(ordinary) + 1)


async def test_with_one_call_left_it_is_the_urgent_ones(either: Casebook) -> None:
    book = either
    book.partners(partner("hotline-nl", "NL", pace=Pace(per_second=0.001, burst=1)))
    ordinary, urgent = await several(book, 3), await at_risk(book, 50)
    for _ in range(3):
        await Sending(book.ctx).turn()
    assert await states(book, [urgent, *ordinary]) == ["accepted", *["waiting"] * 3]
