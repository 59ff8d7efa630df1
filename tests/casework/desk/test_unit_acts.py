"""A unit's word as people bring it: its receipt, and what it says afterwards. Its bad cases are those of a desk."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.case.desk_entry import TO_BE_DECIDED, is_asked
from router.casework.desk import case_acts, referral_acts
from router.casework.desk.unit_acts import answer, receipt
from router.casework.read import lists
from router.errors import BadInput, Conflict
from router.store.schema.tables import actions, audit, follow_ups, unit_answers
from router.worker.steps import advance
from schemas.acts import Answer, Receipt
from schemas.casefile import DeskCode
from schemas.reply_code import code_of
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA
from tests.police_desk import PoliceDesk, police_desk

NUMBER = "BR.12.L1.004567/2026"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


async def typed(desk: PoliceDesk, case_id: str, **said: Any) -> Any:
    return await receipt(desk.book.ctx, (await desk.row(case_id))["id"], ANNA, Receipt(**said))


async def says(desk: PoliceDesk, case_id: str, said: str, **more: Any) -> Any:
    word = Answer.model_validate({"answer": said, **more}, strict=False)
    return await answer(desk.book.ctx, (await desk.row(case_id))["id"], ANNA, word)


async def test_a_number_is_the_receipt_and_dates_the_check(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    view = await typed(desk, case_id, number=NUMBER)
    assert (view.state, view.receipt, view.reply_code) == (ReferralState.ACCEPTED, NUMBER, code_of(view.id))
    assert [(one.answer, one.number, one.by) for one in view.answers] == [("received", NUMBER, ANNA.id)]
    assert len(await desk.book.rows(follow_ups)) == 1
    (event,) = [row for row in await desk.book.rows(audit) if row["act"] == "referral.receipt"]
    assert NUMBER not in event["detail"], "what was typed is sealed"


async def test_a_number_counts_for_the_whole_bundle_or_for_one(desk: PoliceDesk) -> None:
    first, second, third = await desk.case("https://a.test/1", "https://a.test/2", "https://a.test/3")
    await typed(desk, first, number="ONE", only=True)
    assert [(await desk.row(one))["state"] for one in (first, second, third)] == ["accepted", "waiting", "waiting"]
    await typed(desk, second, number=NUMBER, whole=True)
    assert [(await desk.row(one))["receipt"] for one in (first, second, third)] == ["ONE", NUMBER, NUMBER]


async def test_a_name_and_a_time_are_a_receipt_too_and_the_name_is_sealed(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    view = await typed(desk, case_id, officer="Inspector Janssens")
    assert view.receipt is not None
    assert view.receipt.startswith("by word, 20")
    rows = [*await desk.book.rows(unit_answers), *await desk.book.rows(audit), await desk.row(case_id)]
    assert b"Janssens" not in repr(rows).encode()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "number"),
        ({"officer": "x", "at": "2099-01-01T00:00:00Z"}, "at"),
        ({"number": NUMBER, "code": code_of("0190f7a1-0000-7000-8000-000000000001")}, "code"),
        ({"number": NUMBER, "code": "no code"}, "code"),
    ],
)
async def test_what_is_no_receipt_is_refused(desk: PoliceDesk, said: dict[str, Any], field: str) -> None:
    (case_id,) = await desk.case()
    with pytest.raises(BadInput) as refused:
        await receipt(desk.book.ctx, (await desk.row(case_id))["id"], ANNA, Receipt.model_validate(said))
    assert refused.value.field == field
    said_of = {"at": "later than now", "number": "Type the unit's number"}
    strange = "is about another referral" if "-" in str(said.get("code")) else "was heard wrongly"
    assert said_of.get(field, strange) in refused.value.message
    assert (await desk.row(case_id))["state"] == ReferralState.WAITING


async def test_a_number_that_stands_on_another_bundle_is_asked_about(desk: PoliceDesk) -> None:
    (first,) = await desk.case("https://a.test/1", reference="r-1")
    (second,) = await desk.case("https://a.test/2", reference="r-2")
    await typed(desk, first, number=NUMBER)
    with pytest.raises(BadInput, match=code_of((await desk.row(first))["id"])) as refused:
        await typed(desk, second, number=NUMBER)
    assert (refused.value.field, refused.value.reason) == ("number", "number_exists")
    assert (await typed(desk, second, number=NUMBER, shared=True)).receipt == NUMBER


async def test_a_bundle_that_is_answered_twice_keeps_its_first_receipt(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    for number in (NUMBER, "OTHER"):
        with pytest.raises(Conflict, match=f"has its receipt already: {NUMBER}") as refused:
            await typed(desk, case_id, number=number)
        assert refused.value.reason == "has_receipt"
    assert (await desk.row(case_id))["receipt"] == NUMBER


async def test_a_receipt_answers_the_question_whether_it_arrived(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    desk.book.later(hours=24)
    await desk.turn()
    case = await desk.book.case(case_id)
    assert (case["desk_code"], (await desk.row(case_id))["state"]) == (DeskCode.UNKNOWN, ReferralState.UNKNOWN)
    await typed(desk, case_id, number=NUMBER)
    case = await desk.book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    assert len(desk.unit.files) == 1


async def test_who_says_that_they_do_not_have_it_gets_it_anew(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    desk.book.later(hours=24)
    await desk.turn()
    for one in desk.unit.files:
        one.unlink()
    row = await desk.row(case_id)
    await referral_acts.retry(desk.book.ctx, row["id"], ANNA, "they do not have it")
    await desk.handed_over(case_id)
    assert set(desk.bundle().items) == {row["id"]}


async def test_while_its_receipt_is_waited_for_nobody_is_asked_why(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    for _ in range(5):
        desk.book.later(hours=4)
        await desk.turn()
        await desk.book.step(case_id)
    assert (await desk.book.case(case_id))["desk_code"] is None


async def test_before_a_receipt_nothing_else_is_typed(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    with pytest.raises(Conflict):
        await says(desk, case_id, "taken_up")


async def test_closed_on_their_word(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    await says(desk, case_id, "taken_up")
    await says(desk, case_id, "closed", outcome="removed")
    case = await desk.book.case(case_id)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)
    assert case["rests_on"] == f"federal-police says that it has ended it (number {NUMBER})."
    (done,) = await desk.book.rows(actions)
    assert (done["by"], done["action"]) == ("federal-police", "Removed")
    (view,) = await lists.views_of(desk.book.ctx, [await desk.row(case_id)])
    assert [one.answer for one in view.answers] == ["received", "taken_up", "closed"]


async def test_their_word_closes_nothing_that_another_partner_still_has(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    await case_acts.ask(desk.book.ctx, case_id, ANNA, "also there")
    await case_acts.refer(desk.book.ctx, case_id, ANNA, "also there", partner="hotline-nl")
    await desk.book.send("hotline-nl")
    await says(desk, case_id, "closed", outcome="removed")
    assert (await desk.book.case(case_id))["state"] != CaseState.CLOSED
    assert [(one["by"], one["action"]) for one in await desk.book.rows(actions)] == [("federal-police", "Removed")]


async def test_not_illegal_by_them_and_illegal_everywhere_by_us_is_a_disagreement(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    await says(desk, case_id, "closed", outcome="not_illegal")
    case = await desk.book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.DISAGREE)
    assert [row["action"] for row in await desk.book.rows(actions)] == ["NotIllegal"]


async def test_sent_elsewhere_is_a_bounce(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    await says(desk, case_id, "sent_elsewhere")
    case, row = await desk.book.case(case_id), await desk.row(case_id)
    assert (row["state"], case["state"]) == (ReferralState.REFUSED, CaseState.RECEIVED)  # to be decided anew
    assert row["misrouted_at"] is None  # the country was right


async def test_a_release_names_who_gave_it_and_asks_people_to_act_on_it(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    with pytest.raises(BadInput) as refused:
        await says(desk, case_id, "release")
    assert refused.value.field == "officer"
    await says(desk, case_id, "release", officer="Inspector Janssens")
    assert (await desk.book.case(case_id))["desk_code"] == DeskCode.RELEASED


async def test_until_the_day_they_name_nobody_is_reminded(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    with pytest.raises(BadInput):
        await says(desk, case_id, "hold_until")
    until = desk.book.clock.now() + timedelta(days=30)
    await says(desk, case_id, "hold_until", until=until.isoformat())
    (check,) = await desk.book.rows(follow_ups)
    assert check["due_at"] == round(until.timestamp() * 1_000_000)
    assert (await desk.book.case(case_id))["next_at"] == check["due_at"]


async def test_how_it_ended_must_be_said(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    for outcome in (None, "moved"):
        with pytest.raises(BadInput) as refused:
            await says(desk, case_id, "closed", **({} if outcome is None else {"outcome": outcome}))
        assert refused.value.field == "outcome"


async def test_what_is_said_of_a_closed_case_is_kept_and_changes_nothing(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await typed(desk, case_id, number=NUMBER)
    await case_acts.close(desk.book.ctx, case_id, ANNA, "over", outcome=Outcome.REMOVED)
    await says(desk, case_id, "sent_elsewhere")
    assert (await desk.book.case(case_id))["state"] == CaseState.CLOSED
    assert (await desk.row(case_id))["state"] == ReferralState.ACCEPTED


async def test_a_partner_that_answers_by_itself_has_no_receipt_typed(desk: PoliceDesk) -> None:
    desk.book.world.verdict = desk.book.world.verdict.model_copy(update={"country": "NL", "countries": ("NL",)})
    case_id = await desk.book.accepted()
    row = await desk.book.referral(case_id)
    with pytest.raises(Conflict):
        await receipt(desk.book.ctx, row["id"], ANNA, Receipt(number=NUMBER))


async def test_at_risk_a_folder_that_fails_has_people_call_and_what_they_type_goes_with_the_bundle(
    tmp_path: Path,
) -> None:
    async with police_desk(tmp_path) as desk:
        ways = [{"folder": str(desk.unit.inbox)}, {"telephone": "+32 2 000 00 00"}]
        desk.change(ways=ways)
        shutil.move(desk.unit.inbox, tmp_path / "away")
        (case_id,) = await desk.taken(urgency="imminent_risk")
        await desk.turn()
        row = await desk.row(case_id)
        assert row["state"] == ReferralState.WAITING
        assert "by telephone" in row["last_text"]
        view = await typed(desk, case_id, number=NUMBER)
        assert (view.state, view.receipt, view.telephone) == (ReferralState.WAITING, NUMBER, "+32 2 000 00 00")
        shutil.move(tmp_path / "away", desk.unit.inbox)
        for _ in range(4):
            desk.book.later(minutes=2)
            await desk.turn()
        after = await desk.row(case_id)
        assert (after["state"], after["receipt"]) == (ReferralState.ACCEPTED, NUMBER)
        assert "told" in desk.bundle().said


async def test_where_no_child_is_at_risk_people_hear_of_a_folder_only_when_it_takes_long(
    desk: PoliceDesk,
) -> None:
    shutil.rmtree(desk.unit.inbox)
    (case_id,) = await desk.taken()
    await desk.turn()
    assert (await desk.book.case(case_id))["desk_code"] is None
    assert (await desk.row(case_id))["state"] == ReferralState.WAITING


@pytest.mark.parametrize("asked", [True, False], ids=["asked for their word", "not asked"])
@pytest.mark.parametrize("said", ["taken_up", "hold_until", "release", "sent_elsewhere"])
async def test_what_joined_a_case_is_judged_whatever_they_say_in_that_moment(
    desk: PoliceDesk, said: str, asked: bool
) -> None:
    """A report of a child at risk joins, and before it is decided on somebody types what the unit said of the rest."""
    book = desk.book
    (case_id,) = await desk.case("https://forum.test/page")
    await typed(desk, case_id, number=NUMBER)
    if asked:
        await says(desk, case_id, "hold_until", until=(book.clock.now() + timedelta(days=1)).isoformat())
        book.later(days=1)
        assert (await book.step(case_id))["desk_code"] == DeskCode.HOLD_OVER
    assert await book.take("https://forum.test/page", "r-9", urgency="live") == case_id
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED
    until = {"until": (book.clock.now() + timedelta(days=9)).isoformat()} if said == "hold_until" else {}
    await says(desk, case_id, said, officer="Inspector Janssens", **until)
    case = await book.case(case_id)
    assert (case["state"], case["next_at"] <= book.ctx.now()) == (CaseState.RECEIVED, True)
    assert not is_asked(case, DeskCode.HOLD_OVER) or said in {"release", "sent_elsewhere"}
    for _ in range(2):
        if (await book.case(case_id))["state"] in TO_BE_DECIDED:
            await advance(book.ctx, await book.case(case_id))
    case = await book.case(case_id)
    assert is_asked(case, DeskCode.CHILD_AT_RISK, DeskCode.POLICE_HOLD)
    assert case["desk_alarm"] is not None
