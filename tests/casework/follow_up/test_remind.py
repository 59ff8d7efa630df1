"""The digest of a partner's day is taken once, whoever asks, and on its working days; see `follow_up/reminders`."""

import asyncio

import pytest

from router.casework.follow_up.remind import remind
from router.casework.follow_up.reminders import to_remind
from router.casework.retention.expired import forget
from router.errors import Conflict
from router.store.base import Change, Transition
from router.store.schema.tables import audit, referrals, reminders
from tests.casebook import ANNA, Casebook
from tests.casework.follow_up.test_reminders import seen_there
from tests.embargoes import BOB


async def on_its_day(book: Casebook) -> str:
    """A case that the Dutch hotline is to be reminded of, on a day on which it works."""
    case_id = await book.accepted()
    await seen_there(book, case_id)
    (one,) = await to_remind(book.ctx)
    book.later(days=(one.from_day - book.clock.now().date()).days)
    return case_id


async def test_of_two_who_take_it_at_once_one_does(book: Casebook) -> None:
    await on_its_day(book)
    said = await asyncio.gather(*(remind(book.ctx, "hotline-nl", who) for who in (ANNA, BOB)), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in said) == 1
    assert len(await book.rows(reminders)) == 1
    assert len([row for row in await book.rows(audit) if row["act"] == "referral.reminded"]) == 1


async def test_what_is_seen_there_the_same_day_again_waits_for_the_next(book: Casebook) -> None:
    case_id = await on_its_day(book)
    await remind(book.ctx, "hotline-nl", ANNA)
    row = await book.referral(case_id)
    change = Change(referrals, {"id": row["id"]}, {"still_there_at": book.ctx.now()})
    await book.ctx.store.commit(Transition(book.ctx.now(), (change,)))
    with pytest.raises(Conflict, match="is reminded again from"):
        await remind(book.ctx, "hotline-nl", ANNA)


async def test_who_took_it_is_forgotten_after_its_day_and_the_chain_keeps_it(book: Casebook) -> None:
    await on_its_day(book)
    await remind(book.ctx, "hotline-nl", ANNA)
    book.later(hours=47)
    assert await forget(book.ctx) == 0
    book.later(hours=1)
    assert (await forget(book.ctx), await book.rows(reminders)) == (1, [])
    assert [row["actor"] for row in await book.rows(audit, audit.c.act == "referral.reminded")] == [ANNA.id]


async def test_on_a_day_on_which_nobody_works_there_it_waits(book: Casebook) -> None:
    await on_its_day(book)
    saturday = (5 - book.clock.now().weekday()) % 7
    book.later(days=saturday)
    with pytest.raises(Conflict, match="on days on which people work there"):
        await remind(book.ctx, "hotline-nl", ANNA)
    assert not await book.rows(reminders)
