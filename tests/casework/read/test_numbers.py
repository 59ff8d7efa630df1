from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from router.casework.desk.acknowledge import acknowledge
from router.casework.desk.handed_over import handed_over
from router.casework.desk.unit_acts import answer, receipt
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.casework.read.numbers import cases_called, elsewhere, reference
from router.guard.mask import HIDDEN
from router.store.schema.tables import cases, hub_items, reports
from router.worker.sending import Sending
from router.world.iccam.rules import STRICT
from schemas.acts import Answer, HandedOver, Receipt
from schemas.casefile import CaseSecrets, ItemSecrets
from schemas.pages import CasesWanted, ReferralsWanted
from schemas.reply_code import code_of
from schemas.vocabulary import UnitAnswer
from tests.casebook import ANNA, Casebook
from tests.hub_desk import hub_desk
from tests.police_desk import PoliceDesk, police_desk

CODE = code_of("0190f7a1-0000-7000-8000-000000000001")


async def found(book: Casebook, number: str) -> list[str]:
    page = (await lists.list_cases(book.ctx, CasesWanted(number=number))).items
    return [one.id for one in page]


async def test_a_case_is_found_by_our_number_and_by_its_source_s(book: Casebook) -> None:
    one, other = await book.decided("https://example.test/1", "r-1"), await book.decided("https://example.test/2", "2")
    (row,) = await book.ctx.store.rows(select(reports.c.dossier).order_by(reports.c.id).limit(1))
    number = row["dossier"]
    said = f"{number[:4]}-{number[4:8]} {number[8]}".lower()
    assert await found(book, number) == await found(book, said) == await found(book, "r-1") == [one]
    assert await found(book, "2") == [other]
    assert await found(book, "r") == await found(book, number[:-1]) == await found(book, "%") == []
    (referral,) = (await lists.list_referrals(book.ctx, ReferralsWanted(number=said))).items
    assert referral.case == one
    assert (await lists.list_referrals(book.ctx, ReferralsWanted(number="nobody"))).items == []


async def test_a_case_is_found_by_a_number_that_was_typed_with_an_alarm_or_with_what_was_handed_over(
    book: Casebook,
) -> None:
    rings, other = await book.decided(reference="r-9", urgency="live"), await book.decided("https://example.test/1")
    for number in ("FP/9/2026", "FP/9/2026", "FP/10/2026"):
        await acknowledge(book.ctx, rings, ANNA, police_reference=number)
    await handed_over(book.ctx, other, ANNA, HandedOver(partner="hotline-nl", reference="NL-7", reason="by telephone"))
    assert await found(book, "FP/9/2026") == await found(book, "FP/10/2026") == [rings]
    assert await found(book, "NL-7") == [other]
    assert await found(book, "FP/9") == []


@pytest.fixture
async def police(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


async def test_a_case_is_found_by_what_the_police_call_it_and_by_its_reply_code(police: PoliceDesk) -> None:
    first, second = await police.case("https://a.test/1", "https://a.test/2")
    (other,) = await police.case("https://b.test/1", reference="r-2")
    rows = {one: await police.row(one) for one in (first, second, other)}
    ids = {one: rows[one]["id"] for one in rows}
    ctx = police.book.ctx
    await receipt(ctx, ids[first], ANNA, Receipt(number="BR.12.L1.004567/2026", whole=True))
    await receipt(ctx, ids[other], ANNA, Receipt(number="FP 77"))
    await answer(ctx, ids[other], ANNA, Answer(answer=UnitAnswer.TAKEN_UP, number="PV-9"))
    assert set(await found(police.book, "BR.12.L1.004567/2026")) == {first, second}
    assert await found(police.book, "FP 77") == await found(police.book, "PV-9") == [other]
    assert await found(police.book, "BR.12.L1.004567") == await found(police.book, "FP%") == []
    bundle = rows[first]["bundle"]
    item = next(one for one in (first, second) if ids[one] != bundle)
    assert set(await found(police.book, code_of(bundle))) == {first, second}
    assert await found(police.book, code_of(ids[item]).lower().replace("-", " ")) == [item]
    page = (await lists.list_referrals(ctx, ReferralsWanted(number="FP 77"))).items
    assert [one.id for one in page] == [ids[other]]


async def test_a_case_is_found_by_what_the_hub_calls_it_from_its_first_step_on(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, STRICT) as desk:
        case_id = await desk.book.decided()
        await Sending(desk.book.ctx).turn()
        assert await found(desk.book, "900001") == [case_id]  # before anybody has it
        await desk.send(case_id)
        for number in ("900001", "7000001", "900001/7000001"):
            assert await found(desk.book, number) == [case_id]
        for number in ("90000", "7000001/900001", "900001/", "900001/7000002", "7000001%"):
            assert await found(desk.book, number) == []


async def test_a_case_that_a_hub_gave_to_us_is_found_by_its_numbers(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, STRICT, intake=True) as desk:
        page, file = desk.given("https://given.test/", "https://given.test/1.jpg")
        await desk.pull()
        cases_of = {row["number"]: row["case_id"] for row in await desk.book.rows(hub_items)}
        assert await found(desk.book, str(file.id)) == [cases_of[str(file.id)]]
        assert await found(desk.book, f"{page.report_id}/{page.id}") == [cases_of[str(page.id)]]
        assert set(await found(desk.book, str(page.report_id))) == set(cases_of.values())


async def test_no_search_by_a_number_looks_at_every_referral(police: PoliceDesk, tmp_path: Path) -> None:
    found = select(cases.c.id).where(cases.c.id.in_(cases_called(police.book.ctx, CODE)))
    asked = found.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    connection = apsw.Connection(str(next(tmp_path.rglob("*.db"))))
    values = [asked.params[name] for name in asked.positiontup or ()]
    plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {asked}", values)]
    connection.close()
    for index in (
        "referral_receipt",
        "referral_their_report",
        "referral_their_item",
        "hub_item_number",
        "hub_item_report",
    ):
        assert [one for one in plan if index in one], plan
    assert not [one for one in plan if one.startswith("SCAN") and "CONSTANT" not in one], plan


async def test_every_list_and_the_file_say_what_a_case_is_called(book: Casebook) -> None:
    case = await book.decided(assessment={"value": "unassessed"})
    (entry,) = (await lists.desk(book.ctx)).items
    (row,) = (await lists.list_cases(book.ctx)).items
    file = await case_file(book.ctx, case)
    (number,) = row.numbers
    assert (number.reference, number.source) == ("r-1", "analysts")
    assert entry.numbers == row.numbers == file.summary.numbers
    assert [(one.dossier, one.reference) for one in file.items] == [(number.dossier, "r-1")]


async def test_a_referral_says_it_too(book: Casebook) -> None:
    await book.decided()
    (referral,) = (await lists.list_referrals(book.ctx)).items
    assert [one.reference for one in referral.numbers] == ["r-1"]


async def test_of_many_reports_a_list_names_the_first_three_and_the_file_all(book: Casebook) -> None:
    for n in range(9):
        case = await book.take(reference=f"r-{n}")
    (row,) = (await lists.list_cases(book.ctx)).items
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
