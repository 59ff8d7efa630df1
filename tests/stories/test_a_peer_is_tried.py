"""Before the first referral a peer is tried: over its real way, with our key and its, and nothing of it stays there."""

from pathlib import Path

from sqlalchemy import select

from router.casework.govern.partner_check import rehearse
from router.store.schema.tables import audit
from router.world.story import HOME, NETHERLANDS
from schemas.actor import Role
from tests.neighbours import Neighbour, neighbourhood, peer, pin
from tests.office import person

ANNA = person("anna", Role.SUPERVISOR)


async def test_a_test_referral_is_judged_by_the_peer_and_is_no_case_anywhere(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        for _ in range(2):
            found = await rehearse(home.router.ctx, ANNA, NETHERLANDS)
            assert found.ok, found.text
        for house in (home, dutch):
            assert (await house.inbox(), await house.cases(), await house.referrals()) == ([], [], [])
        assert await _noted(home) == 2


async def test_a_peer_that_does_not_know_our_key_says_so_before_a_referral_waits_for_it(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        await pin(dutch.router, [peer(home, enabled=False)])
        found = await rehearse(home.router.ctx, ANNA, NETHERLANDS)
        assert not found.ok
        assert "key" in found.text


async def _noted(house: Neighbour) -> int:
    rows = await house.router.store.rows(select(audit.c.act).where(audit.c.act == "partner.rehearsed"))
    return len(rows)
