"""Sessions as people see them: whose, until when, how far, and what is in one by dossier number."""

import pytest

from router.casework.desk.viewing.ended import close
from router.casework.desk.viewing.listed import session, sessions
from router.casework.desk.viewing.results import bring
from router.casework.desk.viewing.taken import take
from router.errors import NotFound
from schemas.viewing import ViewingAsked
from tests.casebook import ANNA, Casebook
from tests.casework.desk.viewing.rooms import filled
from tests.casework.desk.viewing.test_results import BERT, taken


async def test_open_ones_come_first_and_one_whose_time_is_over_says_so(book: Casebook) -> None:
    _, first = await taken(book, 1)
    await close(book.ctx, first.session.name, BERT)
    book.later(minutes=1)
    _, second = await taken(book, 2)
    await bring(book.ctx, filled(second, {"finding": "gone"}), BERT)
    found = (await sessions(book.ctx)).items
    assert [(one.name, one.lines, one.done, one.overdue, one.ended_as) for one in found] == [
        (second.session.name, 2, 1, False, None), (first.session.name, 1, 0, False, "closed")
    ]  # fmt: skip
    book.later(hours=9)
    assert [one.overdue for one in (await sessions(book.ctx)).items] == [True, False]


async def test_the_list_is_read_to_its_end_by_pages(book: Casebook) -> None:
    (case,), made = await taken(book, 1)
    names = [made.session.name]
    while len(names) < 5:
        await close(book.ctx, names[-1], BERT)
        book.later(minutes=1)
        names.append((await take(book.ctx, ViewingAsked(cases=(case,)), BERT)).session.name)
    read, cursor = [], None
    while page := await sessions(book.ctx, cursor=cursor, limit=2):
        read += [one.name for one in page.items]
        assert page.total == 5
        if (cursor := page.next) is None:
            break
    assert read == names[::-1]
    with pytest.raises(NotFound):
        await sessions(book.ctx, cursor="0.S-BCDFGHJ")


async def test_one_that_ends_while_pages_are_turned_takes_no_other_with_it(book: Casebook) -> None:
    (one, other), made = await taken(book, 2)
    await close(book.ctx, made.session.name, BERT)
    names = []
    for case, who in ((one, BERT), (other, ANNA)):
        book.later(minutes=1)
        names.append((await take(book.ctx, ViewingAsked(cases=(case,)), who)).session.name)
    first = await sessions(book.ctx, limit=1)
    assert [each.name for each in first.items] == [names[1]]
    await close(book.ctx, names[1], ANNA)
    assert names[0] in [each.name for each in (await sessions(book.ctx, cursor=first.next)).items]


async def test_what_is_in_one_is_told_by_number_and_not_by_place(book: Casebook) -> None:
    ids, made = await taken(book, 2)
    found = await session(book.ctx, made.session.name)
    assert [(one.line, one.case, len(one.dossiers[0]), one.done) for one in found.lines] == [
        (n, case_id, 9, False) for n, case_id in enumerate(ids, 1)
    ]
    assert "s0.test" not in found.model_dump_json()
    with pytest.raises(NotFound):
        await session(book.ctx, "S-BCDFGHJ")
