"""One content as a report: what cannot be a date or a location costs nothing but itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.casework.intake import hub_items
from router.partners.inbox import HandedIn
from router.store.base import Add, Row, Transition
from router.store.schema.tables import actions, cases, referrals, reports
from router.store.schema.tables import hub_items as table
from schemas.exchange import ActionStatement
from schemas.vocabulary import ActionType, Assessment
from tests.casebook import PAGE, Casebook
from tests.office import START


def content(**changes: Any) -> HandedIn:
    known: dict[str, Any] = {"location": PAGE, "assigned_to": "BE", "assigned_at": START, "received_at": START}
    return HandedIn(number="7", report="9", **known | changes)


async def listed(book: Casebook, number: str = "7") -> Row:
    row = {"partner": "iccam", "number": number, "state": "listed", "listed_at": book.ctx.now(), "tries": 0}
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=(Add(table, row),)))
    return row


async def taken(book: Casebook, given: HandedIn) -> str:
    return await hub_items.take(book.ctx, await listed(book, given.number), given, "BE", watching=False)


@pytest.mark.parametrize(
    "at", [None, START + timedelta(days=3), datetime(1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)]
)
async def test_a_date_that_cannot_be_is_the_moment_it_came(book: Casebook, at: datetime | None) -> None:
    assert await taken(book, content(received_at=at, assigned_at=at)) == "taken"
    (report,) = await book.rows(reports)
    assert report["received_at"] == book.ctx.now()


@pytest.mark.parametrize("location", ["", "https:///", "x" * 9000, "data:image/png;base64,AAAA"])
async def test_what_is_no_location_is_kept_with_the_reason(book: Casebook, location: str) -> None:
    assert await taken(book, content(location=location)) == "unfit"
    (row,) = await book.rows(table)
    assert (row["last_text"], await book.rows(cases)) == (hub_items._UNFIT, [])


async def test_a_note_is_kept_without_what_no_note_may_hold(book: Casebook) -> None:
    assert await taken(book, content(memo="a\x00b\n" + "c" * 9000, page="y" * 9000)) == "taken"


async def test_what_was_done_already_joins_an_open_case_once(book: Casebook) -> None:
    case_id = await book.take()
    act = ActionStatement(action=ActionType.REPORTED_TO_LEA, at=START)
    for number in ("7", "8"):
        given = content(acts=(act, act), assessment=Assessment.NATIONAL)
        row = await listed(book, number)
        await hub_items.take(book.ctx, row, _numbered(given, number), "BE", watching=True)
    assert [(one["case_id"], one["action"]) for one in await book.rows(actions)] == [(case_id, "ReportedToLEA")]
    assert (await book.case(case_id))["watching"] == 0  # it was ours before


def _numbered(given: HandedIn, number: str) -> HandedIn:
    return replace(given, number=number)


async def test_another_hotlines_and_our_own_are_told_apart(book: Casebook) -> None:
    await book.decided("https://two.test/", "r-2")
    (referral,) = await book.rows(referrals)
    assert await taken(book, content(references=("x", referral["id"]))) == "ours"
    row = await listed(book, "8")
    assert await hub_items.take(book.ctx, row, _numbered(content(assigned_to=None), "8"), "BE", watching=False) == (
        "elsewhere"
    )


async def test_failures_are_counted_and_a_refusal_ends_it(book: Casebook) -> None:
    row = await listed(book)
    await hub_items.failed(book.ctx, row, "Not now.", for_good=False)
    (kept,) = await book.rows(table)
    assert (kept["tries"], kept["state"]) == (1, "listed")
    await hub_items.failed(book.ctx, kept, "No.", for_good=True)
    (kept,) = await book.rows(table)
    assert (kept["state"], kept["last_text"]) == ("unfit", "No.")
