"""What is due, and when: the earliest date of cases and of each partner, by index seeks only."""

from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlalchemy.dialects import sqlite

from router.casework.case.priority import URGENT
from router.casework.desk import referral_acts
from router.store.base import Change, Transition
from router.store.schema.tables import referrals
from router.worker import due
from router.worker.due import REST, Line, cases_due, next_by_line, until
from tests.casebook import ANNA, FORM, Casebook


async def test_an_empty_store_has_nothing_due(book: Casebook) -> None:
    assert await cases_due(book.ctx.store) == {}
    assert await next_by_line(book.ctx.store) == {}


async def test_a_new_case_is_due_at_once(book: Casebook) -> None:
    await book.take()
    assert list((await cases_due(book.ctx.store)).values()) == [book.ctx.now()]


async def test_the_earliest_of_each_rank_counts(book: Casebook) -> None:
    first = book.ctx.now()
    await book.take("https://a.test/", "r-1")
    book.later(minutes=5)
    await book.take("https://b.test/", "r-2", urgency="live")
    assert await cases_due(book.ctx.store) == {2: first, 0: book.ctx.now()}
    assert await cases_due(book.ctx.store, URGENT) == {0: book.ctx.now()}
    assert await cases_due(book.ctx.store, REST) == {2: first}


def test_a_wait_ends_when_the_next_is_due_and_never_spins() -> None:
    now = 1_000_000_000
    assert until(None, now) == until(now + 60_000_000, now) == 1.0
    assert until(now + 500_000, now) == 0.5
    assert 0 < until(now - 5_000_000, now) <= 0.05


async def test_each_partner_has_its_own_date(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    now, ca, nl = book.ctx.now(), Line("hotline-ca", urgent=False), Line("hotline-nl", urgent=False)
    assert await next_by_line(book.ctx.store) == {ca: now, nl: now}
    one = next(row for row in await book.referrals(case_id) if row["partner"] == "hotline-ca")
    await referral_acts.hold(book.ctx, one["id"], ANNA, "police asked")
    assert await next_by_line(book.ctx.store) == {nl: now}


async def test_what_is_urgent_stands_in_a_line_of_its_own(book: Casebook) -> None:
    ranks = range(4)
    for rank in ranks:
        case_id = await book.decided(f"https://{rank}.test/", f"r-{rank}")
        at = {"rank": rank, "next_at": book.ctx.now() + 100 - rank}
        await book.ctx.store.commit(Transition(1, [Change(referrals, {"case_id": case_id}, at)]))
    urgent, rest = Line("hotline-nl", urgent=True), Line("hotline-nl", urgent=False)
    assert await next_by_line(book.ctx.store) == {urgent: book.ctx.now() + 99, rest: book.ctx.now() + 97}
    assert [*urgent.ranks, *rest.ranks] == [*ranks]


async def test_what_is_over_or_with_people_is_not_due(book: Casebook) -> None:
    await book.decided(actor=FORM)
    assert (await cases_due(book.ctx.store), await next_by_line(book.ctx.store)) == ({}, {})
    await book.accepted(location="https://b.test/", reference="r-2")
    assert await next_by_line(book.ctx.store) == {}
    assert min((await cases_due(book.ctx.store)).values()) > book.ctx.now()


@pytest.mark.parametrize("statement", [*due._CASES.values(), due._REFERRALS])
async def test_no_question_walks_a_table(book: Casebook, tmp_path: Path, statement: Any) -> None:
    """A million rows that wait for next week must cost nothing: each step of the plan is a seek in a partial index."""
    text = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    connection = apsw.Connection(str(next(tmp_path.glob("*.db"))))
    plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
    connection.close()
    walked = [one for one in plan if one.startswith("SCAN") and "partners" not in one and "CONSTANT" not in one]
    assert [one for one in plan if "_due" in one]
    assert not [one for one in walked if "USING" not in one], plan
