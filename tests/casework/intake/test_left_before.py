"""A location that is reported again after a restore: its new case has what left of the lost one."""

from dataclasses import replace
from typing import Any

import pytest

from router.casework.desk import case_acts
from router.casework.intake.left_before import is_any_left, left_before
from router.errors import BadInput
from router.hosting.location.identity import identity
from router.hosting.location.url import read
from router.store.base import Add, Transition
from router.store.schema.tables import left_before_restore
from schemas.casefile import DeskCode
from tests.casebook import ANNA, PAGE, Casebook
from tests.casework.referral.test_left_before import left

#: What the partner knows it by.
OLD = "01a22d42-96f1-7572-b1b5-b5498d59c1c0"


async def known(book: Casebook, **more: Any) -> None:
    """Have the store know of a referral of that page from its ledger."""
    url = book.ctx.keyring.blind("url", identity(read(PAGE)))
    row = left(OLD, partner=book.rules.directory_.partners[0].name, dialect="scripted", url_bidx=url, **more)
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=[Add(left_before_restore, row)]))
    book.ctx = replace(book.ctx, was_restored=await is_any_left(book.ctx.store))


async def test_what_its_partner_has_is_not_sent_again_and_is_followed(book: Casebook) -> None:
    await known(book, receipt="N-7")
    case_id = await book.take()
    case = await book.step(case_id, 2)
    (row,) = await book.referrals(case_id)
    assert (case["state"], row["id"], row["state"], row["receipt"]) == ("referred", OLD, "accepted", "N-7")
    assert book.partner.calls == []
    assert not await is_any_left(book.ctx.store)
    assert await left_before(book.ctx, [case["url_bidx"]]) == {}


async def test_what_nobody_knows_of_is_asked_of_people_and_stands_in_their_way_too(book: Casebook) -> None:
    await known(book)
    case_id = await book.take()
    case = await book.step(case_id, 3)
    assert (case["desk_code"], case["desk_about"]) == (DeskCode.UNKNOWN, OLD)
    partner = book.rules.directory_.partners[0].name
    with pytest.raises(BadInput, match="already goes to this partner"):
        await case_acts.refer(book.ctx, case_id, ANNA, "it is theirs", partner=partner)
    assert book.partner.calls == []


async def test_what_people_took_back_goes_nowhere_by_itself(book: Casebook) -> None:
    await known(book, taken_back_at=1)
    case_id = await book.take()
    case = await book.step(case_id, 2)
    assert (case["state"], case["desk_code"]) == ("desk", DeskCode.OVERRULED)
    assert [row["state"] for row in await book.referrals(case_id)] == ["withdrawing"]


async def test_a_store_that_was_never_put_back_asks_nothing(book: Casebook) -> None:
    assert book.ctx.was_restored is False
    assert await left_before(book.ctx, [b"u"]) == {}
