"""What a source's daily cap puts off, and what it leaves alone. The sending itself is tests/worker/test_sending.py."""

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import and_, select

from router.casework.case.priority import RANKS
from router.casework.context import Context
from router.casework.deliver import source_cap
from router.casework.deliver.source_cap import PutOff, caps_for, put_off, reopened, start_of_day
from router.casework.desk import referral_acts
from router.casework.referral.row import AT_ITS_CAP
from router.clock import micros
from router.delivery.partner_state import DAY
from router.store.base import Change, Transition
from router.store.schema.tables import audit, cases, referrals, source_sent, sources
from router.worker.sending import Sending
from tests.casebook import ANNA, PAGE, Casebook
from tests.office import START

DUE = and_(referrals.c.partner == "hotline-nl", referrals.c.state.in_(["waiting", "sending"]), referrals.c.next_at > 0)
MIDNIGHT = micros(START.replace(hour=0)) + DAY


async def capped(ctx: Context, cap: int | None, name: str = "analysts") -> None:
    await ctx.store.commit(Transition(1, [Change(sources, {"name": name}, {"daily_cap": cap})]))


async def several(book: Casebook, count: int, **more: object) -> list[str]:
    return [await book.decided(f"https://example.test/{n}", f"r-{n}", **more) for n in range(count)]


async def until_quiet(sending: Sending) -> None:
    while await sending.turn():
        pass


async def dates(book: Casebook) -> list[int]:
    return [row["next_at"] for row in await book.rows(referrals)]


async def test_no_source_has_a_cap_and_nothing_is_counted(book: Casebook) -> None:
    assert await caps_for(book.ctx, "hotline-nl") is None
    assert await book.rows(source_sent) == []


async def test_caps_are_a_partners_own_and_their_counters_are_made_once(book: Casebook) -> None:
    await capped(book.ctx, 5)
    for partner in ("hotline-nl", "hotline-ca", "hotline-nl"):
        caps = await caps_for(book.ctx, partner)
        assert caps is not None
        assert (caps.quota.caps, caps.quota.partner, caps.opens_at) == ({"analysts": 5}, partner, MIDNIGHT)
    assert [(row["partner"], row["sent"]) for row in await book.rows(source_sent)] == [
        ("hotline-ca", 0), ("hotline-nl", 0),
    ]  # fmt: skip


async def test_what_is_over_is_dated_for_the_next_day_and_says_why(book: Casebook) -> None:
    await capped(book.ctx, 2)
    await several(book, 5)
    caps = await caps_for(book.ctx, "hotline-nl")
    assert caps is not None
    assert await put_off(book.ctx, caps, DUE & (referrals.c.next_at <= book.ctx.now()), RANKS) == PutOff(3, {2: 2})
    assert await dates(book) == [book.ctx.now()] * 2 + [MIDNIGHT] * 3
    last = (await book.rows(referrals))[-1]
    assert (last["last_reason"], last["version"], last["state"]) == (AT_ITS_CAP, 1, "waiting")
    assert "midnight" in last["last_text"]
    assert await put_off(book.ctx, caps, DUE & (referrals.c.next_at <= book.ctx.now()), RANKS) == PutOff(0, {2: 2})
    (event,) = await book.ctx.store.rows(select(audit).where(audit.c.act == "source.capped"))
    assert event["detail"] == '{"partner":"hotline-nl","put_off":{"analysts":3}}'


async def test_what_the_partner_may_have_or_was_tried_today_is_not_put_off(book: Casebook) -> None:
    await capped(book.ctx, 1)
    ids = [(await book.referral(case_id))["id"] for case_id in await several(book, 4)]
    today = start_of_day(book.ctx.now())
    may = {"may_have_arrived": 1, "counted_on": today - DAY}
    under_way = {"state": "sending"}
    for one, values in zip(ids[:3], (may, {"counted_on": today}, under_way), strict=True):
        await book.ctx.store.commit(Transition(1, [Change(referrals, {"id": one}, values)]))
    await book.ctx.store.commit(Transition(1, [Change(sources, {"name": "analysts"}, {"daily_cap": 0})]))
    caps = await caps_for(book.ctx, "hotline-nl")
    assert caps is not None
    assert (await put_off(book.ctx, caps, DUE, RANKS)).late == 1
    assert await dates(book) == [book.ctx.now()] * 3 + [MIDNIGHT]


async def test_the_head_of_the_queue_is_put_off_a_piece_at_a_time(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    await capped(book.ctx, 0)
    await several(book, 3)
    caps = await caps_for(book.ctx, "hotline-nl")
    assert caps is not None
    due = DUE & (referrals.c.next_at <= book.ctx.now())
    monkeypatch.setattr(source_cap, "MOST", 2)
    assert [(await put_off(book.ctx, caps, due, RANKS)).late for _ in range(3)] == [2, 1, 0]


async def test_staff_who_act_meanwhile_are_not_undone(book: Casebook) -> None:
    await capped(book.ctx, 0)
    (case_id,) = await several(book, 1)
    caps = await caps_for(book.ctx, "hotline-nl")
    assert caps is not None
    one = await book.referral(case_id)

    class Late:
        """A store in which staff hold the referral between the look and the commit."""

        def __getattr__(self, name: str) -> object:
            return getattr(book.ctx.store, name)

        async def commit(self, transition: Transition) -> None:
            await referral_acts.hold(book.ctx, one["id"], ANNA, "police asked")
            await book.ctx.store.commit(transition)

    assert (await put_off(replace(book.ctx, store=Late()), caps, DUE, RANKS)).late == 1  # type: ignore[arg-type]  # the rest of the store is forwarded
    assert (await book.referral(case_id))["state"] == "held"


async def test_a_case_belongs_to_another_source_from_now_on(book: Casebook) -> None:
    await capped(book.ctx, 0)
    ids = await several(book, 2)
    await book.ctx.store.commit(Transition(1, [Change(cases, {"id": ids[0]}, {"cap_source": "form"})]))
    caps = await caps_for(book.ctx, "hotline-nl")
    assert caps is not None
    assert (await put_off(book.ctx, caps, DUE, RANKS)).late == 1
    assert await dates(book) == [book.ctx.now(), MIDNIGHT]


@pytest.mark.parametrize(("cap", "back"), [(3, 1), (None, 3), (2, 0), (1, 0)])
async def test_a_wider_cap_brings_back_what_it_has_room_for(book: Casebook, cap: int | None, back: int) -> None:
    await capped(book.ctx, 2)
    await several(book, 5)
    await book.decided(PAGE, "r-9", item={"account": {"platform": "chat", "handle": "h"}})
    await until_quiet(Sending(book.ctx))
    assert Counter(row["state"] for row in await book.rows(referrals)) == {"accepted": 2, "waiting": 4}
    other = (await book.rows(referrals))[-1]
    later = {"next_at": MIDNIGHT, "last_reason": "unreachable"}  # a date of its own, not the cap's
    await book.ctx.store.commit(Transition(1, [Change(referrals, {"id": other["id"]}, later)]))
    changes = await reopened(book.ctx, "analysts", cap)
    assert [change.values for change in changes] == [{"next_at": book.ctx.now()}] * back
    assert await reopened(book.ctx, "form", None) == []
