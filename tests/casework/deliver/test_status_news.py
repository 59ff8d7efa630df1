"""Telling sources of their reports: in order, at least once by one id, held back by what is wrong at their address."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from router.casework.deliver import status_news as telling
from router.casework.deliver import stops
from router.casework.desk import case_acts, referral_acts
from router.casework.govern.sources import list_sources
from router.casework.govern.status_hook import change_hook
from router.casework.retention.expired import forget
from router.clock import moment
from router.delivery.partner_state import PartnerState
from router.store.schema.tables import audit, partner_state, reports, status_changes, status_news
from schemas.source import StatusView
from schemas.vocabulary import Outcome
from tests.casebook import ANALYSTS, ANNA, FORM
from tests.embargoes import embargo, ended
from tests.hearing import OPERATOR, Hearing, hearing, hook, put_back_and_released
from tests.police_holds import police_hold


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Hearing]:
    async with hearing(tmp_path, "analysts") as opened:
        yield opened


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Hearing]:
    async with hearing(tmp_path, "form") as opened:
        yield opened


async def status_of(house: Hearing, name: str = "analysts") -> StatusView:
    found = next(one.status for one in await list_sources(house.book.ctx) if one.name == name)
    assert found is not None
    return found


async def test_a_change_is_on_disk_with_what_made_it(house: Hearing) -> None:
    await house.book.take()
    (row,) = await house.book.rows(status_changes)
    assert row["at"] == house.book.ctx.now()
    await house.until_quiet()
    assert await house.book.rows(status_changes) == []
    assert await house.book.rows(status_news) == []
    assert house.states() == ["received"]


async def test_nothing_new_is_not_told(house: Hearing) -> None:
    case_id = await house.book.take()
    await house.until_quiet()
    await house.book.step(case_id, 2)
    await house.until_quiet()
    before = len(house.heard())
    await case_acts.retrace(house.book.ctx, case_id, ANNA, "look again")
    await house.until_quiet()
    await house.book.step(case_id, 2)
    await house.until_quiet()
    said = house.heard()
    assert len(said) > before
    assert all(one != other for one, other in pairwise(said))


async def test_a_second_report_of_a_case_is_told_and_another_source_s_is_not(house: Hearing) -> None:
    case_id = await house.book.take()
    await house.book.take(reference="r-2")
    await house.book.take(reference="theirs", actor=FORM)
    await house.until_quiet()
    await case_acts.close(house.book.ctx, case_id, ANNA, "a cat", outcome=Outcome.NOT_ILLEGAL)
    await house.until_quiet()
    rows = await house.book.rows(reports, reports.c.source == "analysts")
    closed = [one["id"] for one in house.heard() if one["state"] == "closed"]
    assert sorted(closed) == sorted(row["id"] for row in rows)


async def test_what_was_not_taken_is_sent_again_by_its_id_and_in_order(house: Hearing) -> None:
    case_id = await house.book.take()
    house.receiver.status = 500
    await house.until_quiet()
    await house.book.step(case_id, 2)
    await house.book.send()
    await house.later(hours=1)
    assert len({one for one, _ in house.requests}) == 1
    assert len({body for _, body in house.requests}) == 1
    failing = await status_of(house)
    assert (failing.failing, failing.waiting > 0) == ("partner_fails", True)
    house.receiver.status = None
    await house.later(hours=1)
    assert house.states() == ["received", "passed_on"]
    assert (await status_of(house)).failing is None


async def test_killed_between_the_answer_and_the_commit_it_comes_again_with_the_same_id_and_bytes(
    house: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.book.take()

    async def killed(*_given: Any) -> Any:
        raise ConnectionAbortedError

    monkeypatch.setattr(telling, "_after", killed)
    with pytest.raises(ConnectionAbortedError):
        await house.until_quiet()
    monkeypatch.undo()
    assert len(house.requests) == 1
    house.book.ctx = replace(house.book.ctx, owner="another process")
    house.telling.ctx = house.book.ctx
    await outlive_the_lease(house)
    await house.until_quiet()
    assert len(house.requests) == 2
    assert house.requests[0] == house.requests[1]
    assert await house.book.rows(status_news) == []


async def outlive_the_lease(house: Hearing) -> None:
    """Leases go by the database's clock: a claim of a process that died is let go, as if its time had passed."""
    from router.store.base import Change, Transition

    for row in await house.book.rows(status_news):
        free = {"claimed_until": 0}
        await house.book.ctx.store.commit(Transition(0, (Change(status_news, {"id": row["id"]}, free),)))


async def test_after_the_policy_s_time_it_is_given_up_and_said(house: Hearing) -> None:
    await house.book.take()
    house.receiver.status = 503
    for _ in range(30):
        await house.later(hours=6)
    lost = await status_of(house)
    assert (lost.given_up, lost.waiting, lost.failing) == (1, 0, None)
    acts = [row["act"] for row in await house.book.ctx.store.rows(select(audit))]
    assert (acts.count("source.not_told"), acts.count("source.told")) == (1, 0)
    house.book.later(days=31)
    await forget(house.book.ctx)
    assert await house.book.rows(status_news) == []


async def test_a_receiver_that_is_away_is_not_called_for_each_report(house: Hearing) -> None:
    house.receiver.status = 500
    for number in range(40):
        await house.book.take(f"https://host-{number}.test/", f"r-{number}")
    await house.until_quiet()
    assert len(house.requests) <= telling.PACE.burst
    (row,) = await house.book.rows(partner_state)
    assert PartnerState.of(row).breaker == "open"
    house.receiver.status = None
    for _ in range(30):
        await house.later(minutes=20)
    assert len(house.heard()) == 40


async def test_an_address_that_is_closed_is_paused_until_it_is_said_again(house: Hearing) -> None:
    await house.book.take()
    house.receiver.status = 410
    await house.until_quiet()
    house.receiver.status = None
    await house.later(hours=2)
    assert house.heard() == []
    assert (await status_of(house)).failing == "gone"
    await change_hook(house.book.ctx, "analysts", hook(), OPERATOR)
    await house.later(hours=1)
    assert house.states() == ["received"]


async def test_a_stop_of_everything_keeps_it(house: Hearing) -> None:
    await stops.stop(house.book.ctx, "all", ANNA, "a leak")
    await house.book.take()
    await house.later(hours=1)
    assert house.requests == []
    await stops.lift(house.book.ctx, "all", ANNA, "mended")
    await house.until_quiet()
    assert house.states() == ["received"]


async def test_of_the_referral_whose_case_is_not_named_the_case_is_found(house: Hearing) -> None:
    case_id = await house.book.accepted()
    await house.until_quiet()
    referral = await house.book.referral(case_id)
    await referral_acts.recall(house.book.ctx, referral["id"], ANNA, "it was ours")
    await house.until_quiet()
    (item,) = house.heard()[-1]["items"]
    assert item["detail"]["referrals"][0]["state"] == "withdrawing"


async def test_reports_of_before_are_told_of_from_then_on_in_the_house_alone(tmp_path: Path) -> None:
    async with hearing(tmp_path) as nobody:
        case_id = await nobody.book.take()
        await nobody.book.take(reference="f-1", actor=FORM)
        for name in ("analysts", "form"):
            await change_hook(nobody.book.ctx, name, hook(), OPERATOR)
        await nobody.book.step(case_id, 2)
        for _ in range(10):
            await nobody.later(days=1)
        assert {one["items"][0].get("detail") is None for one in nobody.heard()} == {False}


async def test_outside_a_worker_that_was_away_for_weeks_tells_it_once(outside: Hearing) -> None:
    await outside.book.take(actor=FORM)
    await outside.later(days=20)
    assert outside.states() == ["handled"]
    (row,) = await outside.book.rows(status_news)
    assert outside.book.ctx.now() < row["due_at"] <= outside.book.ctx.now() + 86_400_000_000


async def test_outside_what_was_given_up_does_not_keep_the_next_word(outside: Hearing) -> None:
    case_id = await outside.book.take(actor=FORM)
    await outside.book.take(reference="r-2", actor=ANALYSTS)
    outside.receiver.status = 500
    for _ in range(11):
        await outside.later(hours=12)
    assert (await status_of(outside, "form")).given_up == 1
    await outside.book.step(case_id, 2)
    await outside.book.send()
    outside.receiver.status = None
    for _ in range(10):
        await outside.later(days=1)
    assert outside.states() == ["passed_on"]


async def test_who_hears_nothing_costs_a_question(tmp_path: Path) -> None:
    async with hearing(tmp_path) as nobody:
        await nobody.book.accepted()
        assert await nobody.telling.turn() == 0
        assert await telling.next_due(nobody.book.ctx) is None
        assert await nobody.book.rows(status_changes) == []


async def test_under_an_embargo_nothing_is_told_and_then_how_it_stands(house: Hearing) -> None:
    case_id = await house.book.take()
    await house.until_quiet()
    said = await embargo(house.book.ctx, "host", "example.test")
    await case_acts.close(house.book.ctx, case_id, ANNA, "by hand", outcome=Outcome.REMOVED)
    await house.later(hours=5)
    assert house.states() == ["received"]
    await ended(house.book.ctx, said.embargo.id)
    await house.later(hours=2)
    assert house.states() == ["received", "closed"]


async def test_while_the_police_hold_it_nothing_is_told_and_then_how_it_stands(house: Hearing) -> None:
    case_id = await house.book.decided()
    await house.until_quiet()
    before = house.states()
    await police_hold(house.book.ctx, case_id, days=1)
    await case_acts.close(house.book.ctx, case_id, ANNA, "by hand", outcome=Outcome.REMOVED)
    await house.later(hours=5)
    assert house.states() == before
    await house.later(hours=20)
    assert house.states() == [*before, "closed"]


async def test_after_a_release_each_source_that_hears_is_told_once_what_it_sends_again(tmp_path: Path) -> None:
    async with hearing(tmp_path, "analysts", "form") as both:
        case_id = await both.book.take()
        point = (await put_back_and_released(both.book.ctx)).point
        await both.until_quiet()
        said = [json.loads(body) for _, body in both.requests]
        again = [one for one in said if one["type"] == "reports.send_again"]
        now = both.book.clock.now()
        assert [datetime.fromisoformat(one["data"]["since"]) for one in again] == [moment(point)] * 2
        assert all(now - datetime.fromisoformat(one["timestamp"]) < timedelta(minutes=1) for one in again)
        assert len({id_ for id_, _ in both.requests}) == len(said) == 3, "and the report's own source of the report"
        await both.book.step(case_id, 2)
        await both.until_quiet()
        await put_back_and_released(both.book.ctx)
        await both.until_quiet()
        ids = [id_ for id_, body in both.requests if b"send_again" in body]
        assert len(set(ids)) == len(ids) == 4, "what was sent since the first release is lost once more"
        told = [row["detail"] for row in await both.book.rows(audit, audit.c.act == "source.told")]
        assert sum("report" not in one for one in told) == 4


async def test_what_is_asked_for_again_is_sent_by_one_id_and_given_up_as_all_else(house: Hearing) -> None:
    house.receiver.status = 503
    await put_back_and_released(house.book.ctx)
    await house.until_quiet()
    assert (await status_of(house)).waiting == 1
    await house.book.take()
    await house.later(hours=1)
    again = [(id_, body) for id_, body in house.requests if b"send_again" in body]
    assert len(again) > 1
    assert len(set(again)) == 1
    for _ in range(30):
        await house.later(hours=6)
    assert (await status_of(house)).given_up == 2, "this, and what it was to hear of its report"
    house.book.later(days=31)
    await forget(house.book.ctx)
    assert await house.book.rows(status_news) == []


async def test_a_stop_of_everything_holds_what_is_asked_for_again_as_well(house: Hearing) -> None:
    await stops.stop(house.book.ctx, "all", ANNA, "a wrong address")
    await put_back_and_released(house.book.ctx)
    await house.until_quiet()
    assert house.requests == []
