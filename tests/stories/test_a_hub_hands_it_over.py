"""A case goes to the hub step by step, is given to its country, worked there, and comes back as an end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.case.quarantine import BROKEN
from router.casework.desk import referral_acts
from router.casework.read import lists
from router.partners.base import CALL_SECONDS, Envelope, Outcome
from router.partners.iccam.dialect import IccamDialect
from router.store.base import Change, Row, Transition
from router.store.schema.tables import referrals
from router.worker.sending import Sending
from router.world.iccam.rules import TAKES_TWICE
from router.world.iccam.staff import Analyst
from router.world.iccam.trouble import Kind, Trouble
from schemas.casefile import DeskCode
from schemas.partner import Partner
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome as Ended
from tests.casebook import ANNA
from tests.hub_desk import Desk, hub_desk

CONTENT = 7_000_001


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with hub_desk(tmp_path, TAKES_TWICE) as opened:
        yield opened


async def test_a_case_is_handed_over_worked_there_and_closed_here(desk: Desk) -> None:
    case_id = await desk.book.decided()
    row = await desk.send(case_id)
    assert (row["state"], row["receipt"]) == (ReferralState.ACCEPTED, "900001/7000001")
    content = desk.near.hub.contents[CONTENT]
    assert content.assigned_country == "NL"
    dutch = Analyst(desk.near.hub, "NL")
    for act in (dutch.report_to_lea, dutch.report_to_isp, dutch.remove):
        act(content)
    desk.near.clock.advance(timedelta(days=5))
    case = await desk.book.step(case_id)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Ended.REMOVED)


async def test_between_steps_it_waits_and_says_where_it_stands(desk: Desk) -> None:
    case_id = await desk.book.decided()
    await Sending(desk.book.ctx).turn()
    row = await desk.book.referral(case_id)
    assert (row["state"], row["progress_step"], row["attempts"]) == (ReferralState.WAITING, "reported", 0)
    (view,) = await lists.views_of(desk.book.ctx, [row])
    assert view.progress is not None
    assert view.progress.text == "With ICCAM as report 900001, not yet assigned to NL."


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.CUT, Kind.GARBAGE])
async def test_a_lost_answer_makes_no_second_report(desk: Desk, kind: Kind) -> None:
    desk.near.server.troubles.order(Trouble(kind, "rest/reports", "POST"))
    case_id = await desk.book.decided()
    row = await desk.send(case_id)
    assert row["state"] == ReferralState.ACCEPTED
    assert len(desk.near.hub.reports) == 1


class Mortal(IccamDialect):
    """Whose process dies in its n-th call, or in each, after the hub did what it was asked."""

    calls = 0
    dies_at = -1
    dies_always = False

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        done = await super().send(partner, envelopes, deadline)
        self.calls += 1
        if self.dies_always or self.calls == self.dies_at:
            raise asyncio.CancelledError
        return done


async def let_go(desk: Desk, row: Row) -> None:
    """Let the lease of a dead sender run out."""
    lease = Change(referrals, {"id": row["id"]}, {"claimed_until": 0})
    await desk.book.ctx.store.commit(Transition(desk.book.ctx.now(), (lease,)))


@pytest.mark.parametrize("dies_at", [1, 2, 3, 4])
async def test_a_sender_that_dies_after_any_step_makes_no_second_report(desk: Desk, dies_at: int) -> None:
    """Its claim stays behind; the next sender goes on from what was kept, and looks at the hub before it reports."""
    mortal = Mortal(desk.near.tools)
    mortal.dies_at = dies_at
    desk.book.ctx = replace(desk.book.ctx, dialects={"iccam": mortal})
    case_id = await desk.book.decided()
    with pytest.raises(asyncio.CancelledError):
        await desk.send(case_id)
    row = await desk.book.referral(case_id)
    assert row["state"] == ReferralState.SENDING
    await let_go(desk, row)
    desk.book.ctx = replace(desk.book.ctx, dialects={"iccam": IccamDialect(desk.near.tools)})
    row = await desk.send(case_id)
    content = desk.near.hub.contents[CONTENT]
    assert (row["state"], len(desk.near.hub.reports)) == (ReferralState.ACCEPTED, 1)
    assert (content.assigned_country, len(content.assessments)) == ("NL", 1)


async def test_what_every_sender_dies_of_is_for_people_and_tried_again_makes_no_second_report(desk: Desk) -> None:
    """The hub has it since the first death, and no sender lived to note that it found it there."""
    mortal = Mortal(desk.near.tools)
    mortal.dies_always = True
    desk.book.ctx = replace(desk.book.ctx, dialects={"iccam": mortal})
    case_id = await desk.book.decided()
    row = await desk.book.referral(case_id)
    while row["state"] in {ReferralState.WAITING, ReferralState.SENDING}:
        with suppress(asyncio.CancelledError):
            await desk.send(case_id)
        row = await desk.book.referral(case_id)
        await let_go(desk, row)
    case = await desk.book.case(case_id)
    assert (row["state"], case["desk_code"]) == (ReferralState.UNKNOWN, DeskCode.BROKEN)
    assert (mortal.calls, len(desk.near.hub.reports)) == (BROKEN, 1)
    desk.book.ctx = replace(desk.book.ctx, dialects={"iccam": IccamDialect(desk.near.tools)})
    await referral_acts.retry(desk.book.ctx, row["id"], ANNA, "the operator mended it")
    assert (await desk.book.case(case_id))["desk_code"] is None
    row = await desk.send(case_id)
    assert (row["state"], len(desk.near.hub.reports)) == (ReferralState.ACCEPTED, 1)


async def test_a_report_that_cannot_be_found_again_is_for_people(desk: Desk) -> None:
    desk.near.server.troubles.order(Trouble(Kind.DROP_BEFORE, "rest/reports", "POST"))
    case_id = await desk.book.decided()
    row = await desk.send(case_id)
    assert (row["state"], desk.near.hub.reports) == (ReferralState.UNKNOWN, {})
    case = await desk.book.case(case_id)
    assert (case["desk_code"], row["id"] in case["desk_text"]) == (DeskCode.UNKNOWN, True)
    await referral_acts.retry(desk.book.ctx, row["id"], ANNA, "it is not there")
    row = await desk.send(case_id)
    assert (row["state"], len(desk.near.hub.reports)) == (ReferralState.ACCEPTED, 1)


async def test_a_recall_between_the_steps_keeps_it_with_us(desk: Desk) -> None:
    case_id = await desk.book.decided()
    await Sending(desk.book.ctx).turn()
    row = await desk.book.referral(case_id)
    await referral_acts.recall(desk.book.ctx, row["id"], ANNA, "a mistake")
    await desk.send(case_id)
    for _ in range(3):
        desk.near.clock.advance(timedelta(minutes=1))
        await Sending(desk.book.ctx).turn()
    row = await desk.book.referral(case_id)
    assert row["state"] == ReferralState.RECALLED
    assert desk.near.hub.contents[CONTENT].assigned_country == "BE"
