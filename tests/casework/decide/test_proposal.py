"""What is proposed is what would be sent: by today's policy, directory and law, under each assessment."""

from router.casework.decide.proposal import proposals_for
from router.casework.desk import case_acts
from schemas.casefile import Proposal
from schemas.vocabulary import Assessment
from tests.casebook import ANNA, FORM, Casebook, partner

BASELINE, NATIONAL = Assessment.BASELINE, Assessment.NATIONAL


async def proposed(book: Casebook, case_id: str) -> tuple[Proposal, ...]:
    return (await proposals_for(book.ctx, [await book.case(case_id)])).get(case_id, ())


async def test_of_what_nobody_assessed_each_word_says_to_whom_it_would_go(book: Casebook) -> None:
    book.partners(partner("hotline-nl", "NL", accepts=["baseline", "national"]))
    found = await proposed(book, await book.decided(actor=FORM))
    assert [(one.assessment, one.partners) for one in found] == [
        (BASELINE, ("hotline-nl",)),
        (NATIONAL, ("hotline-nl",)),
    ]


async def test_a_partner_that_does_not_take_it_is_not_proposed(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    book.partners(partner("hotline-nl", "NL", accepts=["baseline"]))
    assert [one.assessment for one in await proposed(book, case_id)] == [BASELINE]


async def test_when_the_directory_changed_its_partner_of_today_is_proposed(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    book.partners(partner("hotline-nl", "NL", enabled=False))
    assert {one.partners for one in await proposed(book, case_id)} <= {("federal-police",)}


async def test_what_the_policy_sent_by_itself_is_no_proposal(book: Casebook) -> None:
    assert await proposed(book, await book.decided()) == ()


async def test_who_has_it_by_now_is_proposed_no_more(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await case_acts.send(book.ctx, case_id, ANNA, "agreed", assessment=BASELINE)
    assert await proposed(book, case_id) == ()


async def test_a_case_that_is_being_traced_has_none(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await case_acts.retrace(book.ctx, case_id, ANNA, "again")
    assert await proposed(book, case_id) == ()
    assert await proposals_for(book.ctx, []) == {}
