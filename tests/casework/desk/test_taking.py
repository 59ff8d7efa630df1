"""The next item is asked for, one person has it, it is taken over openly and handed on without a word."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from router.casework.case.seen import HELD_FOR, holders
from router.casework.desk import case_acts
from router.casework.desk.taking import next_item, pass_on, take
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.casework.retention.expired import forget
from router.errors import BadInput, Conflict, NotFound
from router.store.schema.tables import audit, leases, passed_on
from schemas.actor import Actor, Role
from schemas.pages import DeskWanted
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, FORM, Casebook
from tests.office import person

BERT = person("bert", Role.ANALYST)
ANY = DeskWanted()


async def desk(book: Casebook, count: int = 3) -> list[str]:
    """Cases on the desk in the order in which it is read."""
    found = []
    for n in range(count):
        found.append(await book.decided(f"https://page{n}.test/", f"r-{n}", actor=FORM))
        book.later(seconds=1)
    return found


async def test_the_next_one_is_what_nobody_has_in_the_order_of_the_desk(book: Casebook) -> None:
    first, second, third = await desk(book)
    urgent = await book.decided("https://urgent.test/", "u", actor=FORM, urgency="live")
    got = [await next_item(book.ctx, who, ANY) for who in (ANNA, BERT, ANNA, BERT)]
    assert got == [urgent, first, second, third]
    with pytest.raises(NotFound):
        await next_item(book.ctx, ANNA, ANY)
    book.later(minutes=31)
    assert await next_item(book.ctx, BERT, ANY) == urgent, "who did not come back has it no longer"


async def test_what_was_had_is_forgotten_when_its_time_is_over_and_can_be_had_again(book: Casebook) -> None:
    first, second = await desk(book, 2)
    await take(book.ctx, first, ANNA)
    book.later(minutes=10)
    await take(book.ctx, second, BERT)
    book.later(minutes=20)
    assert await forget(book.ctx) == 1
    assert [row["case_id"] for row in await book.rows(leases)] == [second]
    await take(book.ctx, first, BERT)
    assert (await holders(book.ctx, [first]))[first].by == "person:bert"
    book.later(minutes=40)
    assert await forget(book.ctx) == 2
    assert await book.rows(leases) == []


async def test_two_who_ask_at_once_get_two(book: Casebook) -> None:
    ids = await desk(book, 6)
    people = [person(f"p{n}", Role.ANALYST) for n in range(6)]
    got = await asyncio.gather(*(next_item(book.ctx, one, ANY) for one in people))
    assert sorted(got) == ids


async def test_only_what_is_wanted_is_given(book: Casebook) -> None:
    await desk(book, 2)
    with pytest.raises(NotFound):
        await next_item(book.ctx, ANNA, DeskWanted(country="FR"))
    assert await next_item(book.ctx, ANNA, DeskWanted(country="NL"))


async def test_what_another_has_is_taken_over_only_when_one_says_so(book: Casebook) -> None:
    (case_id,) = await desk(book, 1)
    await take(book.ctx, case_id, ANNA)
    with pytest.raises(Conflict) as refused:
        await take(book.ctx, case_id, BERT)
    assert (refused.value.reason, "anna has this one" in refused.value.message) == ("held", True)
    await take(book.ctx, case_id, BERT, over=True)
    assert (await holders(book.ctx, [case_id]))[case_id].by == "person:bert"
    assert [row["actor"] for row in await book.rows(audit, audit.c.act == "case.taken_over")] == [BERT.id]


async def test_nobody_is_kept_from_acting_on_what_another_has(book: Casebook) -> None:
    (case_id,) = await desk(book, 1)
    await take(book.ctx, case_id, BERT)
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    assert (await lists.desk(book.ctx, DeskWanted(mine=True), reader=BERT)).total == 0
    with pytest.raises(Conflict):
        await take(book.ctx, case_id, BERT)


async def test_not_me_not_today_leaves_no_trace_but_the_day(book: Casebook) -> None:
    first, second, _ = await desk(book)
    before = len(await book.rows(audit))
    assert await next_item(book.ctx, ANNA, ANY) == first
    await pass_on(book.ctx, first, ANNA)
    assert await next_item(book.ctx, BERT, ANY) == first
    assert await next_item(book.ctx, ANNA, ANY) == second
    assert len(await book.rows(audit)) == before
    book.later(days=1)
    await pass_on(book.ctx, second, ANNA)
    await forget(book.ctx)
    assert [row["case_id"] for row in await book.rows(passed_on)] == [second], "yesterday's is forgotten"
    await pass_on(book.ctx, second, ANNA)


async def test_what_another_has_is_not_handed_on_but_taken_over_first(book: Casebook) -> None:
    """Nothing of theirs ends, and the day is not kept: it was not before who would hand it on."""
    (case_id,) = await desk(book, 1)
    await take(book.ctx, case_id, ANNA)
    with pytest.raises(Conflict, match=r"anna has this one until .*: take it over, or ask for the next one") as refused:
        await pass_on(book.ctx, case_id, BERT)
    assert refused.value.reason == "held"
    assert "pass-on" not in (await case_file(book.ctx, case_id, reader=BERT)).acts
    assert ((await holders(book.ctx, [case_id]))[case_id].by, await book.rows(passed_on)) == (ANNA.id, [])
    await take(book.ctx, case_id, BERT, over=True)
    await pass_on(book.ctx, case_id, BERT)
    assert await next_item(book.ctx, ANNA, ANY) == case_id
    book.later(minutes=31)
    await pass_on(book.ctx, case_id, BERT)


async def test_lists_say_who_has_what_and_find_ones_own(book: Casebook) -> None:
    first, second, third = await desk(book)
    await take(book.ctx, second, ANNA)
    await take(book.ctx, third, BERT)
    found = {one.case: one.holder for one in (await lists.desk(book.ctx, reader=ANNA)).items}
    assert {case: one and (one.by, one.mine) for case, one in found.items()} == {
        first: None,
        second: ("anna", True),
        third: ("bert", False),
    }
    mine = await lists.desk(book.ctx, DeskWanted(mine=True), reader=ANNA)
    assert ([one.case for one in mine.items], mine.total) == ([second], 1)
    assert (await lists.desk(book.ctx, DeskWanted(mine=True))).total == 0


async def test_who_has_it_reveals_it_in_one_key_and_goes_on_having_it(book: Casebook) -> None:
    (case_id,) = await desk(book, 1)
    await take(book.ctx, case_id, ANNA)
    book.later(minutes=20)
    assert (await case_file(book.ctx, case_id, reveal_to=ANNA)).revealed
    assert (await holders(book.ctx, [case_id]))[case_id].until == book.ctx.now() + HELD_FOR
    assert [row["actor"] for row in await book.rows(audit, audit.c.act == "case.revealed")] == [ANNA.id]
    for other in (BERT, Actor(id="person:carol", role=Role.ANALYST, permissions=BERT.permissions)):
        with pytest.raises(BadInput):
            await case_file(book.ctx, case_id, reveal_to=other)
    book.later(minutes=31)
    with pytest.raises(BadInput):
        await case_file(book.ctx, case_id, reveal_to=ANNA)


async def test_a_closed_case_is_before_nobody_and_is_revealed_with_a_reason(book: Casebook) -> None:
    (case_id,) = await desk(book, 1)
    await take(book.ctx, case_id, ANNA)
    assert (await case_file(book.ctx, case_id, reader=ANNA)).holder is not None
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.UNAVAILABLE)
    assert (await case_file(book.ctx, case_id, reader=ANNA)).holder is None
    with pytest.raises(BadInput):
        await case_file(book.ctx, case_id, reveal_to=ANNA)
    assert (await case_file(book.ctx, case_id, reveal_to=ANNA, reason="a second look")).revealed


async def test_until_when_another_has_it_is_said_by_the_clock_of_the_house(book: Casebook) -> None:
    (case,) = await desk(book, 1)
    ctx = replace(book.ctx, zone=ZoneInfo("Asia/Tokyo"))
    await take(ctx, case, ANNA)
    until = (book.clock.now() + timedelta(minutes=30)).astimezone(ctx.zone)
    with pytest.raises(Conflict, match=f"anna has this one until {until:%H:%M} JST: take it over"):
        await take(ctx, case, BERT)
