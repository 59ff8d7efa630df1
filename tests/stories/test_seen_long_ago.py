"""What was last seen there long ago is looked at before it leaves; a child at risk waits for no look."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.desk import look as looks
from router.casework.read import lists
from router.data.policies import BELGIAN_PROTOCOL
from router.policy.load import load
from schemas.acts import Finding
from schemas.casefile import DeskCode
from schemas.states import CaseState
from tests.casebook import ANNA, Casebook, casebook
from tests.office import START


def seen(hours: float, by: str = "anna") -> dict[str, object]:
    return {"last_seen": {"by": by, "at": (START - timedelta(hours=hours)).isoformat()}}


@pytest.fixture
async def belgian(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as book:
        book.rules.policy_ = load(BELGIAN_PROTOCOL.read_text(encoding="utf-8"))
        yield book


@pytest.mark.parametrize(("hours", "leaves"), [(0, True), (47.9, True), (48.1, False), (5000, False)])
async def test_after_two_days_somebody_looks_first(belgian: Casebook, hours: float, leaves: bool) -> None:
    case_id = await belgian.decided(item=seen(hours))
    case = await belgian.case(case_id)
    assert bool(await belgian.referrals(case_id)) is leaves
    assert case["desk_code"] == (None if leaves else DeskCode.SEEN_LONG_AGO)


async def test_what_nobody_says_was_seen_leaves(belgian: Casebook) -> None:
    assert await belgian.referrals(await belgian.decided())


async def test_a_look_that_finds_it_sends_it_and_one_that_does_not_closes_it(belgian: Casebook) -> None:
    there, gone = [await belgian.decided(f"https://example.test/{n}", f"r-{n}", item=seen(72)) for n in range(2)]
    assert {entry.code for entry in (await lists.desk(belgian.ctx)).items} == {DeskCode.SEEN_LONG_AGO}
    await looks.look(belgian.ctx, there, ANNA, "I saw it", finding=Finding.STILL_THERE)
    await looks.look(belgian.ctx, gone, ANNA, "it is gone", finding=Finding.GONE)
    await belgian.step(there, 2)
    case = await belgian.case(there)
    assert (case["state"], case["desk_code"], case["last_seen_at"]) == (CaseState.REFERRED, None, belgian.ctx.now())
    assert [row["partner"] for row in await belgian.referrals(there)] == ["hotline-nl"]
    assert (await belgian.case(gone))["state"] == CaseState.CLOSED


async def test_a_report_that_saw_it_today_answers_for_people(belgian: Casebook) -> None:
    case_id = await belgian.decided(item=seen(72))
    await belgian.take(reference="r-2", item=seen(1))
    await belgian.step(case_id, 2)
    assert (await belgian.case(case_id))["desk_code"] is None
    assert await belgian.referrals(case_id)


async def test_that_it_was_seen_again_disturbs_nobody_who_has_it(belgian: Casebook) -> None:
    case_id = await belgian.decided(item=seen(1))
    before = await belgian.case(case_id)
    await belgian.take(reference="r-2", item=seen(0))
    after = await belgian.case(case_id)
    assert (after["state"], after["version"]) == (before["state"], before["version"])
    assert after["last_seen_at"] > before["last_seen_at"]


async def test_at_risk_it_leaves_whenever_it_was_seen(belgian: Casebook) -> None:
    case_id = await belgian.decided(item=seen(500), urgency="live")
    assert (await belgian.case(case_id))["desk_code"] == DeskCode.CHILD_AT_RISK
    assert [row["partner"] for row in await belgian.referrals(case_id)] == ["federal-police"]
