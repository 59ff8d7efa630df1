"""What is due, and when: the earliest date of cases and of each partner, by index seeks only."""

from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlalchemy.dialects import sqlite

from router.casework import overrule
from router.worker import due
from router.worker.due import Due, look
from tests.casebook import ANNA, FORM, Casebook


async def test_an_empty_store_has_nothing_due(book: Casebook) -> None:
    found = await look(book.ctx.store)
    assert (found, found.first) == (Due(None, {}), None)


async def test_a_new_case_is_due_at_once(book: Casebook) -> None:
    await book.take()
    assert await look(book.ctx.store) == Due(book.ctx.now(), {})


async def test_the_earliest_of_all_ranks_counts(book: Casebook) -> None:
    first = book.ctx.now()
    await book.take("https://a.test/", "r-1")
    book.later(minutes=5)
    await book.take("https://b.test/", "r-2", urgency="live")
    assert (await look(book.ctx.store)).cases == first


async def test_each_partner_has_its_own_date(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    now = book.ctx.now()
    assert (await look(book.ctx.store)).partners == {"hotline-ca": now, "hotline-nl": now}
    one = next(row for row in await book.referrals(case_id) if row["partner"] == "hotline-ca")
    await overrule.hold(book.ctx, one["id"], ANNA, "police asked")
    assert (await look(book.ctx.store)).partners == {"hotline-nl": now}


async def test_what_is_over_or_with_people_is_not_due(book: Casebook) -> None:
    await book.decided(actor=FORM)
    assert await look(book.ctx.store) == Due(None, {})
    await book.accepted(location="https://b.test/", reference="r-2")
    found = await look(book.ctx.store)
    assert found.partners == {}
    assert found.cases is not None
    assert found.cases > book.ctx.now()


@pytest.mark.parametrize(
    ("found", "first"),
    [(Due(5, {"a": 3}), 3), (Due(2, {"a": 3}), 2), (Due(None, {"a": 3, "b": 1}), 1), (Due(4, {}), 4)],
)
def test_the_first_is_the_earliest_of_all(found: Due, first: int) -> None:
    assert found.first == first


@pytest.mark.parametrize("statement", [due._CASES, due._REFERRALS])
async def test_no_question_walks_a_table(book: Casebook, tmp_path: Path, statement: Any) -> None:
    """A million rows that wait for next week must cost nothing: each step of the plan is a seek in a partial index."""
    text = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    connection = apsw.Connection(str(next(tmp_path.glob("*.db"))))
    plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
    connection.close()
    walked = [one for one in plan if one.startswith("SCAN") and "partners" not in one and "CONSTANT" not in one]
    assert [one for one in plan if "_due" in one]
    assert not [one for one in walked if "USING" not in one], plan
