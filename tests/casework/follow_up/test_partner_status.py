"""What partners say: asked of those that have it and may be called; who was not asked is named with the reason."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.deliver import stops
from router.casework.follow_up.partner_status import ask_partners
from router.errors import NotSent
from router.partners.base import SentReferral
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.partner import Agreement, Partner
from schemas.vocabulary import ActionType
from tests.casebook import ANNA, CHECKED, Casebook, Scripted, casebook, partner
from tests.office import START


async def accepted(book: Casebook) -> str:
    """A case that the Dutch hotline has, which says that it is gone."""
    case_id = await book.accepted()
    at = START + timedelta(days=2)
    said = ActionStatement(action=ActionType.REMOVED, at=at)
    book.partner.says = [ReferralStatus(referral_id=(await book.referral(case_id))["id"], known=True, actions=(said,))]
    return case_id


async def test_whoever_has_it_is_asked(book: Casebook) -> None:
    rows = await book.referrals(await accepted(book))
    answers = await ask_partners(book.ctx, rows)
    (answer,) = answers.said
    assert (answer.partner, [one.action for one in answer.said]) == ("hotline-nl", [ActionType.REMOVED])
    assert (answer.askable, answer.returned) == (True, False)
    assert (answers.unasked, book.partner.asked) == ([], [rows[0]["id"]])


async def test_one_that_does_not_answer_says_nothing(book: Casebook) -> None:
    rows = await book.referrals(await accepted(book))
    book.partner.says = NotSent()
    answers = await ask_partners(book.ctx, rows)
    assert ([one.said for one in answers.said], answers.unasked) == ([()], [])
    assert answers.said[0].askable


async def test_all_who_have_it_are_asked_at_once_and_answer_in_their_order(tmp_path: Path) -> None:
    """The case's lease is four calls long: five partners that hang must not outlast it."""

    all_five = asyncio.Barrier(5)

    class Patient(Scripted):
        async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
            async with asyncio.timeout(2):
                await all_five.wait()
            return await super().status(partner, sent)

    async with casebook(tmp_path, Patient()) as book:
        (row,) = await book.referrals(await accepted(book))
        rows = [row | {"id": f"{row['id']}-{n}"} for n in range(5)]
        (known,) = book.partner.says or ()
        book.partner.says = [known.model_copy(update={"referral_id": row["id"]}) for row in rows]
        answers = await ask_partners(book.ctx, rows)
    assert [one.referral["id"] for one in answers.said] == [row["id"] for row in rows]
    assert all(len(one.said) == 1 for one in answers.said)


@pytest.mark.parametrize(
    "changed",
    [{"referral_id": "another"}, {"known": False}, {"withdrawn": True}],
    ids=["another referral", "unknown to them", "taken back"],
)
async def test_what_is_said_of_something_else_is_no_answer(book: Casebook, changed: dict[str, object]) -> None:
    rows = await book.referrals(await accepted(book))
    assert isinstance(book.partner.says, list)
    book.partner.says = [one.model_copy(update=changed) for one in book.partner.says]
    assert [one.said for one in (await ask_partners(book.ctx, rows)).said] == [()]


async def test_one_may_say_that_it_is_not_theirs(book: Casebook) -> None:
    rows = await book.referrals(await book.accepted())
    book.partner.says = [ReferralStatus(referral_id=rows[0]["id"], known=True, returned=True)]
    assert [one.returned for one in (await ask_partners(book.ctx, rows)).said] == [True]


async def test_one_that_has_not_got_it_is_not_asked(book: Casebook) -> None:
    rows = await book.referrals(await book.decided())
    answers = await ask_partners(book.ctx, rows)
    assert (answers.said, answers.unasked, book.partner.asked) == ([], [], [])


async def test_one_that_cannot_be_asked_is_not_taken_for_one_that_says_nothing(book: Casebook) -> None:
    rows = await book.referrals(await accepted(book))
    book.partner.says = None
    (answer,) = (await ask_partners(book.ctx, rows)).said
    assert (answer.askable, answer.said) == (False, ())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (partner("hotline-nl", "NL", enabled=False), "Hotline-Nl is disabled: enable it in the directory"),
        (partner("hotline-nl", "NL", "RU"), "nothing may be sent to RU: no transfer basis"),
        (partner("hotline-nl", "NL", dialect="forgotten"), "it cannot be reached by the directory in force"),
    ],
    ids=["disabled", "barred", "without a dialect"],
)
async def test_one_that_may_not_be_called_is_named_and_not_called(book: Casebook, changed: Partner, why: str) -> None:
    rows = await book.referrals(await accepted(book))
    book.rules.policy_ = book.rules.policy_.model_copy(update={"barred": {"RU": "no transfer basis"}})
    book.partners(changed)
    answers = await ask_partners(book.ctx, rows)
    assert (answers.said, book.partner.asked) == ([], [])
    assert [said for _, said in answers.unasked] == [f"hotline-nl was not asked ({why})"]


@pytest.mark.parametrize("scope", ["all", "partner:hotline-nl", "route:hotline-abroad"])
async def test_a_stop_holds_for_questions_too(book: Casebook, scope: str) -> None:
    rows = await book.referrals(await accepted(book))
    await stops.stop(book.ctx, scope, ANNA, "why")
    answers = await ask_partners(book.ctx, rows)
    assert (answers.said, book.partner.asked) == ([], [])
    assert [said for _, said in answers.unasked] == ["hotline-nl was not asked (a stop is in force)"]


async def test_what_was_sent_under_an_agreement_that_ended_is_still_asked_about(book: Casebook) -> None:
    rows = await book.referrals(await accepted(book))
    book.partners(partner("hotline-nl", "NL", agreement=Agreement(until=CHECKED)))
    assert len((await ask_partners(book.ctx, rows)).said) == 1
