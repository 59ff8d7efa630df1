"""A report of a URL hosted abroad reaches that country's hotline, once, and the peer's store says so."""

from pathlib import Path

import pytest

from router.casework.desk import referral_acts
from router.casework.intake import take as intake
from router.casework.read import case_file, lists
from router.worker.due import cases_due
from router.world.story import CANADA, HOME, NETHERLANDS
from schemas.actor import Role
from schemas.states import CaseState, ReferralState
from tests.neighbours import ANALYSTS, Neighbour, neighbourhood, report
from tests.office import person


async def test_a_dutch_page_reaches_the_dutch_hotline(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        taken = await intake.take(home.router.ctx, report("http://pages.tulip.test/a#key", "A-1"), ANALYSTS)
        await home.turn(4)

        (arrived,) = await dutch.inbox()
        (referral,) = await home.referrals()
        assert arrived["referral_id"] == referral["id"]
        assert arrived["origin"] == HOME
        assert referral["state"] == ReferralState.ACCEPTED
        assert referral["receipt"] == arrived["receipt"]
        (case,) = await home.cases()
        assert (case["state"], case["hosting_country"]) == (CaseState.REFERRED, "NL")
        assert case["next_at"] is not None
        file = await case_file.case_file(home.router.ctx, taken.items[0].case)
        assert [step.route for step in file.decision.path if step.matched] == ["hotline-abroad"]
        assert "tulip" not in file.model_dump_json()


async def test_the_same_report_again_changes_nothing(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        first = await intake.take(home.router.ctx, report("http://pages.tulip.test/a", "A-1"), ANALYSTS)
        await home.turn(4)
        again = await intake.take(home.router.ctx, report("http://pages.tulip.test/a", "A-1"), ANALYSTS)
        joined = await intake.take(home.router.ctx, report("HTTP://pages.tulip.test:80/a", "A-2"), ANALYSTS)
        await home.turn(4)
        assert first == again
        assert joined.items[0].case == first.items[0].case
        assert len(await dutch.inbox()) == 1


async def test_the_peer_takes_a_repeated_referral_once(tmp_path: Path) -> None:
    """What a crash between sending and writing down does: the same bytes go out again."""
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(CANADA) as canadian:
        await town.introduce()
        await intake.take(home.router.ctx, report("http://albums.maple.test/", "C-1"), ANALYSTS)
        await home.turn(4)
        (row,) = await home.referrals()
        await _pretend_it_was_never_written_down(home, row["id"])
        await home.turn(2)
        (row,) = await home.referrals()
        assert row["state"] == ReferralState.ACCEPTED
        assert len(await canadian.inbox()) == 1
        assert len((await lists.referral(home.router.ctx, row["id"])).attempts) == 2


async def _pretend_it_was_never_written_down(home: Neighbour, referral_id: str) -> None:
    from router.store.base import Change, Transition
    from router.store.schema.tables import referrals

    (row,) = await home.referrals()
    lost = {"state": ReferralState.WAITING, "next_at": home.router.ctx.now(), "receipt": None, "accepted_at": None}
    change = Change(referrals, {"id": referral_id}, lost, row["version"])
    await home.router.store.commit(Transition(home.router.ctx.now(), (change,)))


@pytest.mark.parametrize("answers", [True, False])
async def test_recall_before_the_first_try_keeps_it_here(tmp_path: Path, *, answers: bool) -> None:
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS, listens=answers) as dutch,
    ):
        await town.introduce()
        await intake.take(home.router.ctx, report("http://pages.tulip.test/a", "A-1"), ANALYSTS)
        await _decided(home)
        (row,) = await home.referrals()
        view = await referral_acts.recall(home.router.ctx, row["id"], person("anna", Role.ANALYST), "wrong page")
        await home.turn(3)
        assert view.state is ReferralState.RECALLED
        assert await dutch.inbox() == []
        (case,) = await home.cases()
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, "overruled")


async def _decided(home: Neighbour) -> None:
    """Locate and decide, and send nothing."""
    worker = home.router.worker()
    for _ in range(2):
        await worker.rest.together(await worker.rest.claim(10, await cases_due(home.router.ctx.store)))
