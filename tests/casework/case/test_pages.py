"""A page and its files find each other by what their source calls them, whichever was reported first."""

from itertools import permutations
from typing import Any

import pytest

from router.casework.case.pages import pages_of
from router.casework.case.record import open_case
from router.casework.read.case_file import case_file
from tests.casebook import FORM, Casebook

PAGE, ONE, TWO = "https://page.test/", "https://files.test/1", "https://files.test/2"
GIVEN: dict[str, dict[str, Any]] = {
    PAGE: {"reference": "p"},
    ONE: {"reference": "f-1", "parent": "p"},
    TWO: {"parent": "p"},
}


async def taken(book: Casebook, location: str, reference: str | None = None, **item: Any) -> str:
    return await book.take(location, reference or location, item=item)


@pytest.mark.parametrize("order", list(permutations(GIVEN)))
async def test_they_are_linked_in_whatever_order_they_come(book: Casebook, order: tuple[str, ...]) -> None:
    cases = {location: await taken(book, location, **GIVEN[location]) for location in order}
    (page,) = (await case_file(book.ctx, cases[PAGE])).items
    assert (set(page.files), page.page) == ({cases[ONE], cases[TWO]}, None)
    for file in (ONE, TWO):
        (item,) = (await case_file(book.ctx, cases[file])).items
        assert (item.page, item.parent, item.files) == (cases[PAGE], "p", ())
        (found,) = await pages_of(book.ctx, await open_case(book.ctx, await book.case(cases[file])))
        assert (found.case, found.reference, found.location) == (cases[PAGE], cases[PAGE], PAGE)


async def test_a_page_goes_by_its_report_s_reference_too(book: Casebook) -> None:
    page = await taken(book, PAGE, "r-1")
    file = await taken(book, ONE, "r-2", parent="r-1")
    (item,) = (await case_file(book.ctx, file)).items
    assert item.page == page
    assert (await case_file(book.ctx, page)).items[0].files == (file,)


async def test_a_page_that_never_came_is_said_to_be_missing(book: Casebook) -> None:
    file = await taken(book, ONE, parent="p")
    (item,) = (await case_file(book.ctx, file)).items
    assert (item.page, item.parent) == (None, "p")
    assert await pages_of(book.ctx, await open_case(book.ctx, await book.case(file))) == ()


async def test_another_source_s_page_of_that_name_is_another_page(book: Casebook) -> None:
    await taken(book, PAGE, reference="p")
    file = await book.take(ONE, "r-2", FORM, item={"parent": "p"})
    assert [one.page for one in (await case_file(book.ctx, file)).items] == [None]


async def test_what_it_is_called_there_is_hidden_where_it_names_the_location(book: Casebook) -> None:
    file = await book.take(ONE, "r-1", item={"reference": "files.test/1", "parent": "https://page.test/"})
    (item,) = (await case_file(book.ctx, file)).items
    assert "test" not in f"{item.item_reference}{item.parent}"
