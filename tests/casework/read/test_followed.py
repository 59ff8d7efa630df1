"""Who sent a report follows it; a source that is not of the house learns nothing of what was known, or is held."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from router.casework.desk import case_acts, referral_acts
from router.casework.intake import take as intake
from router.casework.read.followed import followed
from router.errors import BadInput, NotFound
from router.store.schema.tables import reports
from schemas.actor import Role
from schemas.followed import HANDLED_FOR, RECEIVED_FOR, ReportState
from schemas.report import ReportGiven
from schemas.vocabulary import Outcome
from tests.casebook import ANALYSTS, ANNA, FORM, Casebook
from tests.office import START, person

VIEWER = person("vera", Role.VIEWER)


async def number_of(book: Casebook, reference: str) -> str:
    shown = await followed(book.ctx, reference, VIEWER)
    return shown.dossier


async def test_a_report_is_found_by_its_id_our_number_and_its_reference(book: Casebook) -> None:
    await book.take(reference="r/1 a")
    (row,) = await book.rows(reports)
    number = await number_of(book, "r/1 a")
    said = f"{number[:4]}-{number[4:]}".lower()
    found = [await followed(book.ctx, one, ANALYSTS) for one in ("r/1 a", row["id"], number, said)]
    assert {one.id for one in found} == {row["id"]}
    assert [one.reference for one in found] == ["r/1 a", None, None, None]


@pytest.mark.parametrize("number", ["nobody", "000000000", "0199d2ff-0000-7000-8000-000000000001", "%", ""])
async def test_what_is_not_there_and_what_is_another_s_sound_the_same(book: Casebook, number: str) -> None:
    await book.take(reference="r-1")
    (row,) = await book.rows(reports)
    with pytest.raises(NotFound) as missing:
        await followed(book.ctx, number, FORM)
    for theirs in ("r-1", row["id"], await number_of(book, "r-1")):
        with pytest.raises(NotFound) as hidden:
            await followed(book.ctx, theirs, FORM)
        assert hidden.value.message == missing.value.message


async def test_a_reference_of_several_sources_is_asked_by_our_number(book: Casebook) -> None:
    await book.take(reference="r-1")
    await book.take("https://other.test/", "r-1", FORM)
    with pytest.raises(BadInput, match="our own number"):
        await followed(book.ctx, "r-1", VIEWER)
    assert (await followed(book.ctx, "r-1", FORM)).source == "form"


async def test_the_house_reads_cases_partners_receipts_acts_and_ends(book: Casebook) -> None:
    case_id = await book.take()
    states = [(await followed(book.ctx, "r-1", ANALYSTS)).state]
    await book.step(case_id, 2)
    states.append((await followed(book.ctx, "r-1", ANALYSTS)).state)
    await book.send()
    (item,) = (await followed(book.ctx, "r-1", ANALYSTS)).items
    states.append(item.state)
    assert (item.case, item.summary and item.summary.partners) == (case_id, ("hotline-nl",))
    assert item.referrals is not None
    assert item.referrals[0].receipt
    await case_acts.close(book.ctx, case_id, ANNA, "it is gone", outcome=Outcome.REMOVED)
    (item,) = (await followed(book.ctx, "r-1", ANALYSTS)).items
    states.append(item.state)
    assert item.summary is not None
    assert item.summary.outcome is Outcome.REMOVED
    assert states == list(ReportState)
    assert "example.test/page" not in item.model_dump_json()


async def test_any_other_source_hears_four_words_late_and_by_the_day(book: Casebook) -> None:
    case_id = await assessed(book)
    heard = []
    for _ in range(24):
        heard.append((await followed(book.ctx, "f-1", FORM)).state)
        book.later(hours=12)
        if len(heard) == 18:
            await case_acts.close(book.ctx, case_id, ANNA, "it is gone", outcome=Outcome.REMOVED)
    assert list(dict.fromkeys(heard)) == list(ReportState)
    assert heard.count(ReportState.RECEIVED) == 2
    assert heard.count(ReportState.HANDLED) == 12


async def assessed(book: Casebook, location: str = "https://example.test/page", reference: str = "f-1") -> str:
    """A case of the form's that people had sent, and that a partner has."""
    case_id = await book.take(location, reference, FORM)
    await book.take(location, f"by-{reference}")
    await book.step(case_id, 2)
    await book.send()
    return case_id


Told = list[tuple[str, int]]


async def answers(book: Casebook, reference: str, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What a source that is not of the house hears over ten days, without the ids, and what each answer cost."""
    told: Told = []
    asked: list[Any] = []
    rows = type(book.ctx.store).rows

    async def counted(store: Any, statement: Any) -> Any:
        asked.append(statement)
        return await rows(store, statement)

    monkeypatch.setattr(type(book.ctx.store), "rows", counted)
    for _ in range(40):
        asked.clear()
        shown = await followed(book.ctx, reference, FORM)
        text = shown.model_dump_json()
        for mine in (shown.id, shown.dossier, shown.items[0].case, reference):
            text = text.replace(mine, "-")
        told.append((text, len(asked)))
        book.later(hours=6)
    monkeypatch.undo()
    return told


@pytest.mark.parametrize("known", [False, True])
async def test_a_known_location_sounds_as_an_unknown_one(
    book: Casebook, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if known:
        await assessed(book, reference="before")
        book.later(days=3)
    await assessed(book)
    told = await answers(book, "f-1", monkeypatch)
    assert {cost for _, cost in told} == {told[0][1]}
    assert list(dict.fromkeys(text for text, _ in told)) == [
        f'{{"id":"-","dossier":"-","source":"form","reference":"-","state":"{state}",'
        f'"items":[{{"index":0,"case":"-","state":"{state}"}}]}}'
        for state in ("received", "handled", "passed_on")
    ]
    assert [text.count("received") for text, _ in told] == [2] * 4 + [0] * 36
    assert [text.count("handled") for text, _ in told] == [0] * 4 + [2] * 24 + [0] * 12


async def held(book: Casebook, case_id: str) -> None:
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "an investigation", until=None)


async def not_yet(book: Casebook, case_id: str) -> None:
    """Nobody has come to it."""


@pytest.mark.parametrize("why", [held, not_yet])
async def test_what_is_held_sounds_as_what_nobody_has_come_to(
    book: Casebook, monkeypatch: pytest.MonkeyPatch, why: Callable[[Casebook, str], Awaitable[None]]
) -> None:
    case_id = await book.take(actor=FORM, reference="f-1")
    await book.take(reference="r-2")
    await book.step(case_id, 2)
    await why(book, case_id)
    told = await answers(book, "f-1", monkeypatch)
    assert {cost for _, cost in told} == {told[0][1]}
    assert [text.count("received") for text, _ in told] == [2] * 4 + [0] * 36
    assert [text.count("handled") for text, _ in told] == [0] * 4 + [2] * 36


async def test_the_least_far_item_says_how_far_a_report_is(book: Casebook) -> None:
    body = {
        "source": "analysts",
        "reference": "two",
        "received_at": START.isoformat(),
        "items": [{"location": "https://a.test/"}, {"location": "https://b.test/"}],
    }
    taken = await intake.take(book.ctx, ReportGiven.model_validate(body, strict=False), ANALYSTS)
    await book.saw(taken.items[0].case)
    await case_acts.close(book.ctx, taken.items[0].case, ANNA, "a cat", outcome=Outcome.NOT_ILLEGAL)
    shown = await followed(book.ctx, "two", ANALYSTS)
    assert [one.state for one in shown.items] == [ReportState.CLOSED, ReportState.RECEIVED]
    assert shown.state is ReportState.RECEIVED
    assert HANDLED_FOR > RECEIVED_FOR
