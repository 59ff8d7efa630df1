"""A case that comes back is decided anew once; the second time people decide."""

import pytest

from router.casework.deliver import sent_back
from router.store.base import Row, with_beside
from router.store.schema.tables import alarms, cases, referrals
from schemas.alarm import HouseCode
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from tests.casebook import Casebook

STANDING = [{"id": "a", "last_reason": None}, {"id": "b", "last_reason": "refused"}]


@pytest.mark.parametrize(
    ("standing", "returned", "people"),
    [
        ([], [], False),
        (STANDING[:1], ["a"], False),
        (STANDING, ["a"], True),
        (STANDING, ["b"], False),  # what is being recorded was not before
    ],
)
def test_people_decide_when_it_had_been_sent_back_before(
    standing: list[Row], returned: list[str], people: bool
) -> None:
    assert sent_back.is_for_people(standing, returned) is people


async def test_the_first_time_it_is_traced_and_decided_anew(book: Casebook) -> None:
    case_id = await book.accepted()
    case, row = await book.case(case_id), await book.referral(case_id)
    one, other = sent_back.follow(case, [row], row, book.ctx.now())
    assert (one.table, one.values["state"], one.values["misrouted_at"]) == (referrals, ReferralState.REFUSED, None)
    assert (other.table, other.values["state"]) == (cases, CaseState.RECEIVED)


async def test_the_second_time_people_are_asked(book: Casebook) -> None:
    case_id = await book.accepted()
    case, row = await book.case(case_id), await book.referral(case_id)
    _, other = sent_back.follow(case, [row, STANDING[1]], row, book.ctx.now())
    assert other.values["desk_code"] == DeskCode.BOUNCED


async def test_since_when_it_counts_as_misrouted_stays(book: Casebook) -> None:
    row = await book.referral(await book.accepted())
    assert sent_back.bounced(row, 7).values["misrouted_at"] == 7
    assert sent_back.bounced(row | {"misrouted_at": 5}, 7).values["misrouted_at"] == 5


async def test_whoever_leads_the_desk_is_told_once_for_any_number(book: Casebook) -> None:
    for _ in range(2):
        await book.ctx.store.commit(await sent_back.told(book.ctx))
    assert [row["code"] for row in await book.rows(alarms)] == [HouseCode.MISROUTED]
    beside = with_beside(await sent_back.told(book.ctx), await sent_back.told(book.ctx))
    assert beside.adds == ()
