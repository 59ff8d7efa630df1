"""A partner's standing between calls: spent before a claim, told how the calls went, fenced against other workers."""

import json

import pytest

from router.casework.deliver.partner_state import Standing, spent, standing, tried
from router.delivery.lanes import Grant
from router.delivery.partner_state import Breaker, PartnerState
from router.errors import Conflict
from router.partners.base import Accepted, Deferred, Outcome, Reason
from router.store.schema.tables import audit, partner_state
from schemas.partner import Pace
from tests.casebook import Casebook

PACE = Pace(per_second=1, burst=10)
GRANT = Grant(normal=3, calls=2)
AWAY: list[list[Outcome]] = [[Deferred(Reason.UNREACHABLE, "no")]] * 20


async def spend(book: Casebook, known: Standing, pace: Pace, grant: Grant) -> Standing:
    transition, after = spent(book.ctx, known, pace, grant)
    await book.ctx.store.commit(transition)
    return after


async def test_a_partner_never_called_stands_well(book: Casebook) -> None:
    known = await standing(book.ctx, "hotline-nl")
    assert (known.name, known.version, known.state) == ("hotline-nl", None, PartnerState())


async def test_what_is_spent_is_written_as_it_stands_then(book: Casebook) -> None:
    known = await spend(book, await standing(book.ctx, "hotline-nl"), PACE, GRANT)
    assert known.version == 1
    assert await standing(book.ctx, "hotline-nl") == known
    again = await spend(book, known, PACE, GRANT)
    assert (again.version, again.state.sent_today) == (2, 6)


async def test_two_workers_never_spend_the_same(book: Casebook) -> None:
    new = await standing(book.ctx, "hotline-nl")
    known = await spend(book, new, PACE, GRANT)
    with pytest.raises(Conflict):
        await spend(book, new, PACE, GRANT)
    await spend(book, known, PACE, GRANT)
    with pytest.raises(Conflict):
        await spend(book, known, PACE, GRANT)
    assert (await standing(book.ctx, "hotline-nl")).state.sent_today == 6


async def test_no_call_changes_nothing(book: Casebook) -> None:
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [])
    assert await book.rows(partner_state) == []


async def test_calls_that_fail_open_the_breaker_and_the_audit_says_so(book: Casebook) -> None:
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), AWAY)
    known = await standing(book.ctx, "hotline-nl")
    assert known.state.breaker is Breaker.OPEN
    (event,) = [row for row in await book.rows(audit) if row["act"].startswith("partner.breaker")]
    assert (event["act"], json.loads(event["detail"])) == ("partner.breaker_open", {"partner": "hotline-nl"})


async def test_one_that_is_back_is_said_to_be_back(book: Casebook) -> None:
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), AWAY)
    book.later(days=1)
    down = await standing(book.ctx, "hotline-nl")
    probing = await spend(book, down, PACE, Grant(normal=1, calls=1, probe=True))
    for _ in range(30):
        await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [[Accepted("r")]])
    assert probing.state.breaker is Breaker.HALF_OPEN
    assert (await standing(book.ctx, "hotline-nl")).state.breaker is Breaker.CLOSED
    acts = [row["act"] for row in await book.rows(audit) if row["act"].startswith("partner.")]
    assert acts[:2] == ["partner.breaker_open", "partner.breaker_half_open"]


async def test_how_calls_went_is_written_although_the_row_moved_on_meanwhile(book: Casebook) -> None:
    stale = await spend(book, await standing(book.ctx, "hotline-nl"), PACE, GRANT)
    await spend(book, stale, PACE, GRANT)
    await tried(book.ctx, stale, AWAY)
    known = await standing(book.ctx, "hotline-nl")
    assert (known.state.breaker, known.state.sent_today) == (Breaker.OPEN, 6)


async def test_partners_stand_each_for_themselves(book: Casebook) -> None:
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), AWAY)
    assert (await standing(book.ctx, "hotline-ca")).state.breaker is Breaker.CLOSED


async def test_how_far_its_clock_is_from_ours_is_kept_and_hardly_ever_written_again(book: Casebook) -> None:
    for said, kept in ((None, None), (180, 180), (183, 180), (186, 186), (0, 0)):
        await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [], said)
        assert (await standing(book.ctx, "hotline-nl")).state.clock_ahead == kept
    assert (await standing(book.ctx, "hotline-nl")).version == 3
