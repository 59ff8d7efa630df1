"""Of a bundle of several items it is said what a unit's word is about, before anything is confirmed or closed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from router.casework.desk.bundled import bundle_of
from router.casework.desk.unit_acts import answer, receipt
from router.errors import BadInput, Conflict
from schemas.acts import Answer, Receipt
from schemas.reply_code import code_of
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome, UnitAnswer
from tests.casebook import ANNA
from tests.police_desk import PoliceDesk, police_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


async def three(desk: PoliceDesk) -> list[str]:
    """The referrals of one bundle."""
    found = await desk.case("https://a.test/1", "https://a.test/2", "https://a.test/3")
    return [(await desk.row(one))["id"] for one in found]


async def typed(desk: PoliceDesk, referral: str, **said: Any) -> Any:
    return await receipt(desk.book.ctx, referral, ANNA, Receipt.model_validate({"number": "FP/1"} | said))


async def states(desk: PoliceDesk, referrals: list[str]) -> list[str | None]:
    return [one.receipt for id_ in referrals for one in (await bundle_of(desk.book.ctx, id_))[:1]]


async def test_what_would_be_confirmed_is_named_before_it_is(desk: PoliceDesk) -> None:
    referrals = await three(desk)
    with pytest.raises(BadInput, match="holds 3 items") as refused:
        await typed(desk, referrals[0])
    assert (refused.value.field, refused.value.reason) == ("whole", "several_items")
    assert all(code_of(one) in refused.value.message for one in referrals)
    assert await states(desk, referrals) == [None, None, None]


@pytest.mark.parametrize(
    ("said", "confirmed"),
    [({"whole": True}, {0, 1, 2}), ({"only": True}, {0}), ({"items": (1, 2)}, {1, 2}), ({"items": (0,)}, {0})],
)
async def test_those_that_are_meant_are_confirmed_and_no_other(
    desk: PoliceDesk, said: dict[str, Any], confirmed: set[int]
) -> None:
    referrals = await three(desk)
    if "items" in said:
        said = {"items": tuple(code_of(referrals[one]).lower() for one in said["items"])}
    await typed(desk, referrals[0], **said)
    assert [one is not None for one in await states(desk, referrals)] == [one in confirmed for one in range(3)]


async def test_what_is_left_of_a_bundle_is_confirmed_as_it_is_named(desk: PoliceDesk) -> None:
    referrals = await three(desk)
    await typed(desk, referrals[0], only=True)
    with pytest.raises(BadInput, match="holds 2 items"):
        await typed(desk, referrals[1], number="FP/2")
    with pytest.raises(Conflict, match="already: FP/1") as refused:
        await typed(desk, referrals[1], number="FP/2", items=(referrals[0], referrals[1]))
    assert refused.value.reason == "has_receipt"
    assert await states(desk, referrals) == ["FP/1", None, None], "refused whole"
    await typed(desk, referrals[1], number="FP/2", items=(referrals[1],))
    await typed(desk, referrals[2], number="FP/2")  # the last one: nothing else can be meant
    assert await states(desk, referrals) == ["FP/1", "FP/2", "FP/2"]


async def test_what_is_not_in_the_bundle_is_named(desk: PoliceDesk) -> None:
    referrals = await three(desk)
    (other,) = await desk.case("https://b.test/1", reference="r-2")
    strange = code_of((await desk.row(other))["id"])
    with pytest.raises(BadInput, match=f"{strange} is not in this bundle") as refused:
        await typed(desk, referrals[0], items=(code_of(referrals[0]), strange))
    assert refused.value.field == "items"
    with pytest.raises(BadInput, match="Say one of"):
        await typed(desk, referrals[0], whole=True, only=True)
    assert await states(desk, referrals) == [None, None, None]


async def test_an_answer_closes_those_cases_that_are_meant(desk: PoliceDesk) -> None:
    referrals = await three(desk)
    await typed(desk, referrals[0], items=tuple(referrals[:2]))
    closes = {"answer": UnitAnswer.CLOSED, "outcome": Outcome.REMOVED}
    with pytest.raises(BadInput, match="holds 2 items"):
        await answer(desk.book.ctx, referrals[0], ANNA, Answer.model_validate(closes))
    with pytest.raises(Conflict, match="type its receipt first"):
        await answer(desk.book.ctx, referrals[0], ANNA, Answer.model_validate(closes | {"items": tuple(referrals)}))
    await answer(desk.book.ctx, referrals[0], ANNA, Answer.model_validate(closes | {"only": True}))
    cases = [(await desk.book.case(one.case))["state"] for one in await bundle_of(desk.book.ctx, referrals[0])]
    assert cases.count(CaseState.CLOSED) == 1


async def test_a_bundle_is_shown_with_itself_first(desk: PoliceDesk) -> None:
    referrals = await three(desk)
    found = await bundle_of(desk.book.ctx, referrals[1])
    assert found[0].id == referrals[1]
    assert {one.id for one in found} == set(referrals)
    assert {one.state for one in found} == {ReferralState.WAITING}
