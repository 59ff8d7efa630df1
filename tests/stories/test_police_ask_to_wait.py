"""The police ask that nobody be told before a day: until it nothing leaves or is looked up, and on it the desk asks.

What they ask is of one case. They themselves are told all the same; their release ends it at once.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.case.held_by_police import police_holds
from router.casework.desk import case_acts, referral_acts
from router.casework.desk.unit_acts import answer, receipt
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.errors import Conflict
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, follow_ups
from router.worker.sending import Sending
from router.worker.steps import advance
from schemas.acts import Answer, Receipt
from schemas.casefile import DeskCode, WaitCode
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome, UnitAnswer
from tests.casebook import ANNA
from tests.police_desk import PoliceDesk, police_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


async def held(desk: PoliceDesk, **until: float) -> tuple[str, datetime]:
    """A case that the police have, and of which they asked to tell nobody for so long."""
    (case_id,) = await desk.case()
    referral = (await desk.row(case_id))["id"]
    await receipt(desk.book.ctx, referral, ANNA, Receipt(number="FP/1"))
    day = desk.book.clock.now() + timedelta(**until)
    await says(desk, case_id, UnitAnswer.HOLD_UNTIL, until=day)
    return case_id, day


async def says(desk: PoliceDesk, case_id: str, said: UnitAnswer, **more: Any) -> None:
    await answer(desk.book.ctx, (await desk.row(case_id))["id"], ANNA, Answer(answer=said, **more))


async def also_there(desk: PoliceDesk, case_id: str) -> None:
    """Somebody wants another country to have it, too."""
    await case_acts.ask(desk.book.ctx, case_id, ANNA, "also there")
    await case_acts.refer(desk.book.ctx, case_id, ANNA, "also there", partner="hotline-nl")


async def dutch(desk: PoliceDesk, case_id: str) -> Row:
    (row,) = [one for one in await desk.book.referrals(case_id) if one["partner"] == "hotline-nl"]
    return row


async def work(desk: PoliceDesk, case_id: str) -> None:
    """Do what is due for a case, as the worker does."""
    await Sending(desk.book.ctx).turn()
    case = await desk.book.case(case_id)
    if case["next_at"] is not None and case["next_at"] <= desk.book.ctx.now():
        await advance(desk.book.ctx, case)


async def test_what_has_not_left_waits_and_says_why(desk: PoliceDesk) -> None:
    case_id, day = await held(desk, days=10)
    await also_there(desk, case_id)
    for _ in range(4):
        await work(desk, case_id)
        desk.book.later(hours=12)
    assert desk.book.partner.calls == [], "nothing was sent"
    row = await dutch(desk, case_id)
    assert (row["state"], row["next_at"]) == (ReferralState.WAITING, round(day.timestamp() * 1_000_000))
    shown = await lists.referral(desk.book.ctx, row["id"])
    assert shown.waits is not None
    assert (shown.waits.code, shown.waits.until) == (WaitCode.POLICE_HOLD, day)
    assert f"before {day:%Y-%m-%d}" in shown.waits.text
    assert shown.attempts == (), "it is counted against nobody"


async def test_what_was_to_be_sent_already_does_not_leave_any_more(desk: PoliceDesk) -> None:
    """The police's word comes while a copy waits for its turn, or for its next try."""
    (case_id,) = await desk.case()
    await receipt(desk.book.ctx, (await desk.row(case_id))["id"], ANNA, Receipt(number="FP/1"))
    await also_there(desk, case_id)
    await says(desk, case_id, UnitAnswer.HOLD_UNTIL, until=desk.book.clock.now() + timedelta(days=3))
    await referral_acts.retry(desk.book.ctx, (await dutch(desk, case_id))["id"], ANNA, "now please")
    await work(desk, case_id)
    assert desk.book.partner.calls == []


async def test_nothing_is_looked_up_meanwhile(desk: PoliceDesk) -> None:
    case_id, day = await held(desk, days=30)
    traced = len(desk.book.world.asked)
    with pytest.raises(Conflict, match="nobody be told before") as refused:
        await case_acts.retrace(desk.book.ctx, case_id, ANNA, "where is it now")
    assert refused.value.reason == "police_hold"
    for _ in range(20):
        desk.book.later(days=1)
        await work(desk, case_id)
    assert len(desk.book.world.asked) == traced
    (check,) = await desk.book.rows(follow_ups)
    assert (check["due_at"], check["done_at"]) == (round(day.timestamp() * 1_000_000), None)


async def test_a_case_that_is_to_be_traced_anew_waits_for_the_day(desk: PoliceDesk) -> None:
    """What joins it has it judged anew, which asks its name servers."""
    case_id, day = await held(desk, days=5)
    case, traced = await desk.book.case(case_id), len(desk.book.world.asked)
    anew = Change(
        cases, {"id": case_id}, {"state": CaseState.RECEIVED, "next_at": desk.book.ctx.now()}, case["version"]
    )
    await desk.book.ctx.store.commit(Transition(desk.book.ctx.now(), (anew,)))
    await work(desk, case_id)
    assert len(desk.book.world.asked) == traced
    assert (await desk.book.case(case_id))["next_at"] == round(day.timestamp() * 1_000_000)


async def test_the_desk_and_the_case_say_so(desk: PoliceDesk) -> None:
    case_id, day = await held(desk, days=5)
    file = await case_file(desk.book.ctx, case_id)
    assert file.police_hold is not None
    assert (file.police_hold.partner, file.police_hold.until) == ("federal-police", day)
    await case_acts.ask(desk.book.ctx, case_id, ANNA, "look at it")
    (entry,) = (await lists.desk(desk.book.ctx)).items
    assert entry.police_hold == file.police_hold
    desk.book.later(days=6)
    assert (await case_file(desk.book.ctx, case_id)).police_hold is None


async def test_on_the_day_the_desk_asks_them_again_before_anything_is_looked_up(desk: PoliceDesk) -> None:
    case_id, _ = await held(desk, days=2)
    traced = len(desk.book.world.asked)
    desk.book.later(days=2, minutes=1)
    await work(desk, case_id)
    case = await desk.book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.HOLD_OVER)
    assert "ask whether others may be told now" in case["desk_text"]
    assert len(desk.book.world.asked) == traced
    later = desk.book.clock.now() + timedelta(days=9)
    await says(desk, case_id, UnitAnswer.HOLD_UNTIL, until=later)  # a longer one: it begins anew
    case = await desk.book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    assert case["next_at"] == round(later.timestamp() * 1_000_000)
    desk.book.later(days=9, minutes=1)
    await work(desk, case_id)
    assert (await desk.book.case(case_id))["desk_code"] == DeskCode.HOLD_OVER
    desk.book.later(days=1, minutes=1)
    await work(desk, case_id)
    assert len(desk.book.world.asked) > traced, "the day after it is looked at"


async def test_on_the_day_what_waited_leaves(desk: PoliceDesk) -> None:
    case_id, _ = await held(desk, days=2)
    await also_there(desk, case_id)
    await work(desk, case_id)
    desk.book.later(days=2, minutes=1)
    await Sending(desk.book.ctx).turn()
    assert (await dutch(desk, case_id))["state"] == ReferralState.ACCEPTED


async def test_please_ask_the_host_yourselves_ends_it(desk: PoliceDesk) -> None:
    case_id, _ = await held(desk, days=30)
    await also_there(desk, case_id)
    await work(desk, case_id)
    assert (await dutch(desk, case_id))["state"] == ReferralState.WAITING
    await says(desk, case_id, UnitAnswer.RELEASE, officer="Inspector Janssens")
    assert await police_holds(desk.book.ctx, [case_id]) == {}
    await Sending(desk.book.ctx).turn()
    assert (await dutch(desk, case_id))["state"] == ReferralState.ACCEPTED
    (check,) = await desk.book.rows(follow_ups)
    assert check["due_at"] == round((desk.book.clock.now() + timedelta(days=5)).timestamp() * 1_000_000)
    assert (await desk.book.case(case_id))["next_at"] <= check["due_at"], "it is looked at as if they had not asked"


async def test_the_last_word_counts_and_another_case_is_not_held(desk: PoliceDesk) -> None:
    case_id, _ = await held(desk, days=30)
    (other,) = await desk.case("https://b.test/1", reference="r-2")
    sooner = desk.book.clock.now() + timedelta(days=3)
    desk.book.later(minutes=1)
    await says(desk, case_id, UnitAnswer.HOLD_UNTIL, until=sooner)
    desk.book.later(minutes=1)
    await says(desk, case_id, UnitAnswer.TAKEN_UP)
    found = await police_holds(desk.book.ctx, [case_id, other])
    assert {one: hold.view().until for one, hold in found.items()} == {case_id: sooner}
    await says(desk, case_id, UnitAnswer.CLOSED, outcome=Outcome.REMOVED)
    assert await police_holds(desk.book.ctx, [case_id]) == {}


async def test_they_themselves_are_told_all_the_same(desk: PoliceDesk) -> None:
    first, second = await desk.case("https://a.test/1", "https://a.test/2")
    row = await desk.row(first)
    await receipt(desk.book.ctx, row["id"], ANNA, Receipt(number="FP/1", only=True))
    until = desk.book.clock.now() + timedelta(days=3)
    await answer(desk.book.ctx, row["id"], ANNA, Answer(answer=UnitAnswer.HOLD_UNTIL, until=until, only=True))
    desk.unit.put_away()
    await referral_acts.recall(desk.book.ctx, row["id"], ANNA, "sent by mistake")
    await case_acts.refer(desk.book.ctx, first, ANNA, "send it again", partner="federal-police")
    for _ in range(5):
        await Sending(desk.book.ctx).turn()
        desk.book.later(minutes=1)
    assert len(desk.unit.files) == 1
    assert await desk.row(second)
