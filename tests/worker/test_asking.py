"""Partners are asked in rounds by one process at a time, and only those that are asked in rounds."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from router.partners.rounds import Rounds
from router.store.schema.tables import status_rounds
from router.worker.asking import Asking
from schemas.exchange import ReferralStatus
from tests.casebook import Casebook, Scripted


async def test_who_is_not_asked_in_rounds_costs_no_row(book: Casebook) -> None:
    asking = Asking(book.ctx)
    assert (await asking.turn(), await asking.pause()) == (0, 5.0)
    assert await book.rows(status_rounds) == []


async def test_two_processes_ask_once(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scripted, "rounds", Rounds(every=timedelta(hours=1), at_once=10, calls=2))
    referral = await book.referral(await book.accepted())
    book.partner.says = [ReferralStatus(referral_id=referral["id"], known=True)]
    one, other = (Asking(replace(book.ctx, owner=name)) for name in ("one", "other"))
    await asyncio.gather(one.turn(), other.turn())
    assert len(book.partner.asked) == 1
    book.later(minutes=59)
    await asyncio.gather(one.turn(), other.turn())
    assert (len(book.partner.asked), await one.pause()) == (1, 1.0)
    book.later(minutes=1)
    await asyncio.gather(one.turn(), other.turn())
    assert len(book.partner.asked) == 2


async def test_a_turn_that_breaks_costs_ten_minutes_and_nothing_else(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scripted, "rounds", Rounds(every=timedelta(hours=1), at_once=10, calls=2))
    monkeypatch.setattr("router.worker.asking.ask_a_page", None)
    await Asking(book.ctx).turn()
    assert {row["due_at"] - book.ctx.now() for row in await book.rows(status_rounds)} == {600 * 1_000_000}
