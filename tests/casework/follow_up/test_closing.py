"""What a check proves: every partner's word, the checks that found no host, and what a person said since."""

from datetime import timedelta

import pytest

from router.casework.case.record import open_case
from router.casework.case.traces import recorded
from router.casework.follow_up.check import Check
from router.casework.follow_up.closing import Judged, judged, proof_of
from router.casework.follow_up.heard import asked
from router.store.base import Add, Transition
from router.store.schema.tables import actions
from schemas.closing import RestsOn
from schemas.trace import Trace
from schemas.vocabulary import ActionType, Outcome
from tests.casebook import Casebook, Mail, partner
from tests.casework.follow_up.checks import due, says
from tests.office import START

HOUR = 3600 * 1_000_000


async def check_of(book: Casebook, case_id: str, *, gone: bool = False) -> Check:
    heard = await asked(book.ctx, await book.referrals(case_id))
    opened = await open_case(book.ctx, await book.case(case_id))
    trace: Trace = book.world.offline(opened.locator).model_copy(update={"gone": gone})
    return Check(heard, opened, trace, recorded(opened, trace), book.ctx.now())


async def test_what_is_known_of_a_case_is_what_partners_say_and_checks_found(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.UNAVAILABLE, reason="ContentNotFound")
    check = await check_of(book, case_id)
    seen = (check.now - 25 * HOUR, check.now)
    proof = proof_of(check, seen, await book.ctx.governance.directory(), book.ctx.dialects)
    assert [(word.action, word.reason) for word in proof.partners] == [("Unavailable", "ContentNotFound")]
    assert (proof.gone_hours, proof.unheard, proof.asked) == ((0, 25), False, False)


async def test_a_partner_that_is_not_to_be_asked_is_unheard(book: Casebook) -> None:
    case_id = await due(book)
    book.partners(partner("hotline-nl", "NL", enabled=False))
    check = await check_of(book, case_id)
    proof = proof_of(check, (), await book.ctx.governance.directory(), book.ctx.dialects)
    assert (proof.partners, proof.unheard) == ((), True)


@pytest.mark.parametrize(("gone", "counted"), [(True, 1), (False, 0)])
async def test_a_check_that_finds_no_host_is_one_that_counts(book: Casebook, gone: bool, counted: int) -> None:
    case_id = await due(book)
    found: Judged = await judged(book.ctx, await check_of(book, case_id, gone=gone))
    assert (found.ruling.outcome, found.counted) == (None, counted)


async def test_each_closing_says_on_what_it_rests(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.REMOVED)
    found = await judged(book.ctx, await check_of(book, case_id))
    assert (found.ruling.outcome, found.ruling.rests_on) == (Outcome.REMOVED, RestsOn.PARTNERS)
    assert found.rests_on() == "hotline-nl says Removed (2026-11-24)."


async def test_what_people_typed_of_one_that_cannot_be_asked_is_its_word(book: Casebook) -> None:
    mail = Mail()
    book.ctx.dialects["scripted"] = mail  # type: ignore[index]  # the casebook's own table
    case_id = await due(book)
    row = {"id": "1", "case_id": case_id, "referral_id": (await book.referral(case_id))["id"], "by": "hotline-nl"}
    said = row | {"action": "Removed", "at": (START + timedelta(days=1)).timestamp() * 1_000_000}
    await book.ctx.store.commit(Transition(1, adds=(Add(actions, said | {"at": int(said["at"])}),)))
    assert (await book.step(case_id))["outcome"] == Outcome.REMOVED
