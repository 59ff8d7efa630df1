"""Acknowledging: who and when at once, what was done then or later; it stops the ringing, and nothing else."""

import pytest
from sqlalchemy import select

from router.casework.desk.acknowledge import acknowledge
from router.casework.read import case_file, stats
from router.errors import Conflict
from router.store.schema.tables import alarms, audit
from tests.casebook import ANNA, FORM, Casebook


async def test_it_says_who_and_when_and_leaves_the_due_date(book: Casebook) -> None:
    case_id = await book.decided(urgency="live")
    before = await book.case(case_id)
    book.later(minutes=3)
    await acknowledge(book.ctx, case_id, ANNA)
    after, (alarm,) = await book.case(case_id), await book.rows(alarms)
    assert (alarm["acknowledged_by"], alarm["acknowledged_at"]) == (ANNA.id, book.ctx.now())
    assert after["acknowledged_at"] == book.ctx.now()
    kept = ("state", "desk_code", "desk_since", "desk_first_since", "desk_due", "version")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (await stats.stats(book.ctx)).at_risk_unacknowledged_since is None


async def test_what_was_done_may_follow_and_is_kept_with_the_case(book: Casebook) -> None:
    case_id = await book.decided(urgency="live")
    await acknowledge(book.ctx, case_id, ANNA)
    book.later(minutes=3)
    await acknowledge(book.ctx, case_id, ANNA, done="called the duty desk", police_reference="BR.37/26")
    (alarm,) = await book.rows(alarms)
    assert alarm["acknowledged_at"] < book.ctx.now()  # the first time counts
    timeline = (await case_file.case_file(book.ctx, case_id)).timeline
    typed = {one.act: one.typed for one in timeline if "acknowledged" in one.act}
    assert typed == {
        "case.acknowledged": None,
        "case.acknowledged_further": "BR.37/26 · called the duty desk",
    }
    assert not any(b"BR.37" in bytes(str(row), "utf-8") for row in await book.ctx.store.rows(select(audit)))


async def test_opening_the_page_is_not_it(book: Casebook) -> None:
    case_id = await book.decided(urgency="live")
    await case_file.case_file(book.ctx, case_id)
    await case_file.case_file(book.ctx, case_id, reveal_to=ANNA, reason="look")
    assert (await book.case(case_id))["acknowledged_at"] is None


async def test_where_nothing_rings_there_is_nothing_to_acknowledge(book: Casebook) -> None:
    with pytest.raises(Conflict):
        await acknowledge(book.ctx, await book.decided(actor=FORM), ANNA)
