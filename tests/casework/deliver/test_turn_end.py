"""A turn ends in time: no call outlasts its lease, a failure ends it, and what is left is as it was before."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from router.casework.deliver.turn_end import TurnEnd
from router.delivery.send import GRACE
from router.partners.base import Accepted, Deferred, Envelope, Outcome, Reason, Refused, Unknown
from router.store.base import Change, Transition
from router.store.schema.tables import referrals
from router.worker.due import Line
from router.worker.sending import Sending
from schemas.partner import Pace, Partner
from schemas.states import ReferralState
from tests.casebook import Casebook, Scripted, partner

#: What stands in it is not urgent.
LINE = Line("hotline-nl", urgent=False)
CALL = 0.4


async def waiting(book: Casebook, count: int) -> list[str]:
    return [await book.decided(f"https://example.test/{number}", f"r-{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [
        (Accepted("NL-1"), False),
        (Refused(Reason.REFUSED, "no"), False),
        (Deferred(Reason.BUSY, "later"), True),
        (Unknown(Reason.NO_ANSWER, "?"), True),
    ],
)
async def test_a_call_that_failed_ends_the_turn(outcome: Outcome, ends: bool) -> None:
    end = TurnEnd(asyncio.get_running_loop().time() + 1000, 30)
    end.note([Accepted("NL-0"), outcome])
    assert end.has_come() is ends


async def test_no_call_begins_that_could_outlast_its_lease() -> None:
    now = asyncio.get_running_loop().time()
    assert TurnEnd(now + 30 + GRACE - 0.1, 30).has_come()
    assert not TurnEnd(now + 30 + GRACE + 10, 30).has_come()


async def test_what_a_turn_does_not_come_to_is_put_back_as_it_was(book: Casebook) -> None:
    book.partners(partner("hotline-nl", "NL", pace=Pace(in_flight=1)))
    book.partner.bundle = 1  # type: ignore[misc] # every one's, but this is the only one
    ids = await waiting(book, 3)
    before = {row["id"]: row for one in ids for row in await book.referrals(one)}
    book.partner.script = [Deferred(Reason.BUSY, "later", 5.0)]
    await book.send()
    assert len(book.partner.calls) == 1
    sent = book.partner.calls[0][0].referral_id
    for one in ids:
        row = await book.referral(one)
        if row["id"] != sent:
            moved = {name for name, value in row.items() if value != before[row["id"]][name]}
            assert moved <= {"version", "next_at", "dialect", "by_people", "trace_id"}
            assert (row["payload"], row["claims"], row["next_at"]) == (None, 0, book.ctx.now())
    await book.send()
    assert [(await book.referral(one))["state"] for one in ids].count(ReferralState.ACCEPTED) == 3


async def test_what_is_put_back_after_its_first_sender_died_stays_in_doubt(book: Casebook) -> None:
    """The count of claims told it, and is let go of: called as if nobody had, it would be there twice."""
    book.partners(partner("hotline-nl", "NL", pace=Pace(in_flight=1)))
    first, second = [(await book.referral(one))["id"] for one in await waiting(book, 2)]
    book.partner.script = [Deferred(Reason.BUSY, "later", 5.0)] * 2
    await book.send()
    book.later(seconds=10)
    book.partner.bundle = 1  # type: ignore[misc] # every one's, but this is the only one
    died = Change(referrals, {"id": second}, {"state": "sending", "claims": 1, "claimed_until": 0}, keep_claim=True)
    await book.ctx.store.commit(Transition(1, (died,)))
    book.partner.script = [Deferred(Reason.BUSY, "later", 5.0)]
    await book.send()
    (row,) = await book.rows(referrals, referrals.c.id == second)
    assert [one.referral_id for one in book.partner.calls[-1]] == [first]
    assert (row["state"], row["claims"]) == (ReferralState.WAITING, 0)
    assert (row["in_doubt"], row["may_have_arrived"]) == (1, 1)
    book.later(seconds=10)
    await book.send()
    asked = {one.referral_id: one.in_doubt for call in book.partner.calls[-2:] for one in call}
    assert asked == {first: False, second: True}


async def test_claimed_again_it_is_noted_at_once_that_it_may_have_arrived(book: Casebook) -> None:
    """Not when the attempt has ended: until then somebody may let go of the claim, and with it of the count."""
    (case_id,) = await waiting(book, 1)
    book.partner.script = [Deferred(Reason.BUSY, "later", 5.0)]
    await Sending(book.ctx).turn()
    book.later(seconds=10)
    died = Change(referrals, {"id": (await book.referral(case_id))["id"]}, {"claims": 1}, keep_claim=True)
    await book.ctx.store.commit(Transition(1, (died,)))
    seen = []

    async def look() -> None:
        row = await book.referral(case_id)
        seen.append((row["claims"], row["may_have_arrived"], row["in_doubt"]))

    book.partner.meanwhile = look
    await Sending(book.ctx).turn()
    assert seen == [(2, 1, 1)]


async def test_a_slow_partner_whose_turn_outlives_its_lease_gets_nothing_twice(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers beside each other, leases of two calls, and a partner that takes almost a call for each referral.

    Without the end of the turn the tail would be claimed again while it is still to be sent.
    """
    book.partners(partner("hotline-nl", "NL", pace=Pace(in_flight=1)))
    book.partner.bundle = 1  # type: ignore[misc] # every one's, but this is the only one
    ids = await waiting(book, 6)
    book.partner.meanwhile = lambda: asyncio.sleep(CALL * 0.9)
    under_way, doubled = set[str](), set[str]()
    send = Scripted.send

    async def watched(mine: Scripted, to: Partner, given: Sequence[Envelope], deadline: float = 30.0) -> list[Outcome]:
        ids = {one.referral_id for one in given}
        doubled.update(ids & under_way)
        under_way.update(ids)
        return await send(mine, to, given, deadline)

    monkeypatch.setattr(Scripted, "send", watched)
    workers = [Sending(replace(book.ctx, owner=name, call_seconds=CALL)) for name in ("one", "two")]

    async def works(worker: Sending) -> None:
        while True:
            worker._rounds[LINE] = 6  # as a quick partner's turns had been, until now
            await worker.turn()
            await asyncio.sleep(0.01)

    async def time_passes() -> None:
        while True:
            await asyncio.sleep(0.05)
            book.later(seconds=0.05)

    running = [asyncio.create_task(one) for one in (*map(works, workers), time_passes())]
    async with asyncio.timeout(50):
        while {(await book.referral(one))["state"] for one in ids} != {ReferralState.ACCEPTED}:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)
    for one in running:
        one.cancel()
    sent = [one.referral_id for call in book.partner.calls for one in call]
    assert len(sent) == len(set(sent)) == 6
    assert not doubled


async def turns_of(book: Casebook, sending: Sending, turns: int) -> list[int]:
    """Send for so many turns; return how many referrals left in each."""
    sizes = []
    for _ in range(turns):
        before = len(book.partner.calls)
        await sending.turn()
        sizes.append(len(book.partner.calls) - before)
    return sizes


async def test_a_quick_partners_turns_grow_and_one_that_failed_is_a_round_long_again(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.worker.sending._TURN_SECONDS", 60.0)  # whatever else this machine does
    book.partners(partner("hotline-nl", "NL", pace=Pace(per_second=1e6, burst=1000, in_flight=2)))
    book.partner.bundle = 1  # type: ignore[misc] # every one's, but this is the only one
    await waiting(book, 19)
    sending = Sending(book.ctx)
    assert await turns_of(book, sending, 2) == [2, 4]
    book.partner.script = [Deferred(Reason.BUSY, "later", 900.0)]
    assert 1 <= (await turns_of(book, sending, 1))[0] < 8
    assert sending._rounds[LINE] == 1


async def test_a_slow_partners_turn_is_a_round_long(book: Casebook) -> None:
    """What fits into a quarter of a second is one turn, and a round always is."""
    book.partners(partner("hotline-nl", "NL", pace=Pace(per_second=1e6, burst=1000, in_flight=2)))
    book.partner.bundle = 1  # type: ignore[misc] # every one's, but this is the only one
    book.partner.meanwhile = lambda: asyncio.sleep(0.3)
    await waiting(book, 6)
    assert await turns_of(book, Sending(book.ctx), 3) == [2, 2, 2]
