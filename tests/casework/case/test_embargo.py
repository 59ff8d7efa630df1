"""Which embargoes are in force, and which of them hold something; what follows is asked of `gate`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.casework.case.embargo import Embargo, hit, hits, holding, in_force
from router.store.base import Transition
from schemas.embargo import Way
from tests.casebook import PAGE, Casebook, casebook
from tests.embargoes import embargo, ended


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


def one(name: str, until: int, *marks: bytes) -> Embargo:
    return Embargo(name, frozenset(marks), "anna", 0, until)


def test_what_holds_something_is_told_by_its_marks_the_longest_first() -> None:
    known = (one("a", 5, b"1", b"2"), one("b", 9, b"2"), one("c", 7, b"3"))
    assert [found.id for found in holding(known, frozenset({b"2", b"4"}))] == ["b", "a"]
    assert holding(known, frozenset({b"4"})) == ()
    assert holding((), frozenset({b"1"})) == ()


async def test_it_is_in_force_until_its_date_or_until_two_end_it(book: Casebook) -> None:
    first, second = await embargo(book.ctx, "host", "example.test", days=1), await embargo(book.ctx, "url", PAGE)
    assert {found.id for found in await in_force(book.ctx)} == {first.embargo.id, second.embargo.id}
    book.later(days=1)
    (left,) = await in_force(book.ctx)
    assert (left.id, left.ask) == (second.embargo.id, "anna")
    await ended(book.ctx, second.embargo.id)
    assert await in_force(book.ctx) == ()


async def test_that_it_held_a_case_is_one_row_and_each_time_an_entry(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test")
    case_id, by = await book.take(), await in_force(book.ctx)
    adds = await hits(book.ctx, case_id, by)
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=adds))
    assert [add.values["embargo_id"] for add in adds] == [said.embargo.id]
    assert await hits(book.ctx, case_id, by) == ()
    assert await hits(book.ctx, case_id, ()) == ()
    (event,) = hit(by, Way.LOOK_UP, case_id)
    assert (event.act, event.detail) == ("embargo.hit", {"embargo": said.embargo.id, "way": "look_up"})
