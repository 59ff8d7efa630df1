"""The silent trace: by name servers only, on the policy's days, and nothing follows from it but what is known."""

from datetime import timedelta
from typing import Any

import pytest

from router.casework.desk import case_acts
from router.casework.follow_up import silent
from router.store.base import Row
from router.store.schema.figures import figure_cases
from router.store.schema.tables import silent_traces, traces
from schemas.states import CaseState
from schemas.trace import DnsOutcome, OnlineMode, Verdict, VerdictKind
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook
from tests.embargoes import embargo

DAY = 86_400_000_000
GONE: dict[str, Any] = {"outcome": DnsOutcome.NXDOMAIN, "gone": True}


async def known(book: Casebook) -> list[Row]:
    return await book.rows(silent_traces)


async def test_on_days_1_3_7_14_and_28_and_never_again(book: Casebook) -> None:
    case_id = await book.accepted()
    since, looked = (await book.referral(case_id))["accepted_at"], []
    for day in range(1, 32):
        book.later(days=1)
        if await silent.look_up(book.ctx):
            looked.append(day)
    assert looked == [1, 3, 7, 14, 28]
    assert await known(book) == []
    assert [row["traced_at"] - since for row in await book.rows(traces)][1:] == [day * DAY for day in looked]


async def test_it_asks_name_servers_only_and_tells_nobody(book: Casebook) -> None:
    case_id = await book.accepted()
    before = await book.case(case_id)
    book.later(days=1)
    await silent.look_up(book.ctx)
    assert [online for _, online, _ in book.world.asked][-1] is OnlineMode.NEVER
    assert book.partner.asked == []
    assert await book.case(case_id) == before, "the case is as it was: nobody who acts on it is disturbed"


async def test_what_is_gone_counts_beside_the_checks_and_closes_nothing(book: Casebook) -> None:
    case_id = await book.accepted()
    book.world.verdict, book.world.known = Verdict(kind=VerdictKind.UNRESOLVED), GONE
    for days in (1, 2, 4, 7):
        book.later(days=days)
        await silent.look_up(book.ctx)
    case = await book.case(case_id)
    assert (case["state"], case["gone_checks"]) == (CaseState.REFERRED, 4)
    assert (await book.step(case_id))["state"] == CaseState.CLOSED, "the check sees that it was gone often enough"


async def test_what_is_there_begins_the_count_anew(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(days=1)
    book.world.known = GONE
    await silent.look_up(book.ctx)
    assert (await book.case(case_id))["gone_checks"] == 1
    book.later(days=2)
    book.world.known = {"outcome": DnsOutcome.OK}
    await silent.look_up(book.ctx)
    assert (await book.case(case_id))["gone_seen"] is None


@pytest.mark.parametrize("outcome", [DnsOutcome.SERVFAIL, DnsOutcome.TIMEOUT, DnsOutcome.FILTERED])
async def test_what_proves_nothing_changes_nothing(book: Casebook, outcome: DnsOutcome) -> None:
    case_id = await book.accepted()
    before = await book.case(case_id)
    book.world.known = {"outcome": outcome}
    book.later(days=1)
    await silent.look_up(book.ctx)
    assert await book.case(case_id) == before


async def test_under_embargo_it_waits(book: Casebook) -> None:
    case_id = await book.accepted()
    held = await embargo(book.ctx, "host", "example.test", days=2)
    asked = len(book.world.asked)
    book.later(days=1)
    await silent.look_up(book.ctx)
    (row,) = await known(book)
    assert len(book.world.asked) == asked
    assert row["due_at"] == round(held.embargo.until.timestamp() * 1_000_000)
    assert (await book.case(case_id))["state"] == CaseState.REFERRED


async def test_of_a_closed_case_nothing_is_looked_up(book: Casebook) -> None:
    case_id = await book.accepted()
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    asked = len(book.world.asked)
    book.later(days=1)
    await silent.look_up(book.ctx)
    assert (len(book.world.asked), await known(book)) == (asked, [])


async def test_a_router_that_was_off_looks_once_and_goes_on(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(days=8)
    assert await silent.look_up(book.ctx) == 1
    assert await silent.look_up(book.ctx) == 0
    (row,) = await known(book)
    assert row["due_at"] == (await book.referral(case_id))["accepted_at"] + 14 * DAY


async def test_the_figures_know_within_which_days_it_went(book: Casebook) -> None:
    case_id = await book.accepted()
    book.world.known = {"outcome": DnsOutcome.OK}
    book.later(days=1)
    await silent.look_up(book.ctx)
    there = book.ctx.now()
    book.world.known = GONE
    book.clock.advance(timedelta(days=2))
    await silent.look_up(book.ctx)
    (row,) = await book.rows(figure_cases, figure_cases.c.id == case_id)
    assert (row["seen_at"], row["gone_since"]) == (there, book.ctx.now())
