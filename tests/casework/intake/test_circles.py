"""A report that would make an item its own page is refused by its field; a page that is not there yet is no fault."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.casework.intake import take as intake
from router.errors import BadInput
from schemas.report import ReportGiven, ReportTaken
from tests.casebook import ANALYSTS, FORM, Casebook, casebook
from tests.office import START


def report(reference: str, *named: tuple[str | None, str | None], source: str = "form") -> ReportGiven:
    """A report whose items are called and parented as said."""
    found: list[dict[str, Any]] = [
        {"location": f"https://{reference}.test/{n}", "reference": own, "parent": page}
        for n, (own, page) in enumerate(named)
    ]
    body = {"source": source, "reference": reference, "received_at": START.isoformat(), "items": found}
    return ReportGiven.model_validate_json(json.dumps(body))


async def outcome(book: Casebook, *given: ReportGiven) -> list[str | None]:
    """The field that is wrong with each report of a batch, None of one that was taken."""
    taken = await intake.take_many(book.ctx, given, FORM)
    wrong = [one for one in taken if not isinstance(one, ReportTaken)]
    assert {one.reason for one in wrong if isinstance(one, BadInput)} <= {"parent_cycle"}
    return [one.field if isinstance(one, BadInput) else None for one in taken]


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ((("p", None), ("f", "p"), ("g", "p")), None),
        ((("f", "p"), ("p", None)), None),
        ((("f", "nobody yet"),), None),
        ((("f", "f"),), "items.0.parent"),
        ((("a", "b"), ("b", "a")), "items.0.parent"),
        ((("p", None), ("a", "b"), ("b", "c"), ("c", "a")), "items.1.parent"),
        (((None, "r-1"),), "items.0.parent"),
        (((None, None), (None, "r-1")), None),
    ],
)
async def test_a_circle_in_one_report_is_refused_by_its_field(
    book: Casebook, named: tuple[tuple[str | None, str | None], ...], field: str | None
) -> None:
    assert await outcome(book, report("r-1", *named)) == [field]


async def test_a_circle_through_what_was_reported_before_is_refused(book: Casebook) -> None:
    assert await outcome(book, report("r-1", ("a", "b")), report("r-2", ("b", "c"))) == [None, None]
    assert await outcome(book, report("r-3", ("c", "a"))) == ["items.0.parent"]
    assert await outcome(book, report("r-4", ("c", "r-1"))) == ["items.0.parent"]
    assert await outcome(book, report("r-5", ("c", None)), report("r-6", ("d", "a"))) == [None, None]


async def test_what_another_source_calls_the_same_is_another_thing(book: Casebook) -> None:
    assert await outcome(book, report("r-1", ("a", "b"))) == [None]
    other = report("r-1", ("b", "a"), source="analysts")
    taken = await intake.take(book.ctx, other, ANALYSTS)
    assert taken.dossier


async def test_pages_nest_so_deep_and_no_deeper(book: Casebook) -> None:
    chain = [report(f"r-{n}", (f"i-{n}", f"i-{n + 1}")) for n in range(14)]
    assert set(await outcome(book, *chain)) == {None}
    assert await outcome(book, report("r-x", ("x", "i-0"))) == [None]
    assert await outcome(book, report("r-y", ("y", "x"))) == ["items.0.parent"]


NAMES = st.sampled_from("abcd")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NAMES, st.none() | NAMES), max_size=6))
def test_whatever_was_taken_has_no_circle(
    tmp_path_factory: pytest.TempPathFactory, named: list[tuple[str, str | None]]
) -> None:
    import asyncio

    asyncio.run(_play(tmp_path_factory.mktemp("circles"), named))


async def _play(folder: Path, named: list[tuple[str, str | None]]) -> None:
    async with casebook(folder) as book:
        links: dict[str, set[str]] = {}
        for n, (own, page) in enumerate(named):
            (field,) = await outcome(book, report(f"r-{n}", (own, page)))
            more = links | {own: links.get(own, set()) | {page}} if page else links
            assert (field is None) == (not _reaches(more, own, own)), (named, n)
            links = links if field else more


def _reaches(links: dict[str, set[str]], start: str, end: str) -> bool:
    seen: set[str] = set()
    ahead = set(links.get(start, ()))
    while ahead:
        if end in ahead:
            return True
        seen |= ahead
        ahead = {page for one in ahead for page in links.get(one, ())} - seen
    return False
