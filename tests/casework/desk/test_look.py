"""What a person saw who looked: what closes the case, what dates the next look, and what it rests on."""

from datetime import timedelta

import pytest

from router.casework.case.desk_entry import open_questions
from router.casework.desk import case_acts
from router.casework.desk import look as looks
from router.errors import BadInput
from router.store.base import Change, Transition
from router.store.schema.figures import figure_signs
from router.store.schema.tables import audit, follow_ups, referrals
from schemas.acts import Finding
from schemas.casefile import DeskCode
from schemas.policy import Route, When
from schemas.states import CaseState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook

DAY = 24 * 3600 * 1_000_000


async def looked_for(book: Casebook) -> str:
    """A case whose check after five days asks a person to look."""
    case_id = await book.accepted()
    book.later(days=5)
    await book.step(case_id)
    assert (await book.case(case_id))["desk_code"] == DeskCode.LOOK
    return case_id


async def test_seen_gone_it_is_closed_as_removed(book: Casebook) -> None:
    case_id = await looked_for(book)
    await looks.look(book.ctx, case_id, ANNA, "404 for everybody", finding="gone")
    case = await book.case(case_id)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)


async def test_seen_still_there_it_keeps_the_one_check_that_is_dated(book: Casebook) -> None:
    case_id = await looked_for(book)
    await looks.look(book.ctx, case_id, ANNA, "still online", finding="still_there")
    case = await book.case(case_id)
    (check,) = await book.rows(follow_ups, follow_ups.c.done_at.is_(None))
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    assert case["next_at"] == check["due_at"] == book.ctx.now() + 5 * DAY


async def test_what_they_saw_is_what_the_check_found_and_figures_count_it_so(book: Casebook) -> None:
    case_id = await looked_for(book)
    found = follow_ups.c.done_at.is_not(None)
    assert [row["finding"] for row in await book.rows(follow_ups, found)] == ["unclear"]
    await looks.look(book.ctx, case_id, ANNA, "seen", finding="still_there")
    assert [row["finding"] for row in await book.rows(follow_ups, found)] == ["still_there"]
    signs = [row["sign"] for row in await book.rows(figure_signs)]
    assert [one for one in signs if one.startswith("check_")] == ["check_still_there"]


async def test_still_there_and_nobody_has_it_any_more_it_stays_a_question(book: Casebook) -> None:
    case_id = await looked_for(book)
    (row,) = await book.referrals(case_id)
    recalled = {"state": "recalled", "next_at": None}
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, recalled),)))
    await looks.look(book.ctx, case_id, ANNA, "still online", finding="still_there")
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.NO_RECIPIENT)
    assert case["desk_text"] == "No partner has this case; refer it to one, or close it."


async def test_still_there_it_is_looked_at_for_what_has_not_arrived(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    await book.send("hotline-nl")
    book.later(days=5)
    await book.step(case_id)
    await looks.look(book.ctx, case_id, ANNA, "still online", finding="still_there")
    assert (await book.case(case_id))["next_at"] == book.ctx.now() + DAY // 6


async def test_seen_elsewhere_it_is_traced_again(book: Casebook) -> None:
    case_id = await looked_for(book)
    await looks.look(book.ctx, case_id, ANNA, "redirects", finding="moved")
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED


async def test_a_look_that_nobody_asked_for_is_kept_and_answers_nothing(book: Casebook) -> None:
    case_id = await book.accepted()
    before = await book.case(case_id)
    await looks.look(book.ctx, case_id, ANNA, "why", finding="still_there")
    after = await book.case(case_id)
    assert after["last_seen_at"] == book.ctx.now()
    assert (after["state"], after["next_at"]) == (before["state"], before["next_at"])
    with pytest.raises(BadInput):
        await looks.look(book.ctx, case_id, ANNA, "why", finding="perhaps")


@pytest.mark.parametrize(
    ("finding", "rests_on"),
    [
        (Finding.GONE, "A person saw that it is gone (person:anna)."),
        (Finding.CONTENT_GONE, "A person saw that the page stays and its content is gone (person:anna)."),
    ],
)
async def test_removed_rests_on_what_they_saw(book: Casebook, finding: Finding, rests_on: str) -> None:
    case_id = await looked_for(book)
    await looks.look(book.ctx, case_id, ANNA, "seen", finding=finding)
    case = await book.case(case_id)
    assert (case["outcome"], case["rests_on"]) == (Outcome.REMOVED, rests_on)


async def test_who_could_not_see_it_has_not_seen_it_there(book: Casebook) -> None:
    case_id = await looked_for(book)
    before = await book.case(case_id)
    await looks.look(book.ctx, case_id, ANNA, "it wants a login", finding=Finding.CANNOT_SEE)
    case = await book.case(case_id)
    assert (case["state"], case["last_seen_at"]) == (CaseState.REFERRED, before["last_seen_at"])
    assert case["next_at"] == book.ctx.now() + 5 * DAY


async def test_what_the_police_keep_up_is_not_looked_at_before_their_day(book: Casebook) -> None:
    case_id = await looked_for(book)
    until = book.clock.now() + timedelta(days=40)
    await looks.look(book.ctx, case_id, ANNA, "they said so", finding=Finding.POLICE_KEEPS, until=until)
    case = await book.case(case_id)
    (check,) = await book.rows(follow_ups, follow_ups.c.done_at.is_(None))
    assert (case["state"], case["next_at"]) == (CaseState.REFERRED, check["due_at"])
    assert check["due_at"] == book.ctx.now() + 40 * DAY
    book.later(days=40)
    assert (await book.step(case_id))["desk_code"] == DeskCode.LOOK
    assert [row["act"] for row in await book.rows(audit) if row["act"] == "case.police_keeps"] == ["case.police_keeps"]


@pytest.mark.parametrize("days", [None, -1, 81])
async def test_until_when_they_keep_it_up_must_be_said(book: Casebook, days: int | None) -> None:
    case_id = await looked_for(book)
    until = None if days is None else book.clock.now() + timedelta(days=days)
    with pytest.raises(BadInput) as refused:
        await looks.look(book.ctx, case_id, ANNA, "they said so", finding=Finding.POLICE_KEEPS, until=until)
    assert refused.value.field == "until"


async def seen_there(book: Casebook, case_id: str) -> None:
    """The next check asks, and a person sees it there."""
    (check,) = await book.rows(follow_ups, follow_ups.c.done_at.is_(None))
    book.later(microseconds=check["due_at"] - book.ctx.now())
    assert DeskCode.LOOK in {one.code for one in open_questions(await book.step(case_id))}
    await looks.look(book.ctx, case_id, ANNA, "still online", finding="still_there")


async def test_seen_there_at_three_checks_people_are_asked_once_who_else_can_act(book: Casebook) -> None:
    case_id = await book.accepted()
    before = await book.referrals(case_id)
    asked = []
    for _ in range(7):
        await seen_there(book, case_id)
        if (await book.case(case_id))["state"] == CaseState.RECEIVED:
            case = await book.step(case_id, 2)
            asked.append(case["still_there"])
            assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.POLICY)
            assert case["desk_text"].startswith("seen there at three checks: call who has it")
            assert case["next_at"] is not None
            await case_acts.done(book.ctx, case_id, ANNA, "called them")
    case = await book.case(case_id)
    assert (asked, case["still_there"], case["state"]) == ([3, 6], 7, CaseState.REFERRED)
    assert [row["id"] for row in await book.referrals(case_id)] == [row["id"] for row in before]


async def test_a_look_that_answers_no_check_is_not_counted(book: Casebook) -> None:
    case_id = await book.accepted()
    for _ in range(3):
        await looks.look(book.ctx, case_id, ANNA, "passed by", finding="still_there")
    assert (await book.case(case_id))["still_there"] == 0
    await seen_there(book, case_id)
    await looks.look(book.ctx, case_id, ANNA, "once more", finding="still_there")
    assert (await book.case(case_id))["still_there"] == 1


@pytest.mark.parametrize("finding", ["cannot_see", "police_keeps"])
async def test_only_what_somebody_saw_there_is_counted(book: Casebook, finding: str) -> None:
    case_id = await looked_for(book)
    until = book.clock.now() + timedelta(days=9) if finding == "police_keeps" else None
    await looks.look(book.ctx, case_id, ANNA, "why", finding=finding, until=until)
    assert (await book.case(case_id))["still_there"] == 0


async def test_seen_elsewhere_it_is_counted_anew(book: Casebook) -> None:
    case_id = await book.accepted()
    for _ in range(2):
        await seen_there(book, case_id)
    await looks.look(book.ctx, case_id, ANNA, "redirects", finding="moved")
    assert (await book.case(case_id))["still_there"] == 0


@pytest.mark.parametrize("to", ["federal-police", "hotline-ca"])
async def test_the_policy_hands_on_what_is_still_there_and_who_has_it_keeps_it(book: Casebook, to: str) -> None:
    escalation = Route(name="still-there", when=When(still_there_at_least=2), to=(to,), reason="still there")
    policy = book.rules.policy_
    book.rules.policy_ = policy.model_copy(update={"routes": (escalation, *policy.routes)})
    case_id = await book.accepted()
    for _ in range(2):
        await seen_there(book, case_id)
    await book.step(case_id, 2)
    found = {row["partner"]: row["state"] for row in await book.referrals(case_id)}
    assert found == {"hotline-nl": "accepted", to: "waiting"}
