"""What a clock wrote that was ahead is found, and nothing else is touched."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.guard.retry_after import LONGEST_WAIT
from router.partners.base import Deferred, Reason
from router.store.base import Add, Change, Claim, Transition
from router.store.schema.tables import cases, follow_ups, referrals, status_news, unit_answers
from router.worker.future_dates import put_right
from router.worker.loop import Worker
from tests.casebook import Casebook, casebook

DAY = 86_400_000_000
YEAR = 365


async def test_what_is_dated_as_it_may_be_stays(book: Casebook) -> None:
    waiting = await book.decided()
    book.partner.script = [Deferred(Reason.BUSY, "Later.", LONGEST_WAIT)]
    await book.send()
    accepted = await book.decided("https://example.test/other", "r-2")
    await book.claim()
    before = [await book.rows(table) for table in (cases, referrals, follow_ups)]
    assert await put_right(book.ctx) == 0
    assert [await book.rows(table) for table in (cases, referrals, follow_ups)] == before
    assert waiting != accepted


async def test_a_check_that_was_dated_by_a_clock_that_was_ahead_is_not_a_year_late(book: Casebook) -> None:
    book.later(days=YEAR)
    case_id = await book.accepted()
    book.later(days=-YEAR)
    assert await put_right(book.ctx) == 2
    assert (await book.case(case_id))["next_at"] == book.ctx.now()
    (check,) = await book.rows(follow_ups)
    assert check["due_at"] == book.ctx.now()


async def test_what_a_source_is_told_again_is_not_a_year_late_and_its_first_date_stays(book: Casebook) -> None:
    later = {"source": "form", "report_id": "r", "at": 1, "due_at": book.ctx.now() + YEAR * DAY, "version": 0}
    rows = [later | {"id": "looked", "body": "{}"}, later | {"id": "not yet"}]
    await book.ctx.store.commit(Transition(0, adds=[Add(status_news, row) for row in rows]))
    assert await put_right(book.ctx) == 1
    assert [row["due_at"] for row in await book.rows(status_news)] == [book.ctx.now(), later["due_at"]]


async def test_a_case_whose_worker_died_ahead_is_worked_on_again(book: Casebook) -> None:
    case_id = await book.take()
    book.later(days=YEAR)
    until = {"next_at": book.ctx.now() + 120_000_000}
    await book.ctx.store.claim(Claim(cases, cases.c.id == case_id, (cases.c.id,), 1, "dead", -1.0, until))
    book.later(days=-YEAR)
    assert await Worker(book.ctx).turn() == 0
    await put_right(book.ctx)
    assert await Worker(book.ctx).turn() > 0


STEPS = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0, 45.0, 3600.0]), st.sampled_from([-YEAR, -2, -0.01, 0, 0.01, 2, YEAR])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=STEPS)
async def _story(tmp_path_factory: pytest.TempPathFactory, walk: list[tuple[float, float]]) -> None:
    async with casebook(tmp_path_factory.mktemp("walk")) as book:
        ids = {await book.decided(f"https://example.test/{n}", f"r-{n}") for n in range(3)}
        ids |= {await book.decided("https://example.test/urgent", "r-u", urgency="live")}
        book.partner.script = [Deferred(Reason.BUSY, "Later.", 60)] * 3
        start = book.clock.now()
        for seconds, days in walk:
            book.later(seconds=seconds, days=days)
            await put_right(book.ctx)
            await Worker(book.ctx).turn()
        book.clock.advance(start - book.clock.now())  # put right in the end
        await put_right(book.ctx)
        for _ in range(12):
            await Worker(book.ctx).turn()
            book.later(hours=3)
        sent = [one.referral_id for call in book.partner.calls for one in call]
        mine = [row for one in sorted(ids) for row in await book.referrals(one) if row["state"] != "held"]
        assert mine
        assert {row["state"] for row in mine} == {"accepted"}, "something waits for a date that a wrong clock wrote"
        accepted = [one for one in sent if sent.count(one) > 1 + 3]
        assert accepted == []


test_however_the_clock_walks_nothing_starves = _story


async def test_a_check_that_the_police_put_off_stays_put_off(book: Casebook) -> None:
    case_id = await book.accepted()
    (row,) = await book.rows(referrals)
    until = book.ctx.now() + 200 * DAY
    said = {
        "id": "1",
        "referral_id": row["id"],
        "case_id": case_id,
        "answer": "hold_until",
        "at": 1,
        "by": "person:anna",
    }
    changes = [
        Change(follow_ups, {"case_id": case_id}, {"due_at": until}),
        Change(cases, {"id": case_id}, {"next_at": until}),
    ]
    await book.ctx.store.commit(Transition(book.ctx.now(), changes, [Add(unit_answers, said | {"until": until})]))
    assert await put_right(book.ctx) == 0
