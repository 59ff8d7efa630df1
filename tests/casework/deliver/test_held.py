from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.casework.case.desk_entry import is_asked
from router.casework.deliver import send as deliver
from router.casework.deliver.held import go_on
from router.casework.desk import referral_acts
from router.partners.base import Accepted, Progress, Progressed, Step
from router.store.schema.tables import alarms, attempts, audit, embargo_hits
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from tests.casebook import ANNA, Casebook, Scripted, casebook
from tests.embargoes import embargo, ended


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


async def test_set_between_the_decision_and_the_call_nothing_leaves(book: Casebook) -> None:
    case_id = await book.decided()
    one = await embargo(book.ctx, "host", "example.test")
    assert await book.send() == []
    row = await book.referral(case_id)
    assert book.partner.calls == []
    assert (row["state"], row["last_reason"], row["attempts"]) == (ReferralState.WAITING, "embargo", 0)
    assert row["next_at"] == int(one.embargo.until.timestamp() * 1_000_000)
    assert row["last_text"] == "Held; ask anna."
    assert await book.rows(attempts) == []
    assert (await book.case(case_id))["desk_code"] is None


async def test_set_between_freezing_and_the_call_nothing_leaves(book: Casebook) -> None:
    """Others of the turn are traced meanwhile: what this one's turn began with does not count."""
    case_id = await book.decided()
    book.later(hours=2)  # the trace is too old, so it is made anew right before it is frozen

    async def meanwhile() -> None:
        book.world.meanwhile = None
        await embargo(book.ctx, "host", "example.test")

    book.world.meanwhile = meanwhile
    await book.send()
    assert book.partner.calls == []
    row = await book.referral(case_id)
    assert (row["state"], row["last_reason"]) == (ReferralState.WAITING, "embargo")
    assert row["payload"] is not None
    assert not row["may_have_arrived"]


async def test_set_while_the_call_is_under_way_it_says_that_it_left(book: Casebook) -> None:
    case_id = await book.decided()
    told = []

    async def meanwhile() -> None:
        told.append(await embargo(book.ctx, "host", "example.test"))

    book.partner.meanwhile = meanwhile
    await book.send()
    (left,) = told[0].left
    row = await book.referral(case_id)
    assert (left.referral, left.case, left.partner) == (row["id"], case_id, "hotline-nl")
    assert left.state == ReferralState.SENDING
    assert row["state"] == ReferralState.ACCEPTED  # it is with the partner, and is shown so


class Stepped(Scripted):
    """One whose work takes two calls."""

    steps = {"first": Step("The first is done.")}  # noqa: RUF012 - as `Dialect` declares it


async def test_set_between_two_steps_the_next_one_is_not_made(tmp_path: Path) -> None:
    async with casebook(tmp_path, Stepped()) as book:
        case_id = await book.decided()
        book.partner.script = [Progressed(Progress("first")), Accepted("r")]
        await book.send()
        one = await embargo(book.ctx, "host", "example.test")
        assert [left.state for left in one.left] == [ReferralState.WAITING]
        await book.send()
        assert len(book.partner.calls) == 1
        row = await book.referral(case_id)
        assert (row["state"], row["progress_step"], row["last_reason"]) == ("waiting", "first", "embargo")
        await ended(book.ctx, one.embargo.id)
        await go_on(book.ctx)
        await book.send()
        assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED
        assert [len(call) for call in book.partner.calls] == [1, 1]


async def test_where_a_child_is_at_risk_it_rings_when_its_referral_is_held(book: Casebook) -> None:
    case_id = await book.decided(urgency="live")
    before = await book.rows(alarms)
    await embargo(book.ctx, "host", "example.test")
    await book.send("federal-police")
    case = await book.case(case_id)
    assert book.partner.calls == []
    assert (case["state"], is_asked(case, DeskCode.EMBARGO)) == (CaseState.DESK, True)
    assert case["acknowledged_at"] is None
    assert len(await book.rows(alarms)) == len(before) + 1


async def test_what_is_to_be_taken_back_waits_too(book: Casebook) -> None:
    case_id = await book.accepted()
    one = await embargo(book.ctx, "host", "example.test")
    assert [left.state for left in one.left] == [ReferralState.ACCEPTED]
    row = await book.referral(case_id)
    await referral_acts.recall(book.ctx, row["id"], ANNA, "the wrong country")
    found = book.rules.directory_.named("hotline-nl")
    await deliver.withdraw(book.ctx, found, [await book.referral(case_id)])
    assert book.partner.dropped == []
    row = await book.referral(case_id)
    assert (row["state"], row["next_at"]) == ("withdrawing", int(one.embargo.until.timestamp() * 1_000_000))
    await ended(book.ctx, one.embargo.id)
    await go_on(book.ctx)
    row = await book.referral(case_id)
    assert row["next_at"] == book.ctx.now()
    await deliver.withdraw(book.ctx, found, [row])
    assert book.partner.dropped == [row["id"]]


@pytest.mark.parametrize("by_its_date", [True, False])
async def test_once_it_is_over_everything_goes_on_by_itself(book: Casebook, by_its_date: bool) -> None:
    case_id = await book.decided()
    one = await embargo(book.ctx, "host", "example.test", days=1)
    await book.send()
    await go_on(book.ctx)
    assert (await book.referral(case_id))["next_at"] > book.ctx.now()
    if by_its_date:
        book.later(days=1, seconds=1)
    else:
        await ended(book.ctx, one.embargo.id)
    await go_on(book.ctx)
    assert (await book.referral(case_id))["next_at"] <= book.ctx.now()
    assert [row["resumed_at"] for row in await book.rows(embargo_hits)] == [book.ctx.now()]
    acts = [row["act"] for row in await book.rows(audit)]
    assert ("embargo.lapsed" in acts, "embargo.ended" in acts) == (by_its_date, not by_its_date)
    assert acts.count("embargo.over") == 1
    await book.send()
    assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED
    assert len(book.partner.calls) == 1


async def test_what_two_hold_goes_on_only_when_both_are_over(book: Casebook) -> None:
    case_id = await book.decided()
    one = await embargo(book.ctx, "host", "example.test", days=1)
    await embargo(book.ctx, "url", "https://example.test/page", days=3)
    await book.send()
    await ended(book.ctx, one.embargo.id)
    await go_on(book.ctx)
    await book.send()
    assert book.partner.calls == []
    book.later(days=3, seconds=1)
    await go_on(book.ctx)
    await book.send()
    assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED
