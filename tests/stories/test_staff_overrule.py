"""Staff overrule at any stage, and what they said holds against whatever a worker is doing at that moment."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.deliver import stops
from router.casework.desk import referral_acts
from router.casework.intake import take as intake
from router.casework.read import case_file
from router.errors import Conflict
from router.store.base import Row
from router.world.story import CANADA, HOME, NETHERLANDS
from schemas.actor import Actor, Role
from schemas.states import CaseState, ReferralState
from tests.neighbours import ANALYSTS, Neighbour, neighbourhood, report
from tests.office import person

ANNA: Actor = person("anna", Role.SUPERVISOR)


async def _a_dutch_report(home: Neighbour) -> str:
    taken = await intake.take(home.router.ctx, report("http://pages.tulip.test/a", "A-1"), ANALYSTS)
    return taken.items[0].case


async def _only_referral(home: Neighbour) -> Row:
    (row,) = await home.referrals()
    return row


async def test_recalled_during_a_retry_it_never_leaves(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        dutch.mood.status = 429
        await _a_dutch_report(home)
        await home.turn(4)
        tried = await _only_referral(home)
        assert (tried["state"], tried["attempts"]) == (ReferralState.WAITING, 1)
        view = await referral_acts.recall(home.router.ctx, tried["id"], ANNA, "wrong page")
        dutch.mood.status = None
        town.clock.advance(timedelta(days=1))
        await home.turn(4)
        assert await dutch.inbox() == []
        assert view.state is ReferralState.RECALLED
        assert (await _only_referral(home))["state"] == ReferralState.RECALLED


async def test_overridden_during_a_retry_only_the_new_one_leaves(tmp_path: Path) -> None:
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS) as dutch,
        town.moving_in(CANADA) as canadian,
    ):
        await town.introduce()
        dutch.mood.status = 429
        case = await _a_dutch_report(home)
        await home.turn(4)
        old = await _only_referral(home)
        new = await referral_acts.override(home.router.ctx, old["id"], ANNA, "the operator is Canadian", country="CA")
        dutch.mood.status = None
        town.clock.advance(timedelta(days=1))
        await home.turn(4)
        assert await dutch.inbox() == []
        (arrived,) = await canadian.inbox()
        assert arrived["referral_id"] == new.id
        assert new.supersedes == old["id"]
        file = await case_file.case_file(home.router.ctx, case)
        assert {one.state for one in file.referrals} == {ReferralState.SUPERSEDED, ReferralState.ACCEPTED}
        assert [entry.typed for entry in file.timeline if entry.act == "referral.overridden"] == [
            "the operator is Canadian"
        ]


@pytest.mark.parametrize("answer", ["takes it", "refuses for now"])
async def test_recalled_while_being_sent_is_pending_and_then_resolved(tmp_path: Path, answer: str) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        await _a_dutch_report(home)
        dutch.mood.open.clear()
        working = asyncio.create_task(home.turn(4))
        await asyncio.wait_for(dutch.mood.reached.wait(), 60)
        sending = await _only_referral(home)
        assert sending["state"] == ReferralState.SENDING

        view = await referral_acts.recall(home.router.ctx, sending["id"], ANNA, "wrong page")
        assert view.state is ReferralState.RECALL_PENDING
        dutch.mood.status = 429 if answer == "refuses for now" else None
        dutch.mood.open.set()
        await working
        dutch.mood.status = None
        await home.turn(3)

        assert (await _only_referral(home))["state"] == ReferralState.RECALLED
        arrived = await dutch.inbox()
        if answer == "takes it":
            assert [row["withdrawn_at"] is not None for row in arrived] == [True]
        else:
            assert arrived == []
        (case,) = await home.cases()
        assert case["state"] == CaseState.DESK


async def test_a_held_referral_leaves_only_when_released_or_when_its_date_comes(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        await _a_dutch_report(home)
        dutch.mood.status = 503
        await home.turn(4)
        dutch.mood.status = None
        row = await _only_referral(home)
        until = town.clock.now() + timedelta(days=2)
        await referral_acts.hold(home.router.ctx, row["id"], ANNA, "police asked", until=until)
        town.clock.advance(timedelta(days=1))
        await home.turn(3)
        assert await dutch.inbox() == []
        town.clock.advance(timedelta(days=1, minutes=5))
        await home.turn(4)
        assert len(await dutch.inbox()) == 1


async def test_an_act_on_what_moved_on_is_a_conflict(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        dutch.mood.status = 503
        await _a_dutch_report(home)
        await home.turn(4)
        seen = await _only_referral(home)
        await referral_acts.hold(home.router.ctx, seen["id"], ANNA, "wait", version=seen["version"])
        with pytest.raises(Conflict):
            await referral_acts.recall(home.router.ctx, seen["id"], ANNA, "too late", version=seen["version"])


async def test_a_stop_halts_a_partner_until_it_is_lifted(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        await stops.stop(home.router.ctx, f"partner:{NETHERLANDS}", ANNA, "their system is being moved")
        await _a_dutch_report(home)
        await home.turn(4)
        assert (await _only_referral(home))["state"] == ReferralState.WAITING
        assert await dutch.inbox() == []
        await stops.lift(home.router.ctx, f"partner:{NETHERLANDS}", ANNA, "they are back")
        await home.turn(2)
        assert len(await dutch.inbox()) == 1
