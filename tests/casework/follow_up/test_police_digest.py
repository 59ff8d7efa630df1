"""A unit is asked by one digest at the policy's rhythm, in its language, by numbers: never by a location."""

from datetime import timedelta
from typing import Any

import pytest

from router.casework.desk import look as looks
from router.casework.follow_up.police_digest import asked_in
from router.casework.follow_up.remind import remind, remind_by_itself
from router.casework.follow_up.reminders import to_remind
from router.errors import Conflict, NotFound
from router.store.base import Change, Row, Transition
from router.store.schema.tables import audit, follow_ups, referrals
from schemas.acts import Finding
from schemas.reminder import Reminded, Reminder
from schemas.reply_code import code_of
from schemas.states import CaseState
from tests.casebook import ANNA, Casebook, Scripted
from tests.embargoes import embargo
from tests.police_desk import BELGIAN

POLICE = "federal-police"
EVERY = timedelta(days=30)


async def they_have(book: Casebook, number: int = 1, **more: Any) -> str:
    """A case that only the police have."""
    book.world.verdict = BELGIAN
    case_id = await book.decided(f"https://example.test/{number}", f"r-{number}", **more)
    await book.send(POLICE)
    return case_id


async def checked(book: Casebook) -> None:
    """Let the next check come that is open, and be made."""
    checks = await book.rows(follow_ups, follow_ups.c.done_at.is_(None))
    check = min(checks, key=lambda row: row["due_at"])
    book.later(microseconds=max(0, check["due_at"] - book.ctx.now()))
    await book.step(check["case_id"])


async def waiting(book: Casebook) -> Reminder:
    (one,) = await to_remind(book.ctx)
    return one


async def on_its_day(book: Casebook) -> Reminder:
    book.later(days=max(0, ((await waiting(book)).from_day - book.clock.now().date()).days))
    return await waiting(book)


async def theirs(book: Casebook, case_id: str) -> Row:
    return await book.referral(case_id)


async def test_it_comes_back_by_the_digest_and_not_to_the_desk(book: Casebook) -> None:
    case_id = await they_have(book)
    opened = book.clock.now()
    assert await to_remind(book.ctx) == []
    await checked(book)
    assert book.clock.now() - opened >= EVERY
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    assert case["next_at"] is not None
    one = await waiting(book)
    assert (one.partner, one.police, [item.case for item in one.items]) == (POLICE, True, [case_id])


async def test_one_digest_holds_all_and_the_next_is_a_rhythm_away(book: Casebook) -> None:
    first, second = await they_have(book, 1), await they_have(book, 2)
    for _ in range(2):
        await checked(book)
    assert {item.case for item in (await on_its_day(book)).items} == {first, second}
    assert await remind_by_itself(book.ctx) == 0, "people hand it over"
    taken, on = await remind(book.ctx, POLICE, ANNA), book.clock.now().date()
    assert await to_remind(book.ctx) == [taken], "it is shown all day"
    assert len([row for row in await book.rows(audit) if row["act"] == "referral.reminded"]) == 2
    with pytest.raises(NotFound):
        await remind(book.ctx, POLICE, ANNA)
    book.later(days=3)
    assert await to_remind(book.ctx) == []
    row = await theirs(book, first)
    down = Change(referrals, {"id": row["id"]}, {"still_there_at": book.ctx.now()})
    await book.ctx.store.commit(Transition(book.ctx.now(), (down,)))
    assert (await waiting(book)).from_day >= on + EVERY
    with pytest.raises(Conflict, match="police_every"):
        await remind(book.ctx, POLICE, ANNA)


async def test_what_they_keep_up_is_not_asked_about_until_its_date(book: Casebook) -> None:
    case_id = await they_have(book)
    await checked(book)
    until = book.clock.now() + timedelta(days=70)
    await looks.look(book.ctx, case_id, ANNA, "they said so", finding=Finding.POLICE_KEEPS, until=until)
    assert await to_remind(book.ctx) == []
    book.later(days=60)
    await book.step(case_id)
    assert await to_remind(book.ctx) == []
    await checked(book)
    assert book.clock.now() >= until
    assert [item.case for item in (await waiting(book)).items] == [case_id]


async def test_a_child_at_risk_is_for_people(book: Casebook) -> None:
    case_id = await they_have(book, urgency="imminent_risk")
    await checked(book)
    assert (await book.case(case_id))["desk_code"] is not None
    assert await to_remind(book.ctx) == []


async def test_under_an_embargo_nobody_is_asked(book: Casebook) -> None:
    await they_have(book)
    await checked(book)
    await embargo(book.ctx, "host", "example.test")
    assert await to_remind(book.ctx) == []


async def test_the_text_is_in_the_units_language_and_names_its_numbers_only(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await they_have(book)
    await checked(book)
    await on_its_day(book)
    monkeypatch.setattr(Scripted, "language", lambda _, __: "fr")
    taken, row = await remind(book.ctx, POLICE, ANNA), await theirs(book, case_id)
    assert taken.language == "fr"
    assert taken.text is not None
    assert "votre numéro" in taken.text
    assert code_of(row["id"]) in taken.text
    assert row["receipt"] in taken.text
    assert "://" not in taken.text
    assert "example.test" not in taken.text


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
@pytest.mark.parametrize("theirs", ["https://a.test/x", "see www.a.test", "hxxps://a[.]test", None])
def test_a_location_in_a_number_is_left_out(language: str, theirs: str | None) -> None:
    referral = "0199f3a0-0000-7000-8000-000000000001"
    said = asked_in(language, [Reminded(referral=referral, case="c", theirs=theirs)])
    assert "a.test" not in said
    assert "a[.]test" not in said
    assert code_of(referral) in said
    number = Reminded(referral=referral, case="c", theirs="BR.55.L3.012345/2026")
    assert "BR.55.L3.012345/2026" in asked_in(language, [number])
