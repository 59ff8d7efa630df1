import pytest
from sqlalchemy import select

from router.casework.case.record import open_case
from router.casework.intake import numbering
from router.casework.intake.numbering import number_reports
from router.casework.read import lists
from router.store.base import Change, Remove, Transition
from router.store.schema.tables import case_keys, items, reports
from schemas.pages import CasesWanted
from tests.casebook import Casebook


async def as_of_before(book: Casebook) -> list[str]:
    """Take the numbers of all reports away again; return the reports."""
    found = [row["id"] for row in await book.ctx.store.rows(select(reports))]
    changes = [Change(reports, {"id": one}, {"dossier": None}) for one in found]
    await book.ctx.store.commit(Transition(book.ctx.now(), changes))
    return found


@pytest.mark.parametrize("page", [1, 2, 500])
async def test_each_report_of_before_gets_one_number(
    book: Casebook, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(numbering, "_PAGE", page)
    cases = [await book.take(f"https://example.test/{n % 2}", f"r-{n}") for n in range(5)]
    await as_of_before(book)
    await number_reports(book.ctx)
    rows = await book.ctx.store.rows(select(reports))
    assert len({row["dossier"] for row in rows}) == 5
    assert None not in {row["dossier"] for row in rows}
    shown = (await lists.list_cases(book.ctx, CasesWanted(number=rows[0]["dossier"].lower()))).items
    assert len(shown) == 1
    opened = await open_case(book.ctx, await book.case(cases[0]))
    told = {one.dossier for one in opened.items}
    assert told == {
        one.dossier for one in (await lists.list_cases(book.ctx, CasesWanted(number="r-0"))).items[0].numbers
    }
    before = {row["id"]: row["dossier"] for row in rows}
    await number_reports(book.ctx)
    assert {row["id"]: row["dossier"] for row in await book.ctx.store.rows(select(reports))} == before


async def test_what_was_erased_or_taken_stops_nobody(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    erased = await book.take("https://example.test/1", "r-1")
    await book.take("https://example.test/2", "r-2")
    await as_of_before(book)
    await book.ctx.store.commit(Transition(book.ctx.now(), removes=(Remove(case_keys, {"case_id": erased}),)))
    drawn = iter(["04106105G", "04106105G", "04106105G", "9M1061058"])
    monkeypatch.setattr(numbering, "new_dossier", lambda: next(drawn))
    await number_reports(book.ctx)
    rows = await book.ctx.store.rows(select(reports.c.dossier))
    assert {row["dossier"] for row in rows} == {"04106105G", "9M1061058"}
    assert len(await book.ctx.store.rows(select(items))) == 2
