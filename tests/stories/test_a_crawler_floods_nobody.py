"""A crawler's million floods no partner of five people, and delays no citizen: judged by what the partner holds."""

from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.case.seen import sighting
from router.casework.desk import case_acts
from router.casework.govern.sources import change_source
from router.casework.intake import take as intake
from router.store.base import Transition
from router.world.story import HOME, NETHERLANDS
from schemas.actor import ROUTER, Actor, Role
from schemas.source import SourceChange
from schemas.states import ReferralState
from schemas.vocabulary import Assessment
from tests.neighbours import Neighbour, neighbourhood, report
from tests.office import person

CRAWLER = Actor(id="source:crawler", source="crawler")
CITIZEN = Actor(id="source:form", source="form")
ANNA = person("anna", Role.ANALYST)
UNASSESSED = {"value": "unassessed"}


async def crawled(home: Neighbour, count: int) -> list[str]:
    """A crawler that is trusted to assess, and may send a partner three a day, reports; return the cases."""
    await change_source(home.router.ctx, "crawler", SourceChange(assesses=True, daily_cap=3), ROUTER)
    taken = []
    for n in range(count):
        given = report(f"http://pages.tulip.test/{n}", f"C-{n}", source="crawler")
        taken.append(await intake.take(home.router.ctx, given, CRAWLER))
    return [one.items[0].case for one in taken]


async def settled(home: Neighbour) -> None:
    """Let the worker do all that is due."""
    worker = home.router.worker()
    while await worker.turn():
        pass


async def held(dutch: Neighbour, home: Neighbour) -> set[str]:
    """Our cases that the Dutch hotline holds."""
    names = {row["id"]: row["case_id"] for row in await home.referrals()}
    return {names[row["referral_id"]] for row in await dutch.inbox()}


async def test_five_crawled_and_one_reported_by_a_citizen_are_four_today(tmp_path: Path) -> None:
    await _four_today(tmp_path, None)


@pytest.mark.postgres
async def test_five_crawled_and_one_reported_are_four_on_postgresql_too(tmp_path: Path, postgres_dsn: str) -> None:
    await _four_today(tmp_path, postgres_dsn)


async def _four_today(folder: Path, database: str | None) -> None:
    async with (
        neighbourhood(folder) as town,
        town.moving_in(HOME, database=database) as home,
        town.moving_in(NETHERLANDS) as dutch,
    ):
        await town.introduce()
        found = await crawled(home, 5)
        given = report("http://pages.tulip.test/citizen", "F-1", source="form", assessment=UNASSESSED)
        citizens = (await intake.take(home.router.ctx, given, CITIZEN)).items[0].case
        await settled(home)
        changes, adds = await sighting(home.router.ctx, citizens, ANNA)
        await home.router.store.commit(Transition(home.router.ctx.now(), changes, adds))
        await case_acts.send(home.router.ctx, citizens, ANNA, "seen", assessment=Assessment.BASELINE)
        await settled(home)
        today = await held(dutch, home)
        assert (citizens in today, len(today & set(found)), len(await dutch.inbox())) == (True, 3, 4)

        town.clock.advance(timedelta(days=1))
        await settled(home)
        assert await held(dutch, home) == {*found, citizens}
        assert len(await dutch.inbox()) == 6
        assert {row["state"] for row in await home.referrals()} == {ReferralState.ACCEPTED}


async def test_a_citizen_does_not_wait_because_the_crawler_was_first(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        found = await crawled(home, 5)
        await settled(home)
        today = await held(dutch, home)
        late = next(n for n, case in enumerate(found) if case not in today)
        given = report(f"http://pages.tulip.test/{late}", "F-1", source="form", assessment=UNASSESSED)
        joined = await intake.take(home.router.ctx, given, CITIZEN)
        await settled(home)
        assert joined.items[0].case == found[late]
        assert await held(dutch, home) == today | {found[late]}
        assert len(today) == 3


async def test_a_child_at_risk_does_not_wait_for_the_crawlers_cap(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        await crawled(home, 3)
        await settled(home)
        given = report("http://pages.tulip.test/live", "C-9", source="crawler", urgency="live")
        live = (await intake.take(home.router.ctx, given, CRAWLER)).items[0].case
        await settled(home)
        await case_acts.refer(
            home.router.ctx, live, ANNA, "now", country="NL"
        )  # people first, whatever the evidence says
        await settled(home)
        assert live in await held(dutch, home)
        assert len(await dutch.inbox()) == 4
