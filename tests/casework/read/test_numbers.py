from typing import Any

import pytest
from sqlalchemy import select

from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.casework.read.numbers import elsewhere, reference
from router.guard.mask import HIDDEN
from router.store.schema.tables import reports
from schemas.casefile import CaseSecrets, ItemSecrets
from tests.casebook import ANNA, Casebook


async def found(book: Casebook, number: str) -> list[str]:
    page, _ = await lists.list_cases(book.ctx, number=number)
    return [one.id for one in page]


async def test_a_case_is_found_by_our_number_and_by_its_source_s(book: Casebook) -> None:
    one, other = await book.decided("https://example.test/1", "r-1"), await book.decided("https://example.test/2", "2")
    (row,) = await book.ctx.store.rows(select(reports.c.dossier).order_by(reports.c.id).limit(1))
    number = row["dossier"]
    said = f"{number[:4]}-{number[4:8]} {number[8]}".lower()
    assert await found(book, number) == await found(book, said) == await found(book, "r-1") == [one]
    assert await found(book, "2") == [other]
    assert await found(book, "r") == await found(book, number[:-1]) == await found(book, "%") == []
    (referral,) = (await lists.list_referrals(book.ctx, number=said))[0]
    assert referral.case == one
    assert (await lists.list_referrals(book.ctx, number="nobody"))[0] == []


async def test_every_list_and_the_file_say_what_a_case_is_called(book: Casebook) -> None:
    case = await book.decided(assessment={"value": "unassessed"})
    (entry,) = await lists.desk(book.ctx)
    (row,) = (await lists.list_cases(book.ctx))[0]
    file = await case_file(book.ctx, case)
    (number,) = row.numbers
    assert (number.reference, number.source) == ("r-1", "analysts")
    assert entry.numbers == row.numbers == file.summary.numbers
    assert [(one.dossier, one.reference) for one in file.items] == [(number.dossier, "r-1")]


async def test_a_referral_says_it_too(book: Casebook) -> None:
    await book.decided()
    (referral,) = (await lists.list_referrals(book.ctx))[0]
    assert [one.reference for one in referral.numbers] == ["r-1"]


async def test_of_many_reports_a_list_names_the_first_three_and_the_file_all(book: Casebook) -> None:
    for n in range(9):
        case = await book.take(reference=f"r-{n}")
    (row,) = (await lists.list_cases(book.ctx))[0]
    assert [one.reference for one in row.numbers] == ["r-0", "r-1", "r-2"]
    assert len({one.dossier for one in (await case_file(book.ctx, case)).items}) == 9
    assert await found(book, "r-8") == [case]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("20261129-00001", "20261129-00001"),
        ("2026.11.29.001", "2026.11.29.001"),
        ("seen at EXAMPLE.test", HIDDEN),
        ("https://elsewhere.test/", HIDDEN),
        ("of marked-handle", HIDDEN),
    ],
)
def test_a_reference_that_names_the_location_is_hidden_as_it_is(text: str, shown: str) -> None:
    account: Any = {"platform": "p", "handle": "marked-handle"}
    item = ItemSecrets.model_validate({"reference": text, "location": "https://example.test/a", "account": account})
    case = CaseSecrets(canonical="https://example.test/a", host="example.test", registrable_domain="example.test")
    assert reference(item, case) == shown


async def test_it_is_shown_to_who_reveals(book: Casebook) -> None:
    case = await book.take("https://example.test/a", "about example.test")
    assert [one.reference for one in (await case_file(book.ctx, case)).items] == [HIDDEN]
    revealed = await case_file(book.ctx, case, reveal_to=ANNA, reason="to look")
    assert [one.reference for one in revealed.items] == ["about example.test"]


def test_what_another_hotline_calls_it_is_hidden_likewise() -> None:
    told = [{"hotline": "offlimits-nl", "dossier": "NL-1", "reference": "http://example.test/a"}]
    item = ItemSecrets.model_validate({"reference": "r", "location": "https://example.test/a", "told": told})
    case = CaseSecrets(canonical="https://example.test/a", host="example.test", registrable_domain="example.test")
    (number,) = elsewhere(item, case)
    assert (number.hotline, number.dossier, number.reference) == ("offlimits-nl", "NL-1", HIDDEN)
