"""Hosted in Belgium: the police get a bundle, give it a number, and close it on their word; and nothing else leaves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.alarm.certificates import ending_soon
from router.casework.desk.unit_acts import answer, receipt
from router.casework.read.case_file import case_file
from router.partners.base import Reason
from schemas.acts import Answer, Receipt
from schemas.reply_code import referral_of
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome, UnitAnswer
from tests.casebook import ANNA
from tests.police_desk import PoliceDesk, police_desk

CANARY = "canary9d1e"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


async def test_a_page_and_its_file_are_handed_over_numbered_and_closed(desk: PoliceDesk) -> None:
    page, file = await desk.case("https://forum.test/thread", "https://forum.test/image.jpg")
    bundle = desk.bundle()  # opened with `openssl` and the unit's own key
    assert len(bundle.items) == 2
    assert bundle.said["asked"] == "take_over"
    code = next(item["reply_code"] for item in bundle.items.values())
    named = referral_of(code)
    assert named is not None
    await receipt(desk.book.ctx, named, ANNA, Receipt(number="FP/2026/0001", code=code, whole=True))
    assert {(await desk.row(one))["receipt"] for one in (page, file)} == {"FP/2026/0001"}
    said = Answer(answer=UnitAnswer.CLOSED, outcome=Outcome.REMOVED, code=code, whole=True)
    await answer(desk.book.ctx, named, ANNA, said)
    for one in (page, file):
        case = await desk.book.case(one)
        assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)
        shown = await case_file(desk.book.ctx, one)
        assert [said.answer for said in shown.referrals[0].answers] == ["received", "closed"]


async def test_nothing_of_the_reporter_the_memo_or_another_case_leaves(desk: PoliceDesk) -> None:
    other = f"https://{CANARY}-other.test/"
    await desk.taken(other, reference="r-2", memo=f"{CANARY}-memo of another")
    item = {
        "ways_in": {"login": {"username": f"{CANARY}-user", "password": f"{CANARY}-password"}},
        "account": {"platform": "chat", "handle": f"{CANARY}-victim", "role": "victim", "country": "BE"},
    }
    case_id = await desk.book.decided(
        f"https://forum.test/{CANARY}-own", reference="r-3", memo=f"{CANARY}-memo", item=item
    )
    await desk.handed_over(case_id)
    raw = b"".join(path.read_bytes() for path in desk.unit.inbox.iterdir())
    names = " ".join(path.name for path in desk.unit.inbox.iterdir())
    assert CANARY.encode() not in raw
    assert CANARY not in names
    (mine,) = [one for one in desk.unit.bundles() if f"{CANARY}-own" in one.page]
    told = b"".join(mine.files.values()).decode()
    for secret in ("memo", "user", "password", "victim", "other"):
        assert f"{CANARY}-{secret}" not in told, secret
    assert "anna" not in told.lower(), "who assessed it is a role"


async def test_a_key_that_has_ended_stops_the_hand_over_and_rings_before(desk: PoliceDesk) -> None:
    desk.book.later(days=365 - 30)
    assert await ending_soon(desk.book.ctx) == ["federal-police"]
    desk.book.later(days=31)
    assert await ending_soon(desk.book.ctx) == ["federal-police"]
    (case_id,) = await desk.taken()
    await desk.turn()
    row = await desk.row(case_id)
    assert (row["state"], row["last_reason"]) == (ReferralState.WAITING, Reason.MISCONFIGURED)
    assert desk.unit.files == []
    assert "nothing is sent until" in row["last_text"]


async def test_without_a_number_the_desk_hears_of_it_and_at_risk_within_a_quarter(desk: PoliceDesk) -> None:
    (calm,) = await desk.case("https://a.test/1", reference="r-1")
    (risky,) = await desk.case("https://a.test/2", reference="r-2", urgency="imminent_risk")
    desk.book.clock.advance(timedelta(minutes=16))
    await desk.turn()
    assert (await desk.row(risky))["state"] == ReferralState.UNKNOWN
    assert (await desk.row(calm))["state"] == ReferralState.WAITING
    desk.book.later(hours=24)
    await desk.turn()
    assert (await desk.row(calm))["state"] == ReferralState.UNKNOWN
    assert (await desk.book.case(calm))["state"] == CaseState.DESK
