"""When partners that tell nothing by themselves are asked, and what comes of it."""

from datetime import timedelta

import pytest

from router.casework.follow_up.heard import AGAIN, asked
from router.errors import NotSent
from router.store.schema.tables import audit
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionType
from tests.casebook import Casebook, Scripted, partner
from tests.casework.follow_up.checks import says

HOUR = 3600 * 1_000_000
EVERY = timedelta(hours=6)


@pytest.fixture
def book(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> Casebook:
    """A partner that is asked every six hours."""
    monkeypatch.setattr(Scripted, "asked_every", EVERY)
    return book


async def test_a_case_is_looked_at_when_its_partner_is_to_be_asked(book: Casebook) -> None:
    case_id = await book.accepted()
    assert (await book.case(case_id))["next_at"] == book.ctx.now() + 6 * HOUR
    book.later(hours=6)
    case = await book.step(case_id)
    assert (case["state"], case["next_at"]) == (CaseState.REFERRED, book.ctx.now() + 6 * HOUR)
    assert (await book.referral(case_id))["status_at"] == book.ctx.now()


async def test_what_ends_it_is_checked_at_once(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(days=3)
    await says(book, case_id, ActionType.REMOVED)
    traced = len(book.world.asked)
    assert (await book.step(case_id))["state"] == CaseState.CLOSED
    assert len(book.world.asked) == traced + 1


async def test_what_only_began_is_kept_and_asks_nobody_anything(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(days=3)
    await says(book, case_id, ActionType.REPORTED_TO_LEA)
    traced = len(book.world.asked)
    assert (await book.step(case_id))["desk_code"] is None
    assert len(book.world.asked) == traced
    assert "case.heard" in [row["act"] for row in await book.rows(audit, audit.c.case_id == case_id)]


async def test_one_that_is_silent_is_asked_again_soon_and_nothing_is_written(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(hours=6)
    book.partner.says = NotSent()
    case = await book.step(case_id)
    assert case["next_at"] == book.ctx.now() + AGAIN // timedelta(microseconds=1)


async def test_one_that_may_not_be_called_is_not_looked_at_for_ever(book: Casebook) -> None:
    case_id = await book.accepted()
    book.partners(partner("hotline-nl", "NL", enabled=False))
    book.later(hours=6)
    case = await book.step(case_id)
    assert case["next_at"] == book.ctx.now() + 6 * HOUR


async def test_one_that_sends_it_back_is_heard_before_the_check(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(hours=6)
    one = (await book.referral(case_id))["id"]
    book.partner.says = [ReferralStatus(referral_id=one, known=True, returned=True)]
    await book.step(case_id)
    assert (await book.referral(case_id))["state"] == ReferralState.REFUSED


async def test_a_question_between_two_checks_disturbs_nobody_who_acts_on_the_referral(book: Casebook) -> None:
    case_id = await book.accepted()
    before = await book.referral(case_id)
    book.later(hours=6)
    await book.step(case_id)
    assert (await book.referral(case_id))["version"] == before["version"]


async def test_an_act_on_a_part_ends_nothing(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(days=3)
    one = (await book.referral(case_id))["id"]
    at = book.ctx.clock.now()
    said = ActionStatement(action=ActionType.REMOVED, at=at, part="7000002")
    book.partner.says = [ReferralStatus(referral_id=one, known=True, actions=(said,))]
    heard = await asked(book.ctx, await book.referrals(case_id))
    assert [one.said for one in heard.said] == [(said,)]
    assert [add.table.name for add in heard.new_actions] == ["part_actions"]
    assert (await book.step(case_id))["state"] == CaseState.REFERRED
