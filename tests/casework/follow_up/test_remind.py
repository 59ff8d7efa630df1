"""The digest of a partner's day is taken once, whoever asks, and on its working days; see `follow_up/reminders`."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.believed import beat
from router.casework.desk import look as looks
from router.casework.follow_up.remind import remind, remind_by_itself
from router.casework.follow_up.reminders import to_remind
from router.casework.retention.expired import forget
from router.errors import Conflict
from router.partners.base import SentReferral
from router.store.base import Change, Transition
from router.store.schema.tables import audit, referrals, reminders
from schemas.partner import Partner
from tests.casebook import ANNA, Casebook, Scripted, casebook
from tests.casework.follow_up.test_reminders import seen_there
from tests.embargoes import BOB, embargo
from tests.police_holds import police_hold


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


@dataclass
class Told(Scripted):
    """A partner that can be reminded by the router itself."""

    heard: list[str] = field(default_factory=list)
    knows: bool = True  #: the word; an older one passes it over

    async def remind(self, partner: Partner, sent: Sequence[SentReferral]) -> frozenset[str]:
        self.heard += [one.referral_id for one in sent]
        return frozenset(self.heard) if self.knows else frozenset()


@asynccontextmanager
async def telling(tmp_path: Path) -> AsyncIterator[tuple[Casebook, Told, str]]:
    """A case that such a partner is to be reminded of today."""
    dialect = Told()
    async with casebook(tmp_path, dialect) as book:
        yield book, dialect, await on_its_day(book)


async def test_who_can_be_told_is_told_by_itself_once_on_its_day(tmp_path: Path) -> None:
    async with telling(tmp_path) as (book, dialect, case_id):
        for _ in range(3):
            await remind_by_itself(book.ctx)
        row = await book.referral(case_id)
        assert dialect.heard == [row["id"]]
        assert (row["still_there_at"], row["reminded_at"]) == (None, book.ctx.now())
        assert [one["by"] for one in await book.rows(reminders)] == ["router"]


async def test_who_does_not_know_the_word_is_left_to_people(tmp_path: Path) -> None:
    async with telling(tmp_path) as (book, dialect, case_id):
        dialect.knows = False
        assert await remind_by_itself(book.ctx) == 0
        assert (await book.referral(case_id))["still_there_at"] is not None
        assert (await remind(book.ctx, "hotline-nl", ANNA)).taken_by == ANNA.id


@pytest.mark.parametrize("why", ["embargo", "police", "police keep it up", "weekend", "clock"])
async def test_nobody_is_told_of_what_is_held_or_on_another_day(tmp_path: Path, why: str) -> None:
    async with telling(tmp_path) as (book, dialect, case_id):
        match why:
            case "embargo":
                await embargo(book.ctx, "host", "example.test")
            case "police":
                await police_hold(book.ctx, case_id)
            case "police keep it up":
                until = book.clock.now() + timedelta(days=9)
                await looks.look(book.ctx, case_id, ANNA, "they said so", finding="police_keeps", until=until)
            case "weekend":
                book.later(days=(5 - book.clock.now().weekday()) % 7)
            case _:
                await beat(book.ctx)
                book.clock.move(timedelta(days=364))
        assert await remind_by_itself(book.ctx) == 0
        assert dialect.heard == []
