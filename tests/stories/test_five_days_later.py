"""The check after five days: closed on the partner's word, closed when gone three times, re-referred when it moved."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.desk import case_acts
from router.casework.desk import look as looks
from router.casework.intake import take as intake
from router.casework.read import case_file
from router.store.schema.tables import actions, follow_ups
from router.world.dns import UNTRUE
from router.world.story import CANADA, HOME, NETHERLANDS
from router.world.zone import Fault
from schemas.actor import Role
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionType, Outcome
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, report
from tests.office import person

PAGE = "pages.tulip.test"
#: Where the page moves to: an address in Canada that the shipped data locate.
CANADIAN = ("35.182.40.40",)


@asynccontextmanager
async def referred(folder: Path) -> AsyncIterator[tuple[Neighbourhood, Neighbour, Neighbour, Neighbour]]:
    """A Dutch page that the Dutch hotline has; five days are still to pass."""
    async with (
        neighbourhood(folder) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS) as dutch,
        town.moving_in(CANADA) as canadian,
    ):
        await town.introduce()
        await intake.take(home.router.ctx, report(f"http://{PAGE}/a", "A-1"), ANALYSTS)
        await home.turn(4)
        assert len(await dutch.inbox()) == 1
        yield town, home, dutch, canadian


async def _days(town: Neighbourhood, home: Neighbour, days: float) -> None:
    town.clock.advance(timedelta(days=days, minutes=1))
    await home.turn(4)


async def test_removed_by_the_partner(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, dutch, _):
        (theirs,) = await dutch.cases()
        anna = person("anouk", Role.ANALYST)
        await case_acts.close(dutch.router.ctx, theirs["id"], anna, "host took it down", outcome=Outcome.REMOVED)
        await _days(town, home, 5)
        (case,) = await home.cases()
        assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)
        assert case["rests_on"].startswith("offlimits-nl says Removed")
        (action,) = await home.rows(select(actions).where(actions.c.by == NETHERLANDS))
        assert action["action"] == ActionType.REMOVED


async def test_gone_in_three_checks_a_day_apart(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, _, _):
        town.zone.move(PAGE, ())
        for gone in (1, 2):
            await _days(town, home, 5 if gone == 1 else 1)
            (case,) = await home.cases()
            assert (case["state"], case["gone_checks"]) == (CaseState.REFERRED, gone)
        await _days(town, home, 1)
        (case,) = await home.cases()
        assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.UNAVAILABLE)
        assert "3 checks" in case["rests_on"]


@pytest.mark.parametrize("fault", [Fault.SERVFAIL, *sorted(UNTRUE)])
async def test_a_name_server_that_fails_or_filters_closes_and_moves_nothing(tmp_path: Path, fault: Fault) -> None:
    async with referred(tmp_path) as (town, home, _, _):
        town.zone.faults[PAGE] = fault
        for _ in range(4):
            await _days(town, home, 5)
        (case,) = await home.cases()
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, "look")
        assert case["next_at"] is not None
        assert len(await home.referrals()) == 1


async def test_moved_abroad_is_decided_anew_and_linked(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, _, canadian):
        town.zone.move(PAGE, CANADIAN)
        await _days(town, home, 5)
        await home.turn(3)
        (case,) = await home.cases()
        assert (case["hosting_country"], case["moved_from"]) == ("CA", "NL")
        (arrived,) = await canadian.inbox()
        old, new = await home.referrals()
        assert (new["partner"], new["state"]) == (CANADA, ReferralState.ACCEPTED)
        assert new["supersedes"] == old["id"]
        assert arrived["referral_id"] == new["id"]
        (moved,) = await home.rows(select(actions).where(actions.c.action == ActionType.MOVED))
        assert moved["case_id"] == case["id"]
        assert await _next_check(home) is not None


async def test_still_there_asks_a_person_and_dates_the_next_check(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, _, _):
        await _days(town, home, 5)
        (case,) = await home.cases()
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, "look")
        assert case["next_at"] > home.router.ctx.now()
        anna = person("anna", Role.ANALYST)
        await looks.look(home.router.ctx, case["id"], anna, "still online", finding="still_there")
        (case,) = await home.cases()
        assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
        file = await case_file.case_file(home.router.ctx, case["id"])
        assert [entry.typed for entry in file.timeline if entry.act == "case.still_there"] == ["still online"]
        await _days(town, home, 5)
        (case,) = await home.cases()
        assert case["desk_code"] == "look"


async def _next_check(home: Neighbour) -> int | None:
    rows = await home.rows(select(follow_ups.c.due_at).where(follow_ups.c.done_at.is_(None)))
    return int(rows[0]["due_at"]) if rows else None


async def test_removed_where_it_left_does_not_close_what_moved(tmp_path: Path) -> None:
    """The Dutch say Removed, but the name leads to Canada now: a person looks before anything is closed."""
    async with referred(tmp_path) as (town, home, dutch, _):
        (theirs,) = await dutch.cases()
        anouk = person("anouk", Role.ANALYST)
        await case_acts.close(dutch.router.ctx, theirs["id"], anouk, "host took it down", outcome=Outcome.REMOVED)
        town.zone.move(PAGE, CANADIAN)
        await _days(town, home, 5)
        (case,) = await home.cases()
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, "look")
        assert "Removed" in case["desk_text"]


async def test_after_a_move_the_new_country_has_the_word(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, dutch, canadian):
        town.zone.move(PAGE, CANADIAN)
        await _days(town, home, 5)
        await home.turn(3)
        (theirs,) = await dutch.cases()
        anouk = person("anouk", Role.ANALYST)
        await case_acts.close(dutch.router.ctx, theirs["id"], anouk, "gone from our host", outcome=Outcome.REMOVED)
        await _days(town, home, 5)
        (case,) = await home.cases()
        assert case["state"] != CaseState.CLOSED
        (theirs,) = await canadian.cases()
        await case_acts.close(canadian.router.ctx, theirs["id"], anouk, "taken down", outcome=Outcome.REMOVED)
        await _days(town, home, 5)
        (case,) = await home.cases()
        assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)


async def test_moved_there_and_back_is_still_checked(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, _, _):
        town.zone.move(PAGE, CANADIAN)
        await _days(town, home, 5)
        await home.turn(3)
        town.zone.move(PAGE, ("188.166.40.20",))
        await _days(town, home, 5)
        await home.turn(3)
        (case,) = await home.cases()
        assert case["hosting_country"] == "NL"
        assert await _next_check(home) is not None
