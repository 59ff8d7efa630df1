from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from router.casework.case import gate
from router.casework.case.desk_entry import is_asked
from router.casework.case.record import Opened, open_case, open_cases
from router.casework.case.traces import traced
from router.casework.context import Context
from router.casework.read.case_file import case_file
from router.hosting.location.url import read
from router.store.ids import new_ids
from router.store.schema.tables import alarms, audit, embargo_hits
from schemas.casefile import DeskCode
from schemas.states import CaseState
from tests.casebook import PAGE, Casebook, casebook
from tests.embargoes import embargo as set_one
from tests.embargoes import ended
from tests.police_holds import UNIT, police_hold, released


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


async def test_what_is_held_is_not_traced_and_waits_for_the_end_in_silence(book: Casebook) -> None:
    one = await set_one(book.ctx, "host", "example.test")
    case_id = await book.take()
    case = await book.step(case_id)
    assert book.world.asked == []
    assert (case["state"], case["desk_code"]) == (CaseState.RECEIVED, None)
    assert case["next_at"] == int(one.embargo.until.timestamp() * 1_000_000)
    (hit,) = await book.rows(embargo_hits)
    assert (hit["embargo_id"], hit["case_id"], hit["resumed_at"]) == (one.embargo.id, case_id, None)
    logged = [row for row in await book.rows(audit) if row["act"] == "embargo.hit"]
    assert [row["case_id"] for row in logged] == [case_id]
    assert '"way":"look_up"' in logged[0]["detail"]
    assert not any("example" in row["detail"] for row in logged)


async def test_of_many_a_part_is_open_at_a_time_and_none_is_passed_over(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_one(book.ctx, "host", "example.test")
    theirs = [await book.take(location=f"https://example.test/{n}", reference=f"r-{n}") for n in range(3)]
    asked = [*theirs, *new_ids(900)]
    parts: list[int] = []

    async def opening(ctx: Context, ids: Sequence[str]) -> dict[str, Opened]:
        parts.append(len(ids))
        return await open_cases(ctx, ids)

    monkeypatch.setattr(gate, "open_cases", opening)
    assert set(await gate.held_ids(book.ctx, asked)) == set(theirs)
    assert sum(parts) == len(asked)
    assert max(parts) <= 200, "a case that is open takes some KB, and a digest names thousands"


async def test_where_a_child_is_at_risk_it_rings_instead(book: Casebook) -> None:
    await set_one(book.ctx, "url", PAGE)
    case_id = await book.take(urgency="live")
    case = await book.step(case_id)
    assert book.world.asked == []
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.EMBARGO)
    assert "anna" in case["desk_text"]
    (alarm,) = await book.rows(alarms)
    assert (alarm["case_id"], alarm["id"], alarm["code"]) == (case_id, case["desk_alarm"], "embargo")
    again = await book.step(case_id)
    assert (again["desk_alarm"], again["desk_since"]) == (case["desk_alarm"], case["desk_since"])
    assert len(await book.rows(alarms)) == 1


async def test_a_child_at_risk_that_joins_what_waits_in_silence_rings(book: Casebook) -> None:
    await set_one(book.ctx, "host", "example.test", days=300)
    case_id = await book.take()
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.RECEIVED, None)
    assert await book.take(reference="r-2", urgency="live") == case_id
    assert (await book.case(case_id))["next_at"] <= book.ctx.now()
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.EMBARGO)
    assert case["desk_alarm"] is not None
    assert book.world.asked == []


async def test_tracing_itself_refuses_whoever_calls_it(book: Casebook) -> None:
    case_id = await book.take()
    await set_one(book.ctx, "host", "example.test")
    with pytest.raises(gate.HeldBack, match="ask anna"):
        await traced(book.ctx, await open_case(book.ctx, await book.case(case_id)))
    assert book.world.asked == []


async def test_other_cases_go_on_and_so_does_this_one_once_it_is_over(book: Casebook) -> None:
    one = await set_one(book.ctx, "host", "example.test")
    held, other = await book.take(), await book.take("https://elsewhere.test/", "r-2")
    await book.step(held)
    assert (await book.step(other))["state"] == CaseState.LOCATED
    await ended(book.ctx, one.embargo.id)
    assert (await book.step(held))["state"] == CaseState.LOCATED
    assert len(book.world.asked) == 2


async def test_it_is_over_by_its_date_alone(book: Casebook) -> None:
    await set_one(book.ctx, "host", "example.test", days=1)
    locator = read(PAGE)
    held = await gate.held_location(book.ctx, locator)
    assert held is not None
    assert (held.ask, held.text) == ("anna", "Held; ask anna.")
    book.later(days=1)
    assert await gate.held_location(book.ctx, locator) is None


async def test_of_several_the_longest_is_named_and_the_first_counts(book: Casebook) -> None:
    first = await set_one(book.ctx, "host", "example.test", days=1)
    book.later(hours=1)
    longest = await set_one(book.ctx, "url", PAGE, days=30, ask="bob")
    case_id = await book.take()
    held = (await gate.held_ids(book.ctx, [case_id]))[case_id]
    assert (held.ask, held.until_moment, held.since) == (
        "bob",
        longest.embargo.until,
        int(first.embargo.since.timestamp() * 1_000_000),
    )
    assert [one.id for one in held.by] == [longest.embargo.id, first.embargo.id]
    view = gate.shown({case_id: held}, case_id)
    assert view is not None
    assert view.ask == "bob"
    assert gate.shown({}, case_id) is None


async def test_the_police_hold_it_from_everybody_but_themselves_and_an_embargo_from_them_too(book: Casebook) -> None:
    case_id = await book.decided()
    await police_hold(book.ctx, case_id, days=3)
    held = (await gate.held_ids(book.ctx, [case_id]))[case_id]
    assert (held.keeps_from(UNIT), held.keeps_from("hotline-nl")) == (False, True)
    assert (str(held.reason), held.ask, held.view()) == ("police_hold", UNIT, None)
    with pytest.raises(gate.HeldBack, match="Type what they say since as their answer"):
        await traced(book.ctx, await open_case(book.ctx, await book.case(case_id)))
    book.later(hours=1)
    one = await set_one(book.ctx, "host", "example.test", days=1)
    both = (await gate.held_ids(book.ctx, [case_id]))[case_id]
    assert (both.keeps_from(UNIT), str(both.reason), both.until_moment) == (True, "embargo", one.embargo.until)
    assert both.since == held.since, "nothing that happened since the first of them is told"
    book.later(days=2)
    assert (await gate.held_ids(book.ctx, [case_id]))[case_id].police == held.police
    book.later(days=2)
    await gate.check_case_free(book.ctx, case_id)


async def test_of_what_the_police_hold_a_child_at_risk_rings_and_is_judged_once_they_say_so(book: Casebook) -> None:
    case_id = await book.decided()
    await police_hold(book.ctx, case_id)
    asked = len(book.world.asked)
    assert await book.take(reference="r-2", urgency="live") == case_id
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"], len(book.world.asked)) == (CaseState.DESK, DeskCode.POLICE_HOLD, asked)
    assert case["desk_alarm"] is not None
    assert "call them" in case["desk_text"]
    again = await book.step(case_id)
    assert again["desk_alarm"] == case["desk_alarm"], "once"
    await released(book.ctx, case_id)
    case = await book.step(case_id, 3)
    assert not is_asked(case, DeskCode.POLICE_HOLD)
    assert is_asked(case, DeskCode.CHILD_AT_RISK)


async def test_what_would_only_be_refused_is_not_offered(book: Casebook) -> None:
    case_id = await book.decided()
    assert "retrace" in (await case_file(book.ctx, case_id)).acts
    await police_hold(book.ctx, case_id)
    acts = (await case_file(book.ctx, case_id)).acts
    assert "retrace" not in acts
    assert "refer" in acts, "that waits for the day"
