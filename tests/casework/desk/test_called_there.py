from router.casework.desk.called_there import called
from router.store.base import Transition
from router.store.schema.tables import case_numbers
from tests.casebook import ANNA, Casebook


async def test_a_number_is_kept_once_for_each_case(book: Casebook) -> None:
    one, other = await book.take(), await book.take("https://elsewhere.test/", "r-2")
    assert await called(book.ctx, one, None, ANNA) == ()
    for case_id in (one, one, other):
        await book.ctx.store.commit(Transition(book.ctx.now(), adds=await called(book.ctx, case_id, "FP/1", ANNA)))
    rows = await book.rows(case_numbers)
    assert {(row["case_id"], row["number"], row["by"]) for row in rows} == {
        (one, "FP/1", ANNA.id),
        (other, "FP/1", ANNA.id),
    }
    assert len(rows) == 2
