"""The sending half: what a partner may get is judged before a claim, and one partner's trouble is its own."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from router.casework import intake, stop
from router.store.tables import partner_state
from router.world.story import CANADA, HOME, NETHERLANDS
from schemas.actor import Role
from schemas.states import ReferralState
from tests.neighbours import ANALYSTS, Neighbour, neighbourhood, report
from tests.office import person


async def _states(home: Neighbour) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in await home.referrals():
        found.setdefault(row["partner"], set()).add(row["state"])
    return found


async def test_a_dead_partner_delays_no_other(tmp_path: Path) -> None:
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS) as dutch,
        town.moving_in(CANADA) as canadian,
    ):
        await town.introduce()
        dutch.mood.status = 503
        for n in range(6):
            await intake.take(home.router.ctx, report(f"http://pages.tulip.test/{n}", f"N-{n}"), ANALYSTS)
            await intake.take(home.router.ctx, report(f"http://albums.maple.test/{n}", f"C-{n}"), ANALYSTS)
        await home.turn(4)
        states = await _states(home)
        assert states[CANADA] == {ReferralState.ACCEPTED}
        assert states[NETHERLANDS] == {ReferralState.WAITING}
        assert len(await canadian.inbox()) == 6
        dutch.mood.status = None
        town.clock.advance(timedelta(hours=1))
        for _ in range(6):
            await home.turn()
            town.clock.advance(timedelta(minutes=20))
        assert (await _states(home))[NETHERLANDS] == {ReferralState.ACCEPTED}


async def test_the_breaker_opens_and_lets_one_probe_through(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        dutch.mood.status = 401
        await intake.take(home.router.ctx, report("http://pages.tulip.test/1", "N-1"), ANALYSTS)
        await home.turn(4)
        (row,) = await home.rows(select(partner_state))
        assert row["breaker"] == "open"
        (referral,) = await home.referrals()
        assert referral["attempts"] == 0  # our key was refused: the fault is ours, and no attempt is counted
        dutch.mood.status = None
        town.clock.advance(timedelta(hours=1))
        for _ in range(4):
            await home.turn()
            town.clock.advance(timedelta(minutes=1))
        assert (await _states(home))[NETHERLANDS] == {ReferralState.ACCEPTED}


async def test_a_stopped_route_waits_and_others_do_not(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        anna = person("anna", Role.SUPERVISOR)
        await stop.stop(home.router.ctx, "route:hotline-abroad", anna, "being reviewed")
        await intake.take(home.router.ctx, report("http://pages.tulip.test/1", "N-1"), ANALYSTS)
        await home.turn(4)
        assert await _states(home) == {NETHERLANDS: {ReferralState.WAITING}}
        assert await dutch.inbox() == []
