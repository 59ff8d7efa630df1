"""Our acts go back to the hub: each once, in order, with its own date, and what the hub does not take is said."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.alarm.house import is_over_now, look_after
from router.casework.desk import case_acts
from router.casework.follow_up.report_back import own_acts
from router.casework.intake.hub_state import inbox_state
from router.clock import moment
from router.store.base import Add, Change, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import actions, alarms, cases, hub_items, referrals
from router.world.iccam.records import Content
from router.world.iccam.rules import STRICT
from router.world.iccam.trouble import Kind, Trouble
from schemas.alarm import HouseCode
from schemas.casefile import DeskCode
from schemas.partner import PartnerKind
from schemas.policy import ToldPolice
from schemas.vocabulary import ActionReason, ActionType, Assessment, Outcome
from tests.casebook import ANNA, partner
from tests.hub_desk import Desk, hub_desk

PAGE = "https://given.test/page"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """An inbox that is ours, and the police, who take what is hosted at home."""
    async with hub_desk(tmp_path, STRICT, intake=True, acknowledge=True) as opened:
        at_home(opened)
        yield opened


def at_home(desk: Desk) -> None:
    police = partner("federal-police", "BE", kind=PartnerKind.POLICE, accepts=("baseline", "national"))
    desk.book.partners(police)
    desk.speak(scripted=desk.book.partner)
    desk.book.world.verdict = desk.book.world.verdict.model_copy(update={"country": "BE", "countries": ("BE",)})


async def given(desk: Desk, classification: int | None = 1) -> tuple[Content, str]:
    """A content that is ours, and its case, decided."""
    (page,) = desk.given(PAGE, classification=classification)
    desk.near.clock.advance(2 * MINUTE)
    await desk.pull()
    (case,) = await desk.book.rows(cases)
    await desk.book.step(case["id"], 2)
    return page, case["id"]


async def told(desk: Desk, times: int = 1) -> Row:
    for _ in range(times):
        desk.near.clock.advance(6 * MINUTE)
        await desk.pull()
    (row,) = await desk.book.rows(hub_items)
    return row


def types(page: Content) -> list[int]:
    return [action["actionType"] for action in page.actions]


async def act(desk: Desk, case_id: str, action: ActionType, **more: object) -> None:
    """Something that happened to the case, as its row says it."""
    row = {"id": new_id(), "case_id": case_id, "action": action, "at": desk.book.ctx.now(), "by": "router"} | more
    await desk.book.ctx.store.commit(Transition(desk.book.ctx.now(), adds=(Add(actions, row),)))


async def test_what_the_police_have_is_told_with_its_own_date(desk: Desk) -> None:
    page, case_id = await given(desk)
    await desk.book.send("federal-police")
    accepted = moment((await desk.book.referral(case_id))["accepted_at"])
    desk.near.clock.advance(timedelta(hours=3))
    await told(desk)
    (done,) = page.actions
    assert (done["actionType"], done["analystName"]) == (1, "api.user@hotline-c.test")
    assert done["actionDate"] == accepted.strftime("%Y-%m-%dT%H:%M:%SZ")
    await told(desk, 2)
    assert types(page) == [1]


async def test_at_home_the_provider_was_told_only_when_the_police_say_so(desk: Desk) -> None:
    page, case_id = await given(desk)
    await act(desk, case_id, ActionType.REPORTED_TO_ISP, by="somebody", referral_id="r")
    await told(desk)
    assert types(page) == []
    await act(desk, case_id, ActionType.REPORTED_TO_ISP, by="federal-police", referral_id="r")
    await told(desk)
    assert types(page) == [2]


@pytest.mark.parametrize(
    ("outcome", "number", "reason"),
    [(Outcome.REMOVED, 3, None), (Outcome.UNAVAILABLE, 4, 2), (Outcome.NOT_ILLEGAL, 6, 1)],
)
async def test_how_it_ended_is_told_last_and_ends_it(
    desk: Desk, outcome: Outcome, number: int, reason: int | None
) -> None:
    page, case_id = await given(desk)
    await desk.book.send("federal-police")
    await desk.book.saw(case_id)
    await case_acts.close(desk.book.ctx, case_id, ANNA, "we looked", outcome=outcome)
    row = await told(desk)
    assert types(page) == [1, number]
    assert page.actions[-1].get("reasonId") == reason
    assert row["ended_at"] is not None
    await told(desk, 2)
    assert len(page.actions) == 2


@pytest.mark.parametrize("reason", list(ActionReason))
async def test_each_of_the_reasons_goes_as_the_hubs_own(desk: Desk, reason: ActionReason) -> None:
    page, case_id = await given(desk)
    await act(desk, case_id, ActionType.UNAVAILABLE, reason=reason)
    await told(desk)
    assert page.actions[-1]["reasonId"] == list(ActionReason).index(reason) + 1


async def test_what_nobody_had_assessed_is_assessed_before_anything_is_done(desk: Desk) -> None:
    page, case_id = await given(desk, classification=None)
    await desk.book.saw(case_id)
    await case_acts.assess(desk.book.ctx, case_id, ANNA, "seen", assessment=Assessment.BASELINE)
    await desk.book.step(case_id, 2)
    await desk.book.send("federal-police")
    await told(desk)
    assert ([one["classification"] for one in page.assessments], types(page)) == ([1], [1])


async def test_what_moved_is_given_on_by_two_calls_that_are_finished_together(desk: Desk) -> None:
    page, case_id = await given(desk)
    await act(desk, case_id, ActionType.MOVED, moved_to="DE")
    desk.near.server.troubles.order(Trouble(Kind.DROP_BEFORE, "assigned-country", "PUT"))
    row = await told(desk)
    assert len([path for path in desk.near.paths if path.endswith("assigned-country")]) == 2
    assert (page.hosting_country, page.assigned_country, row["ended_at"] is not None) == ("DE", "DE", True)


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.CUT, Kind.GARBAGE])
async def test_an_act_whose_answer_was_lost_is_looked_up_and_never_doubled(desk: Desk, kind: Kind) -> None:
    page, _ = await given(desk)
    await desk.book.send("federal-police")
    desk.near.server.troubles.order(Trouble(kind, "actions", "POST"))
    await told(desk, 2)
    assert types(page) == [1]


@pytest.mark.parametrize("country", ["FR", None])
async def test_what_the_hub_gave_to_somebody_else_meanwhile_is_for_people(desk: Desk, country: str | None) -> None:
    page, case_id = await given(desk)
    await desk.book.send("federal-police")
    desk.near.hub.reassign(page.id, country)
    row = await told(desk, 3)
    case = await desk.book.case(case_id)
    assert (types(page), case["desk_code"]) == ([], DeskCode.BOUNCED)
    assert row["last_text"] == case["desk_text"]


async def test_while_it_only_watches_nothing_is_told(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, STRICT, intake=True) as desk:
        at_home(desk)
        page, case_id = await given(desk)
        await act(desk, case_id, ActionType.REMOVED)
        await told(desk)
        assert page.actions == []


@pytest.mark.parametrize("counts", list(ToldPolice))
async def test_the_policy_says_what_counts_as_reported(desk: Desk, counts: ToldPolice) -> None:
    _, case_id = await given(desk)
    desk.book.rules.policy_ = desk.book.rules.policy_.model_copy(update={"reported_to_lea": counts})
    row = await desk.book.referral(case_id)
    left = {"first_sent_at": desk.book.ctx.now(), "may_have_arrived": 1}
    change = Change(referrals, {"id": row["id"]}, left)
    await desk.book.ctx.store.commit(Transition(desk.book.ctx.now(), (change,)))
    found = (await own_acts(desk.book.ctx, "iccam", [case_id]))[case_id]
    assert [one.action for one in found] == ([ActionType.REPORTED_TO_LEA] if counts is ToldPolice.LEAVING else [])


async def test_an_act_of_the_hubs_own_record_is_none_of_ours(desk: Desk) -> None:
    _, case_id = await given(desk)
    await act(desk, case_id, ActionType.REMOVED, by="iccam")
    assert (await own_acts(desk.book.ctx, "iccam", [case_id]))[case_id] == []


async def test_what_ended_without_a_word_for_the_hub_stands_before_nothing_newer(desk: Desk) -> None:
    _, case_id = await given(desk)
    assert (await told(desk))["ended_at"] is None
    await case_acts.close(desk.book.ctx, case_id, ANNA, "nothing there", outcome=Outcome.UNRESOLVED)
    assert (await told(desk))["ended_at"] is not None


async def test_an_end_that_the_hub_refuses_after_the_case_was_closed_rings_and_is_named(desk: Desk) -> None:
    page, case_id = await given(desk)
    ctx = desk.book.ctx
    await case_acts.close(ctx, case_id, ANNA, "we looked", outcome=Outcome.REMOVED)
    desk.near.hub.reassign(page.id, "FR")
    row = await told(desk, 3)
    assert (row["last_text"] is not None, row["ended_at"] is not None, page.actions) == (True, True, [])
    assert (await desk.book.case(case_id))["desk_code"] is None
    assert f"how 1 of its contents ended ({page.id})" in await inbox_state(ctx, "iccam")
    await look_after(ctx)
    (alarm,) = await desk.book.rows(alarms)
    assert (alarm["code"], await is_over_now(ctx, alarm)) == (HouseCode.INBOX, False)
    desk.near.clock.advance(timedelta(hours=25))
    assert await is_over_now(ctx, alarm)
    await told(desk, 2)
    assert page.actions == []
