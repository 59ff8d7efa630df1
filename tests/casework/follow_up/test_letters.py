"""What a unit writes without a signature is no act: it is shown to people, once, beside what they can do about it."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.alarm.house import is_over_now, look_after
from router.casework.desk.letter_read import letter_read
from router.casework.desk.unit_acts import answer, receipt
from router.casework.follow_up import letters
from router.casework.read import lists
from router.casework.read.letters import letters as shown
from router.errors import Conflict
from router.store.schema.tables import alarms, unit_letters
from schemas.acts import Answer, Receipt
from schemas.alarm import HouseCode
from schemas.casefile import DeskCode
from schemas.reply_code import code_of
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import UnitAnswer
from tests.casebook import ANNA
from tests.police_desk import PoliceDesk, police_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


async def writes(desk: PoliceDesk, case_id: str, number: str, **more: Any) -> None:
    """The unit writes a line about a case at this moment, and the router keeps its books."""
    path = desk.unit.answer({code_of((await desk.row(case_id))["id"]): number}, **more)
    now = desk.book.clock.now().timestamp()
    os.utime(path, (now, now))
    await letters.tell(desk.book.ctx)


async def asked(desk: PoliceDesk, case_id: str) -> str | None:
    code: str | None = (await desk.book.case(case_id))["desk_code"]
    return code


async def test_an_unsigned_letter_is_no_receipt_and_comes_to_the_desk_once(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await writes(desk, case_id, "FP/1", signed=False)
    await desk.turn()
    row, case = await desk.row(case_id), await desk.book.case(case_id)
    assert (row["state"], row["receipt"], case["desk_code"]) == (ReferralState.WAITING, None, DeskCode.LETTER)
    assert "nothing proves that it was them" in case["desk_text"]
    (entry,) = (await lists.desk(desk.book.ctx)).items
    assert entry.case == case_id
    version = case["version"]
    for _ in range(3):
        await letters.tell(desk.book.ctx)
    assert (await desk.book.case(case_id))["version"] == version
    await receipt(desk.book.ctx, row["id"], ANNA, Receipt(number="FP/1"))
    case = await desk.book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    await letters.tell(desk.book.ctx)
    assert await asked(desk, case_id) is None


@pytest.mark.parametrize("said", [UnitAnswer.RECEIVED, UnitAnswer.TAKEN_UP])
async def test_what_they_write_afterwards_waits_until_somebody_typed_what_it_says(
    desk: PoliceDesk, said: UnitAnswer
) -> None:
    (case_id,) = await desk.case()
    referral = (await desk.row(case_id))["id"]
    await receipt(desk.book.ctx, referral, ANNA, Receipt(number="FP/1"))
    before = (await desk.book.case(case_id))["next_at"]
    await writes(desk, case_id, "we took it up", signed=False)
    assert await asked(desk, case_id) == DeskCode.LETTER
    await answer(desk.book.ctx, referral, ANNA, Answer(answer=said))
    case = await desk.book.case(case_id)
    assert (case["state"], case["desk_code"], case["next_at"]) == (CaseState.REFERRED, None, before)


async def test_a_signed_one_is_taken_for_the_receipt_and_asks_nobody_but_the_next_one_does(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await writes(desk, case_id, "FP/1")
    assert await desk.book.rows(unit_letters) == [], "it is still to be taken for the receipt"
    desk.book.later(minutes=2)
    await desk.turn()
    assert (await desk.row(case_id))["receipt"] == "FP/1"
    await letters.tell(desk.book.ctx)
    assert await asked(desk, case_id) is None
    assert len(await desk.book.rows(unit_letters)) == 1
    desk.book.later(minutes=2)
    await writes(desk, case_id, "FP/1", text="please hold it\r\n")
    assert await asked(desk, case_id) == DeskCode.LETTER
    assert "nothing proves" not in (await desk.book.case(case_id))["desk_text"]


async def test_a_letter_that_names_nothing_of_ours_is_shown_and_moves_no_case(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    strange = code_of("0190f7a1-0000-7000-8000-000000000001")
    desk.unit.answer({strange: "1"}, text="About which case is this?\r\n", signed=False)
    await letters.tell(desk.book.ctx)
    assert await asked(desk, case_id) is None
    (one,) = await shown(desk.book.ctx)
    assert one.text.startswith("About which case is this?")
    assert (one.cases, one.numbers, one.is_signed) == ((), {}, False)


async def test_one_unit_s_letter_moves_no_case_of_another(desk: PoliceDesk) -> None:
    desk.book.world.verdict = desk.book.world.verdict.model_copy(update={"country": "NL", "countries": ("NL",)})
    other = await desk.book.accepted()
    row = await desk.book.referral(other)
    desk.unit.answer({code_of(row["id"]): "1"}, signed=False)
    await letters.tell(desk.book.ctx)
    assert await asked(desk, other) is None


async def test_of_a_closed_case_nobody_is_asked(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    referral = (await desk.row(case_id))["id"]
    await receipt(desk.book.ctx, referral, ANNA, Receipt(number="FP/1"))
    closes = {"answer": "closed", "outcome": "removed"}
    await answer(desk.book.ctx, referral, ANNA, Answer.model_validate(closes, strict=False))
    await writes(desk, case_id, "thank you", signed=False)
    assert (await desk.book.case(case_id))["state"] == CaseState.CLOSED
    assert len(await desk.book.rows(unit_letters)) == 1


async def test_what_is_still_to_be_decided_is_asked_about_afterwards(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    referral = (await desk.row(case_id))["id"]
    await receipt(desk.book.ctx, referral, ANNA, Receipt(number="FP/1"))
    await answer(desk.book.ctx, referral, ANNA, Answer(answer=UnitAnswer.SENT_ELSEWHERE))
    await writes(desk, case_id, "the unit of Ghent has it", signed=False)
    assert await desk.book.rows(unit_letters) == []
    await desk.book.step(case_id, 2)
    await letters.tell(desk.book.ctx)
    assert len(await desk.book.rows(unit_letters)) == 1


async def test_a_folder_that_is_gone_or_a_unit_that_is_disabled_costs_nothing(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    desk.change(answers="/nonexistent-folder")
    await letters.tell(desk.book.ctx)
    desk.change(certificate="no certificate", answers=str(desk.unit.answers))
    await writes(desk, case_id, "1", signed=False)
    assert await asked(desk, case_id) is None
    desk.book.clock.advance(timedelta(minutes=1))


@pytest.mark.parametrize("how", ["read", "taken away"])
async def test_one_that_names_no_case_rings_for_the_house_until_somebody_has_read_it(
    desk: PoliceDesk, how: str
) -> None:
    ctx = desk.book.ctx
    strange = "0190f7a1-0000-7000-8000-000000000001"
    (desk.unit.answers / "1.txt").write_text("about the page you sent us on Monday")
    (desk.unit.answers / "2.txt").write_text(f"{code_of(strange)} FP/3")
    for _ in range(2):
        await letters.tell(ctx)
        await look_after(ctx)
    (alarm,) = await desk.book.rows(alarms)
    assert (alarm["code"], alarm["count"], await is_over_now(ctx, alarm)) == (HouseCode.LETTER, 2, False)
    first, second = await shown(ctx)
    assert first.unread
    assert second.unread
    for one in (first, second):
        if how == "read":
            await letter_read(ctx, one.id, ANNA)
        else:
            next(path for path in desk.unit.answers.iterdir() if path.suffix == ".txt").unlink()
    await letters.tell(ctx)
    assert await is_over_now(ctx, alarm)
    assert not any(one.unread for one in await shown(ctx))
    await look_after(ctx)
    assert len(await desk.book.rows(alarms)) == 1


async def test_one_that_names_a_case_waits_on_the_desk_and_not_here(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case()
    await writes(desk, case_id, "FP/1", signed=False)
    await look_after(desk.book.ctx)
    assert await desk.book.rows(alarms) == []
    (one,) = await shown(desk.book.ctx)
    assert not one.unread
    with pytest.raises(Conflict, match="on the desk"):
        await letter_read(desk.book.ctx, one.id, ANNA)
