"""What partners are to be reminded of: seen there at a check, theirs, and free to be said; see `remind`."""

from datetime import date, timedelta

import pytest

from router.casework.deliver import stops
from router.casework.desk import case_acts
from router.casework.desk import look as looks
from router.casework.follow_up.remind import remind
from router.casework.follow_up.reminders import next_day, text_of, to_remind
from router.errors import NotFound
from router.store.base import Change, Transition
from router.store.schema.tables import audit, follow_ups, referrals
from schemas.reminder import Reminder
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, PAGE, Casebook
from tests.embargoes import embargo
from tests.police_holds import police_hold


async def seen_there(book: Casebook, case_id: str, finding: str = "still_there") -> None:
    """The next check asks, and a person answers it."""
    (check,) = await book.rows(follow_ups, follow_ups.c.done_at.is_(None))
    book.later(microseconds=check["due_at"] - book.ctx.now())
    await book.step(case_id)
    until = book.clock.now() + timedelta(days=9) if finding == "police_keeps" else None
    await looks.look(book.ctx, case_id, ANNA, "seen", finding=finding, until=until)


async def nobody_is_reminded(book: Casebook) -> None:
    assert await to_remind(book.ctx) == []
    with pytest.raises(NotFound):
        await remind(book.ctx, "hotline-nl", ANNA)


async def waiting(book: Casebook) -> Reminder:
    (one,) = await to_remind(book.ctx)
    return one


async def test_what_was_seen_there_at_a_check_waits_with_both_numbers_and_no_location(book: Casebook) -> None:
    case_id = await book.accepted()
    await nobody_is_reminded(book)
    await seen_there(book, case_id)
    one, row = await waiting(book), await book.referral(case_id)
    (item,) = one.items
    assert (one.partner, item.referral, item.case, item.theirs) == ("hotline-nl", row["id"], case_id, row["receipt"])
    assert one.text is None
    text = text_of(one.items)
    assert row["id"] in text
    assert row["receipt"] in text
    assert "://" not in text


@pytest.mark.parametrize("finding", ["police_keeps", "cannot_see"])
async def test_nobody_is_reminded_of_what_nobody_saw_there_or_police_keep_up(book: Casebook, finding: str) -> None:
    case_id = await book.accepted()
    await seen_there(book, case_id, finding)
    await nobody_is_reminded(book)


async def test_what_police_keep_up_since_is_reminded_of_no_more(book: Casebook) -> None:
    case_id = await book.accepted()
    await seen_there(book, case_id)
    until = book.clock.now() + timedelta(days=9)
    await looks.look(book.ctx, case_id, ANNA, "they said so", finding="police_keeps", until=until)
    await nobody_is_reminded(book)


@pytest.mark.parametrize("by", ["closed", "recalled", "barred", "stopped", "embargo", "police hold", "moved"])
async def test_what_may_not_be_said_any_more_is_not_shown_nor_taken(book: Casebook, by: str) -> None:
    case_id = await book.accepted()
    await seen_there(book, case_id)
    assert await to_remind(book.ctx)
    match by:
        case "closed":
            await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
        case "recalled":
            change = Change(referrals, {"id": (await book.referral(case_id))["id"]}, {"state": "recalled"})
            await book.ctx.store.commit(Transition(book.ctx.now(), (change,)))
        case "barred":
            book.rules.policy_ = book.rules.policy_.model_copy(update={"barred": {"NL": "no transfer basis"}})
        case "stopped":
            await stops.stop(book.ctx, "partner:hotline-nl", ANNA, "why")
        case "embargo":
            await embargo(book.ctx, "url", PAGE)
        case "police hold":
            await police_hold(book.ctx, case_id)
        case "moved":
            await looks.look(book.ctx, case_id, ANNA, "redirects", finding="moved")
    await nobody_is_reminded(book)


async def test_a_holiday_or_a_weekend_there_is_no_day_for_it(book: Casebook) -> None:
    partner = (await book.ctx.governance.directory()).named("hotline-nl")
    assert partner is not None
    assert next_day(book.ctx, partner, date(2026, 4, 27)) == date(2026, 4, 28)  # King's Day, a Monday
    assert next_day(book.ctx, partner, date(2026, 11, 28)) == date(2026, 11, 30)
    both = partner.model_copy(update={"countries": ("NL", "CA")})
    assert next_day(book.ctx, both, date(2026, 4, 27)) == date(2026, 4, 27)


async def test_one_digest_a_day_and_it_is_there_all_day(book: Casebook) -> None:
    case_id = await book.accepted()
    await seen_there(book, case_id)
    book.later(days=((await waiting(book)).from_day - book.clock.now().date()).days)
    taken = await remind(book.ctx, "hotline-nl", ANNA)
    assert taken.taken_by == ANNA.id
    assert taken.text == text_of(taken.items)
    assert await to_remind(book.ctx) == [taken]
    assert [row["case_id"] for row in await book.rows(audit) if row["act"] == "referral.reminded"] == [case_id]
    with pytest.raises(NotFound):
        await remind(book.ctx, "hotline-nl", ANNA)
    book.later(days=1)
    await nobody_is_reminded(book)
    await seen_there(book, case_id)
    assert (await waiting(book)).taken_at is None
