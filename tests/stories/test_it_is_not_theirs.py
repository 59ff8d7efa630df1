"""A hotline says that what a peer referred is not theirs: its sender hears whose and why within the hour.

It decides anew, once; the second time people decide.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.desk.not_ours import not_ours
from router.casework.govern.versions import publish_policy
from router.casework.intake import take as intake
from router.casework.read.stats import stats
from router.errors import Conflict
from router.partners.answers import read_answer
from router.store.schema.tables import policies
from router.world.story import CANADA, NETHERLANDS
from schemas.actor import ROUTER, Role
from schemas.acts import NotOurs
from schemas.casefile import DeskCode
from schemas.exchange import ReferralStatus, StatusAnswers
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from schemas.word import Given
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, report
from tests.office import person
from tests.stories.test_five_days_later import CANADIAN, PAGE, referred

ANOUK = person("anouk", Role.ANALYST)
CLOUDY = NotOurs(reason="the customer's machine stands elsewhere", country="CA")


async def an_hour(town: Neighbourhood, one: Neighbour) -> None:
    """Let the time pass within which a sender has asked, and five turns of its worker."""
    town.clock.advance(timedelta(hours=1))
    await one.turn(5)


async def test_staff_say_so_and_the_sender_decides_anew(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, dutch, canadian):
        await dutch.turn(3)
        (theirs,) = await dutch.cases()
        await not_ours(dutch.router.ctx, theirs["id"], ANOUK, CLOUDY)
        (theirs,) = await dutch.cases()
        assert (theirs["state"], theirs["outcome"]) == (CaseState.CLOSED, Outcome.UNRESOLVED)
        town.zone.move(PAGE, CANADIAN)
        await an_hour(town, home)
        first, *rest = await home.referrals()
        assert (first["state"], first["misrouted_at"] is not None) == (ReferralState.REFUSED, True)
        assert "They believe that it is for CA." in first["last_text"]
        assert "the customer's machine stands elsewhere" in first["last_text"]
        assert [(one["partner"], one["state"]) for one in rest] == [(CANADA, ReferralState.ACCEPTED)]
        assert len(await canadian.inbox()) == 1
        found = await stats(home.router.ctx)
        assert (found.misrouted, found.bounced) == (1, 1)


async def test_where_nothing_else_is_found_people_decide_and_read_why(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, dutch, _):
        await dutch.turn(3)
        (theirs,) = await dutch.cases()
        await not_ours(dutch.router.ctx, theirs["id"], ANOUK, CLOUDY)
        await an_hour(town, home)
        (case,) = await home.cases()
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.REFUSED)
        assert "They believe that it is for CA." in case["desk_text"]


async def test_the_second_time_people_decide_and_both_are_named(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, dutch, canadian):
        await dutch.turn(3)
        (theirs,) = await dutch.cases()
        await not_ours(dutch.router.ctx, theirs["id"], ANOUK, CLOUDY)
        town.zone.move(PAGE, CANADIAN)
        await an_hour(town, home)
        await canadian.turn(3)
        (theirs,) = await canadian.cases()
        elsewhere = NotOurs(reason="the customer's machine is in Ghent", country="BE")
        await not_ours(canadian.router.ctx, theirs["id"], ANOUK, elsewhere)
        await an_hour(town, home)
        (case,) = await home.cases()
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.BOUNCED)
        assert CANADA in case["desk_text"]
        assert "They believe that it is for BE. They say: the customer's machine is in Ghent" in case["desk_text"]
        both = await home.referrals()
        assert [(one["partner"], one["state"]) for one in both] == [
            (NETHERLANDS, ReferralState.REFUSED),
            (CANADA, ReferralState.REFUSED),
        ]
        assert NETHERLANDS in case["desk_text"]
        await an_hour(town, home)
        assert len(await home.referrals()) == 2, "nobody else is told before people have decided"


async def test_the_policy_may_answer_by_itself(tmp_path: Path) -> None:
    async with referred(tmp_path) as (town, home, dutch, canadian):
        ctx = dutch.router.ctx
        newest = select(policies.c.body).order_by(policies.c.version.desc()).limit(1)
        text = (await dutch.rows(newest))[0]["body"]
        answers = text.replace("version = 1\n", 'version = 1\nnot_ours = "answer"\n', 1)
        await publish_policy(ctx.store, ctx.clock, answers, ROUTER)
        ctx.governance.forget()  # type: ignore[attr-defined] # followed within a second; not here
        town.zone.move(PAGE, CANADIAN)
        await dutch.turn(4)
        (theirs,) = await dutch.cases()
        assert (theirs["state"], theirs["outcome"]) == (CaseState.CLOSED, Outcome.UNRESOLVED)
        assert await dutch.referrals() == []
        await an_hour(town, home)
        first, second = await home.referrals()
        assert first["state"] == ReferralState.REFUSED
        assert "By our own look-up it is hosted elsewhere." in first["last_text"]
        assert second["partner"] == CANADA
        assert len(await canadian.inbox()) == 1


async def test_it_is_said_once_and_of_peers_referrals_alone(tmp_path: Path) -> None:
    async with referred(tmp_path) as (_, home, dutch, _):
        await dutch.turn(3)
        (theirs,), (ours,) = await dutch.cases(), await home.cases()
        with pytest.raises(Conflict, match="nobody to tell"):
            await not_ours(home.router.ctx, ours["id"], ANOUK, CLOUDY)
        await intake.take(dutch.router.ctx, report(f"http://{PAGE}/a", "own"), ANALYSTS)
        await dutch.turn(3)
        await not_ours(dutch.router.ctx, theirs["id"], ANOUK, CLOUDY)
        (theirs,) = await dutch.cases()
        assert theirs["state"] != CaseState.CLOSED, "our own analysts reported it too"
        with pytest.raises(Conflict, match="nobody to tell"):
            await not_ours(dutch.router.ctx, theirs["id"], ANOUK, CLOUDY)


class OlderStatus(Given):
    """What version 1.1 knows of a status."""

    referral_id: str
    known: bool
    withdrawn: bool = False
    returned: bool = False
    actions: tuple[str, ...] = ()


class OlderAnswers(Given):
    statuses: tuple[OlderStatus, ...]


def test_a_peer_that_does_not_know_the_words_still_hears_that_it_came_back() -> None:
    said = ReferralStatus(
        referral_id="r", known=True, returned=True, reason="not_ours", believed="CA", text="elsewhere"
    )
    body = StatusAnswers(statuses=(said,)).model_dump_json().encode()
    (heard,) = read_answer(OlderAnswers, body).statuses
    assert (heard.known, heard.returned) == (True, True)
    plain = ReferralStatus(referral_id="r", known=True)
    assert plain.model_dump_json() == '{"referral_id":"r","known":true,"withdrawn":false,"actions":[]}'
