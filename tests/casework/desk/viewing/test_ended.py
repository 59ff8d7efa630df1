"""A session ends: what has no result is given back, or it is lost, which the house hears of."""

import pytest

from router.casework.alarm.house import is_over_now
from router.casework.case.seen import holders
from router.casework.desk.viewing.ended import close, lost
from router.errors import BadInput, Conflict, NotAllowed, NotFound
from router.store.schema.tables import alarms, audit
from schemas.actor import Role
from schemas.alarm import HouseCode
from tests.casebook import ANNA, Casebook
from tests.casework.desk.viewing.test_results import BERT, taken
from tests.office import person


async def test_what_has_no_result_is_given_back(book: Casebook) -> None:
    ids, made = await taken(book)
    after = await close(book.ctx, made.session.name, BERT)
    assert (after.session.ended_as, after.session.ended_by, await holders(book.ctx, ids)) == ("closed", BERT.id, {})
    with pytest.raises(Conflict):
        await close(book.ctx, made.session.name, BERT)


async def test_a_lost_file_tells_the_house_what_was_in_it_and_each_case_keeps_that_it_was(book: Casebook) -> None:
    ids, made = await taken(book)
    said = await lost(book.ctx, made.session.name, ANNA, "the stick is gone")
    assert [one.case for one in said.lines] == ids
    assert all(len(one.dossiers[0]) == 9 for one in said.lines)
    assert (said.session.ended_as, await holders(book.ctx, ids)) == ("lost", {})
    (alarm,) = await book.rows(alarms)
    assert (alarm["code"], await is_over_now(book.ctx, alarm)) == (HouseCode.VIEWING_LOST, False)
    entries = await book.rows(audit, audit.c.act.in_(["viewing.lost", "case.viewing_lost"]))
    assert [row["case_id"] for row in entries] == [None, *ids]
    assert "the stick" not in repr([row["detail"] for row in entries])
    with pytest.raises(Conflict):
        await lost(book.ctx, made.session.name, BERT, "again")
    book.later(hours=25)
    assert await is_over_now(book.ctx, alarm), "people heard of it for a day"


async def test_one_that_was_given_back_may_still_be_found_lost(book: Casebook) -> None:
    _, made = await taken(book, 1)
    await close(book.ctx, made.session.name, BERT)
    assert (await lost(book.ctx, made.session.name, BERT, "not wiped")).session.ended_as == "lost"


async def test_nobody_ends_what_somebody_else_took_but_a_supervisor(book: Casebook) -> None:
    _, made = await taken(book, 1)
    carl = person("carl", Role.ANALYST)
    for act in (close(book.ctx, made.session.name, carl), lost(book.ctx, made.session.name, carl, "so")):
        with pytest.raises(NotAllowed):
            await act
    with pytest.raises(NotFound):
        await close(book.ctx, "S-BCDFGHJ", ANNA)
    with pytest.raises(BadInput):
        await lost(book.ctx, made.session.name, ANNA, " ")
    await close(book.ctx, made.session.name, ANNA)
