"""Nobody answers the alarm of a child at risk: the police are told where the policy says so, once, and marked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.case.desk_entry import put_on_desk
from router.casework.case.record import open_case
from router.casework.decide.unseen import hand_over
from router.casework.deliver.stops import lift, stop
from router.casework.desk import case_acts
from router.casework.desk.acknowledge import acknowledge
from router.casework.govern.sources import change_source
from router.casework.read.case_file import case_file
from router.casework.referral.row import Chosen, referral
from router.clock import moment
from router.store.base import Add, Change, Transition
from router.store.schema.tables import cases, decisions
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.decision import Recipient
from schemas.policy import UNSEEN, Unseen
from schemas.source import SourceChange
from schemas.states import ReferralState
from schemas.vocabulary import Assessment, Outcome
from tests.bells import Alarmed, alarmed
from tests.casebook import ANNA, FORM, PARTNERS

LIVE = {"urgency": "live"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Alarmed]:
    async with alarmed(tmp_path) as opened:
        yield opened


def hands(house: Alarmed, **more: Any) -> None:
    """Have the policy hand over to the police after an hour."""
    given = {
        "unseen_then": Unseen.HAND_TO_POLICE,
        "unseen_to": "federal-police",
        "unseen_after": timedelta(hours=1),
        **more,
    }
    house.book.rules.policy_ = house.book.rules.policy_.model_copy(update=given)


async def night(house: Alarmed, hours: float = 2) -> None:
    """Let the night pass, with rounds of a worker."""
    for _ in range(round(hours * 12)):
        await house.later(minutes=5)


async def police(house: Alarmed, case_id: str) -> list[dict[str, Any]]:
    return [row for row in await house.book.referrals(case_id) if row["partner"] == "federal-police"]


async def test_by_default_it_rings_on_and_nothing_unassessed_leaves(house: Alarmed) -> None:
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house, 12)
    assert await house.book.referrals(case_id) == []
    assert len(house.rung.posts) == 144


async def test_switched_on_the_police_are_told_after_that_time_and_not_before(house: Alarmed) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house, 55 / 60)
    assert await police(house, case_id) == []
    await night(house, 20 / 60)
    (row,) = await police(house, case_id)
    assert (row["state"], row["route"], row["rank"]) == (ReferralState.WAITING, UNSEEN, 0)
    await house.book.send("federal-police")
    (row,) = await police(house, case_id)
    assert row["state"] == ReferralState.ACCEPTED
    (said,) = house.book.partner.messages()
    assert (said.assessment.value, said.assessment.not_assessed_by_us) == (Assessment.UNASSESSED, True)


@pytest.mark.parametrize("column", ["decision", "facts"])
async def test_a_decision_that_is_damaged_keeps_neither_its_own_case_nor_another_from_the_police(
    house: Alarmed, column: str
) -> None:
    hands(house)
    book = house.book
    bad = await book.decided("https://bad.test/", "r-1", actor=FORM, **LIVE)
    good = await book.decided("https://good.test/", "r-2", actor=FORM, **LIVE)
    key = {"id": (await book.case(bad))["decision_id"]}
    await book.ctx.store.commit(Transition(book.ctx.now(), (Change(decisions, key, {column: "no JSON"}),)))
    await night(house)
    assert [len(await police(house, one)) for one in (bad, good)] == [1, 1]


async def test_it_rings_on_and_stays_on_the_desk_and_says_what_happened(house: Alarmed) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    due = (await house.book.case(case_id))["desk_due"]
    await night(house)
    case, rung = await house.book.case(case_id), len(house.rung.posts)
    assert (case["state"], case["desk_code"], case["desk_due"]) == ("desk", "child_at_risk", due)
    assert case["desk_text"] == (
        "Nobody answered the alarm: Federal-Police is told, marked as not assessed by us. Look at it now."
    )
    file = await case_file(house.book.ctx, case_id)
    assert "case.handed_unseen" in [event.act for event in file.timeline]
    decision = file.decision
    assert decision is not None
    assert decision.path[-1].because == "nobody answered the alarm within 1 h"
    assert [one.partner for one in decision.recipients if one.mode == "propose"] == ["hotline-nl"]
    await house.later(minutes=5)
    assert len(house.rung.posts) == rung + 1


async def test_it_happens_once_however_often_it_is_looked_at(house: Alarmed) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house, 50 / 60)
    house.book.later(minutes=15)
    found = await asyncio.gather(*(hand_over(house.book.ctx) for _ in range(4)))
    assert sum(found) == 1
    await house.book.send("federal-police")
    await house.book.retraced(case_id)
    await night(house, 3)
    assert len(await police(house, case_id)) == 1


@pytest.mark.parametrize("meanwhile", ["acknowledged", "closed"])
async def test_who_answers_in_time_stops_it(house: Alarmed, meanwhile: str) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house, 50 / 60)
    if meanwhile == "acknowledged":
        await acknowledge(house.book.ctx, case_id, ANNA)
    else:
        await case_acts.close(house.book.ctx, case_id, ANNA, "nothing", outcome=Outcome.NOT_ILLEGAL)
    await night(house, 3)
    assert await police(house, case_id) == []


async def test_an_answer_at_the_same_moment_wins(house: Alarmed, monkeypatch: pytest.MonkeyPatch) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house, 50 / 60)
    house.book.later(minutes=15)

    async def answered_first(*given: Any) -> Any:
        opened = await open_case(*given)
        await acknowledge(house.book.ctx, case_id, ANNA)
        return opened

    monkeypatch.setattr("router.casework.decide.unseen.open_case", answered_first)
    assert await hand_over(house.book.ctx) == 0
    assert await police(house, case_id) == []


def barred(house: Alarmed) -> None:
    hands(house, barred={"BE": "a court's order"})


def disabled(house: Alarmed) -> None:
    hands(house)
    house.book.partners(PARTNERS[2].model_copy(update={"enabled": False}))


@pytest.mark.parametrize(("ruled_out", "why"), [(barred, "nothing may be sent to BE"), (disabled, "is disabled")])
async def test_what_rules_a_partner_out_rules_it_out_here_and_the_desk_says_so_once(
    house: Alarmed, ruled_out: Callable[[Alarmed], None], why: str
) -> None:
    case_id = await house.book.decided(actor=FORM, **LIVE)
    ruled_out(house)
    await night(house)
    assert await police(house, case_id) == []
    assert why in (await house.book.case(case_id))["desk_text"]
    acts = [event.act for event in (await case_file(house.book.ctx, case_id)).timeline]
    assert acts.count("case.not_handed") == 1


async def test_a_stop_that_names_the_police_holds_it_and_one_of_all_does_not(house: Alarmed) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await stop(house.book.ctx, "all", ANNA, "an exercise")
    await stop(house.book.ctx, "partner:federal-police", ANNA, "an exercise")
    await night(house)
    await house.book.send("federal-police")
    assert house.book.partner.messages() == []
    await lift(house.book.ctx, "partner:federal-police", ANNA, "over")
    house.book.later(hours=1)
    await house.book.send("federal-police")
    assert [row["state"] for row in await police(house, case_id)] == [ReferralState.ACCEPTED]


async def test_switched_off_before_it_leaves_it_stays(house: Alarmed) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house)
    hands(house, unseen_then=Unseen.RING_ON, unseen_to=None)
    await house.book.send("federal-police")
    assert house.book.partner.messages() == []
    (row,) = await police(house, case_id)
    assert row["state"] == ReferralState.REFUSED


async def test_what_was_assessed_goes_without_the_mark(house: Alarmed) -> None:
    hands(house)
    house.book.rules.policy_ = house.book.rules.policy_.model_copy(
        update={
            "routes": tuple(
                route.model_copy(update={"to": ("desk",)}) if route.name == "child-at-risk" else route
                for route in house.book.rules.policy_.routes
            )
        }
    )
    case_id = await house.book.decided(**LIVE)
    await night(house)
    await house.book.send("federal-police")
    assert [one.assessment.not_assessed_by_us for one in house.book.partner.messages()] == [False]
    assert "not assessed" not in (await house.book.case(case_id))["desk_text"]


async def test_a_source_that_may_not_ring_and_a_flood_reach_no_police(house: Alarmed) -> None:
    hands(house)
    await change_source(house.book.ctx, "form", SourceChange(may_ring=False), ROUTER)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house)
    assert await police(house, case_id) == []
    await change_source(house.book.ctx, "form", SourceChange(may_ring=True), ROUTER)
    cases = [await house.book.decided(f"https://flood-{n}.test/", f"f-{n}", actor=FORM, **LIVE) for n in range(25)]
    await night(house, 1)
    told = [one for one in cases if await police(house, one)]
    assert 15 <= len(told) <= 20, "as many as ring one by one in an hour, and no more"


async def test_a_referral_to_the_police_that_was_superseded_and_never_left_told_them_nothing(house: Alarmed) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    case = await house.book.case(case_id)
    old = referral(Chosen(case, case["decision_id"], Recipient(partner="federal-police", route="before")), 1)
    gone = Add(old.table, {**old.values, "state": ReferralState.SUPERSEDED, "next_at": None})
    await house.book.ctx.store.commit(Transition(1, adds=[gone]))
    await night(house)
    assert [row["route"] for row in await police(house, case_id)] == ["before", UNSEEN]


async def test_another_question_starts_no_clock_anew(house: Alarmed) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house, 50 / 60)
    case = await house.book.case(case_id)
    asks = (DeskCode.DISAGREE, "Two reports contradict each other.")
    asked = Change(cases, {"id": case_id}, put_on_desk(case, asks, house.book.ctx.now()), case["version"])
    await house.book.ctx.store.commit(Transition(house.book.ctx.now(), (asked,)))
    assert (await house.book.case(case_id))["desk_alarm"] != case["desk_alarm"]
    await night(house, 20 / 60)
    assert len(await police(house, case_id)) == 1


async def test_after_an_answer_the_next_question_has_its_own_time(house: Alarmed) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    await night(house, 50 / 60)
    await acknowledge(house.book.ctx, case_id, ANNA)
    case = await house.book.case(case_id)
    asks = (DeskCode.DISAGREE, "Two reports contradict each other.")
    asked = Change(cases, {"id": case_id}, put_on_desk(case, asks, house.book.ctx.now()), case["version"])
    await house.book.ctx.store.commit(Transition(house.book.ctx.now(), (asked,)))
    await night(house, 50 / 60)
    assert await police(house, case_id) == []
    await night(house, 20 / 60)
    assert len(await police(house, case_id)) == 1


@pytest.mark.parametrize(("reason", "told"), [("investigation first", True), (None, True), ("staff", False)])
async def test_what_a_route_holds_back_has_told_the_police_nothing(
    house: Alarmed, reason: str | None, told: bool
) -> None:
    hands(house)
    case_id = await house.book.decided(actor=FORM, **LIVE)
    case, until = await house.book.case(case_id), moment(house.book.ctx.now()) + timedelta(days=30)
    to = Recipient(partner="federal-police", route="later", hold_until=until, hold_reason=reason)
    kept = referral(Chosen(case, case["decision_id"], to), 1)
    await house.book.ctx.store.commit(Transition(1, adds=[kept]))
    await night(house)
    found = {row["route"]: row["state"] for row in await police(house, case_id)}
    if told:
        assert found == {"later": ReferralState.SUPERSEDED, UNSEEN: ReferralState.WAITING}
    else:
        assert found == {"later": ReferralState.HELD}
