"""The sending half: gated before the claim, urgent first, one partner's trouble its own."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import apsw
import pytest
from sqlalchemy import Select
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from router.casework.deliver import source_cap, stops
from router.casework.deliver.partner_state import standing, tried
from router.casework.desk import referral_acts
from router.clock import micros
from router.delivery.partner_state import DAY
from router.errors import BadInput
from router.partners.base import Accepted, Deferred, Reason, Step
from router.store import statements
from router.store.base import NOTHING, Change, Claim, Row, Store, Transition
from router.store.schema.tables import cases, referrals, source_sent, sources
from router.store.sql_text import Compiler
from router.worker import due
from router.worker.due import Line, next_by_line
from router.worker.sending import Sending
from schemas.partner import Pace
from schemas.states import ReferralState
from tests.casebook import ANNA, Casebook, Scripted, partner
from tests.office import START

AWAY = [[Deferred(Reason.UNREACHABLE, "no")]] * 20


async def several(book: Casebook, count: int, start: int = 0, **more: object) -> list[str]:
    return [await book.decided(f"https://example.test/{n}", f"r-{n}", **more) for n in range(start, start + count)]


async def states(book: Casebook, ids: list[str]) -> list[str]:
    return [(await book.referral(one))["state"] for one in ids]


async def test_what_is_due_is_sent_and_counted(book: Casebook) -> None:
    ids = await several(book, 3)
    assert await Sending(book.ctx).turn() == 3
    assert await states(book, ids) == ["accepted"] * 3
    assert (await standing(book.ctx, "hotline-nl")).state.sent_today == 3


async def test_nothing_due_is_nothing_done(book: Casebook) -> None:
    assert await Sending(book.ctx).turn() == 0
    assert book.partner.calls == []


async def test_a_stopped_partner_gets_nothing_and_the_others_do(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    await stops.stop(book.ctx, "partner:hotline-nl", ANNA, "they are moving")
    await Sending(book.ctx).turn()
    assert {row["partner"]: row["state"] for row in await book.referrals(case_id)} == {
        "hotline-nl": ReferralState.WAITING, "hotline-ca": ReferralState.ACCEPTED,
    }  # fmt: skip


async def test_a_stopped_route_stays_until_it_is_lifted(book: Casebook) -> None:
    ids = await several(book, 1)
    await stops.stop(book.ctx, "route:hotline-abroad", ANNA, "a wrong rule")
    sending = Sending(book.ctx)
    await sending.turn()
    assert await states(book, ids) == ["waiting"]
    await stops.lift(book.ctx, "route:hotline-abroad", ANNA, "mended")
    book.later(seconds=2)
    await sending.turn()
    assert await states(book, ids) == ["accepted"]


async def test_urgent_ones_leave_first_when_the_pace_allows_one_call(book: Casebook) -> None:
    book.partners(partner("federal-police", "BE", kind="police", pace=Pace(per_second=0.001, burst=1)))
    book.world.verdict = book.world.verdict.model_copy(update={"country": "BE", "countries": ("BE",)})
    ordinary = await several(book, 2)
    urgent = await several(book, 1, start=5, urgency="live")
    book.partner.bundle = 1  # type: ignore[misc] # every one's, but this is the only one
    await Sending(book.ctx).turn()
    assert (await states(book, urgent), await states(book, ordinary)) == (["accepted"], ["waiting"] * 2)


async def test_over_its_daily_cap_a_partner_gets_no_more_today(book: Casebook) -> None:
    book.partners(partner("hotline-nl", "NL", pace=Pace(daily_cap=2)))
    ids = await several(book, 3)
    sending = Sending(book.ctx)
    for _ in range(3):
        await sending.turn()
    assert sorted(await states(book, ids)) == ["accepted", "accepted", "waiting"]
    book.later(days=1)
    await sending.turn()
    assert await states(book, ids) == ["accepted"] * 3


async def capped(book: Casebook, cap: int | None) -> None:
    """Let a partner get so many referrals of the analysts' source a day."""
    await book.ctx.store.commit(Transition(1, [Change(sources, {"name": "analysts"}, {"daily_cap": cap})]))


async def until_quiet(sending: Sending) -> int:
    done = 0
    while some := await sending.turn():
        done += some
    return done


async def test_what_is_over_its_sources_cap_waits_for_tomorrow_and_holds_up_nobody(book: Casebook) -> None:
    await capped(book, 2)
    ids = await several(book, 4)
    await book.ctx.store.commit(Transition(1, [Change(cases, {"id": ids[3]}, {"cap_source": "form"})]))
    sending = Sending(book.ctx)
    await until_quiet(sending)
    assert await states(book, ids) == ["accepted", "accepted", "waiting", "accepted"]
    midnight = micros(START.replace(hour=0)) + DAY
    assert await next_by_line(book.ctx.store) == {Line("hotline-nl", urgent=False): midnight}
    book.later(days=1)
    await until_quiet(sending)
    assert await states(book, ids) == ["accepted"] * 4


async def test_nobody_waits_while_a_crawlers_million_is_put_off(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_cap, "MOST", 2)
    await capped(book, 1)
    book.partners(partner("hotline-nl", "NL", pace=Pace(daily_cap=3)))
    crawled = await several(book, 9)
    others = await several(book, 2, start=20)
    for one in others:
        await book.ctx.store.commit(Transition(1, [Change(cases, {"id": one}, {"cap_source": "form"})]))
        await book.ctx.store.commit(Transition(1, [Change(referrals, {"case_id": one}, {"rank": 1})]))
    sending = Sending(book.ctx)
    assert await sending.turn() >= 4  # two that may leave before it, one of the crawler's, and what was put off
    assert (await states(book, others), (await states(book, crawled)).count("accepted")) == (["accepted"] * 2, 1)
    await until_quiet(sending)
    assert (await states(book, crawled)).count("accepted") == 1
    assert (await standing(book.ctx, "hotline-nl")).state.sent_today == 3  # what is put off is not counted as sent


async def test_a_child_at_risk_is_never_capped(book: Casebook) -> None:
    await capped(book, 1)
    book.partners(partner("federal-police", "BE", kind="police"))
    book.world.verdict = book.world.verdict.model_copy(update={"country": "BE", "countries": ("BE",)})
    ids = await several(book, 3, urgency="live")
    await until_quiet(Sending(book.ctx))
    assert await states(book, ids) == ["accepted"] * 3
    assert {row["sent"] for row in await book.rows(source_sent)} == {0}


async def test_a_retry_that_failed_today_is_not_counted_again(book: Casebook) -> None:
    await capped(book, 2)
    ids = await several(book, 3)
    book.partner.script = [Deferred(Reason.PARTNER_DEFERS, "busy")] * 2
    sending = Sending(book.ctx)
    await until_quiet(sending)
    assert {row["state"] for row in [await book.referral(one) for one in ids]} == {"waiting"}
    book.later(minutes=1)
    await until_quiet(sending)
    assert sorted(await states(book, ids)) == ["accepted", "accepted", "waiting"]
    assert [row["sent"] for row in await book.rows(source_sent)] == [2]


async def test_a_person_sends_now_what_waits_for_its_cap(book: Casebook) -> None:
    await capped(book, 1)
    ids = await several(book, 2)
    sending = Sending(book.ctx)
    await until_quiet(sending)
    await referral_acts.retry(book.ctx, (await book.referral(ids[1]))["id"], ANNA, "they asked for it")
    await until_quiet(sending)
    assert await states(book, ids) == ["accepted"] * 2


async def test_two_workers_keep_to_one_cap(book: Casebook) -> None:
    await capped(book, 5)
    ids = await several(book, 12)
    others = [Sending(replace(book.ctx, owner=f"worker-{n}")) for n in range(3)]
    for _ in range(4):
        await asyncio.gather(*(until_quiet(one) for one in others))
        book.later(seconds=2)
    assert (await states(book, ids)).count("accepted") == sum(len(call) for call in book.partner.calls) == 5


class Watched:
    """The real store, and what it was asked."""

    def __init__(self, store: Store) -> None:
        self.store, self.asked, self.claims = store, list[Select[Any]](), list[Claim]()

    async def rows(self, statement: Select[Any]) -> list[Row]:
        self.asked.append(statement)
        return await self.store.rows(statement)

    async def claim(self, claim: Claim, beside: Transition = NOTHING) -> list[Row]:
        self.claims.append(claim)
        return await self.store.claim(claim, beside)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


async def test_without_a_cap_a_turn_asks_only_whether_there_is_one(book: Casebook) -> None:
    await several(book, 3)
    store = Watched(book.ctx.store)
    await Sending(replace(book.ctx, store=store)).turn()
    assert [claim.quota for claim in store.claims] == [None]
    assert len([one for one in store.asked if "source_sent" in str(one)]) == 1


@pytest.mark.parametrize("steps", [{}, {"made": Step("The report is made.")}], ids=["one_call", "several_steps"])
async def test_no_question_of_a_turn_walks_what_waits(
    book: Casebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: dict[str, Step]
) -> None:
    """With a million referrals waiting for one partner, each question must be a seek to what is due of one rank."""
    monkeypatch.setattr(Scripted, "steps", steps)
    await capped(book, 2)
    recalled = await book.accepted(reference="r-9")
    await referral_acts.recall(book.ctx, (await book.referral(recalled))["id"], ANNA, "wrong page")
    await several(book, 3)
    store, compiler = Watched(book.ctx.store), Compiler(SQLiteDialect(paramstyle="qmark"))
    await until_quiet(Sending(replace(book.ctx, store=store)))
    of_due = [due._CASES, due._REFERRALS]  # tests/worker/test_due.py
    asked = [one for one in store.asked if not any(one is other for other in of_due)]
    asked += [statements.claimable(claim) for claim in store.claims]
    connection = apsw.Connection(str(next(tmp_path.glob("*.db"))))
    explained = [
        connection.execute(f"EXPLAIN QUERY PLAN {text}", given) for text, given in map(compiler.compile, asked)
    ]
    plans = [[str(step[3]) for step in plan] for plan in explained]
    connection.close()
    named = {one for plan in plans for one in plan if " referrals " in one and "id=?" not in one}
    assert named == {
        "SEARCH referrals USING INDEX referral_due (partner=? AND rank=? AND next_at<?)",
        "SEARCH referrals USING INDEX referral_apart (partner=? AND next_at<?)",
        *(["SEARCH referrals USING INDEX referral_begun (partner=? AND rank=? AND next_at<?)"] if steps else []),
    }
    assert not [plan for plan in plans if named & set(plan) and "USE TEMP B-TREE FOR ORDER BY" in plan]


async def test_a_partner_whose_breaker_is_open_is_left_alone_until_its_time(book: Casebook) -> None:
    ids = await several(book, 2)
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), AWAY)
    sending = Sending(book.ctx)
    await sending.turn()
    assert book.partner.calls == []
    due = await next_by_line(book.ctx.store)
    await sending.start(due)
    assert (sending.next_due(due) or 0) > book.ctx.now()
    book.later(days=1)
    await sending.turn()
    assert len(book.partner.calls) == 1  # one call shows whether it is back
    assert sorted(await states(book, ids)) == ["accepted", "waiting"]


async def test_those_that_may_take_others_with_them_are_claimed_and_sent_alone(book: Casebook) -> None:
    ids = await several(book, 5)
    suspected = [(await book.referral(case_id))["id"] for case_id in ids[:3]]
    raised = tuple(Change(referrals, {"id": one}, {"claims": 2}) for one in suspected)
    await book.ctx.store.commit(Transition(1, raised))
    sending, claimed = Sending(book.ctx), []

    async def look_at_claims() -> None:
        rows = await book.rows(referrals)
        claimed.append(sorted(row["claims"] for row in rows if row["state"] == ReferralState.SENDING))

    book.partner.meanwhile = look_at_claims
    while await sending.turn():
        pass
    assert sorted(len(call) for call in book.partner.calls) == [1, 1, 1, 2]
    assert sorted(claimed) == [[1, 1], [3], [3], [3]]


async def test_a_suspect_waits_for_no_end_of_the_others(book: Casebook) -> None:
    ids = await several(book, 3)
    last = (await book.referral(ids[2]))["id"]
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": last}, {"claims": 2}),)))
    sending = Sending(book.ctx)
    assert [await sending.turn() for _ in range(3)] == [2, 1, 0]


async def test_a_slow_partner_delays_no_other(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    slow, asked = asyncio.Event(), []

    async def wait_for_the_first() -> None:
        asked.append(1)
        if len(asked) == 1:
            await slow.wait()

    book.partner.meanwhile = wait_for_the_first
    sending = Sending(book.ctx)
    await sending.start(await next_by_line(book.ctx.store))
    async with asyncio.timeout(60):  # else the second partner waits for the first
        while await states_of(book, case_id) != ["accepted", "sending"]:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    slow.set()
    await sending.finish()
    assert {row["state"] for row in await book.referrals(case_id)} == {"accepted"}


async def states_of(book: Casebook, case_id: str) -> list[str]:
    return sorted(row["state"] for row in await book.referrals(case_id))


async def test_a_partner_that_breaks_its_turn_takes_no_other_down_and_is_tried_again(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    whole = book.rules.directory_
    book.partners(partner("hotline-nl", "NL", dialect="unheard-of"))
    sending = Sending(book.ctx)
    await sending.turn()
    assert {row["partner"]: row["state"] for row in await book.referrals(case_id)} == {
        "hotline-nl": "waiting", "hotline-ca": "accepted",
    }  # fmt: skip
    book.rules.directory_ = whole
    book.later(seconds=2)
    await sending.turn()
    assert {row["state"] for row in await book.referrals(case_id)} == {"accepted"}


async def test_what_cannot_be_frozen_is_deferred_and_costs_no_attempt(book: Casebook) -> None:
    (case_id,) = await several(book, 1)

    class Unusable(Scripted):
        def freeze(self, message: object, partner: object) -> bytes:
            raise BadInput("The settings cannot be used.")

    ctx = replace(book.ctx, dialects={"scripted": Unusable()})
    await Sending(ctx).turn()
    row = await book.referral(case_id)
    assert (row["state"], row["attempts"], row["payload"], row["last_reason"]) == ("waiting", 0, None, ANY)


async def test_a_hold_whose_date_has_come_is_let_go_and_sent(book: Casebook) -> None:
    (case_id,) = await several(book, 1)
    one = (await book.referral(case_id))["id"]
    await referral_acts.hold(book.ctx, one, ANNA, "police asked", until=book.clock.now() + timedelta(hours=1))
    sending = Sending(book.ctx)
    await sending.turn()
    assert await states(book, [case_id]) == ["held"]
    book.later(hours=1)
    await sending.turn()
    assert await states(book, [case_id]) == ["accepted"]


async def test_what_staff_took_back_is_told_to_the_partner(book: Casebook) -> None:
    case_id = await book.accepted()
    one = (await book.referral(case_id))["id"]
    await referral_acts.recall(book.ctx, one, ANNA, "wrong page")
    book.partner.withdrawal = [Accepted("dropped")]
    await Sending(book.ctx).turn()
    assert (book.partner.dropped, await states(book, [case_id])) == ([one], ["recalled"])


async def test_a_stop_keeps_a_withdrawal_too_and_no_other_routes(book: Casebook) -> None:
    stopped, other = await book.accepted(), await book.accepted(location="https://other.test/", reference="r-2")
    one, two = [(await book.referral(case_id))["id"] for case_id in (stopped, other)]
    await book.ctx.store.commit(Transition(1, [Change(referrals, {"id": two}, {"route": "another"})]))
    for referral_id in (one, two):
        await referral_acts.recall(book.ctx, referral_id, ANNA, "wrong page")
    book.partner.withdrawal = [Accepted("dropped")]
    await stops.stop(book.ctx, "route:hotline-abroad", ANNA, "a wrong rule")
    sending = Sending(book.ctx)
    await sending.turn()
    assert (book.partner.dropped, await states(book, [stopped, other])) == ([two], ["withdrawing", "recalled"])
    await stops.lift(book.ctx, "route:hotline-abroad", ANNA, "mended")
    await stops.stop(book.ctx, "all", ANNA, "worse than we thought")
    book.later(seconds=2)
    await sending.turn()
    assert book.partner.dropped == [two]
    await stops.lift(book.ctx, "all", ANNA, "mended")
    book.later(seconds=2)
    await sending.turn()
    assert (book.partner.dropped, await states(book, [stopped])) == ([two, one], ["recalled"])


async def test_a_hold_of_a_stopped_route_ends_all_the_same_and_waits_for_the_stop(book: Casebook) -> None:
    (case_id,) = await several(book, 1)
    one = (await book.referral(case_id))["id"]
    await referral_acts.hold(book.ctx, one, ANNA, "police asked", until=book.clock.now() + timedelta(hours=1))
    await stops.stop(book.ctx, "route:hotline-abroad", ANNA, "a wrong rule")
    book.later(hours=1)
    await Sending(book.ctx).turn()
    assert (await states(book, [case_id]), book.partner.calls) == (["waiting"], [])


async def test_two_workers_send_nothing_twice(book: Casebook) -> None:
    await several(book, 8)
    others = [Sending(replace(book.ctx, owner=f"worker-{n}")) for n in range(3)]
    for _ in range(3):
        await asyncio.gather(*(one.turn() for one in others))
        book.later(seconds=2)
    sent = [envelope.referral_id for call in book.partner.calls for envelope in call]
    assert (len(sent), len(set(sent))) == (8, 8)
