"""A referral of several steps, cut off or overruled anywhere: finished, never begun again, and staff are told.

The dialect is the real one of a hub, the hub a fake that enforces what a hub may. What it holds is the judge: one
report of one case whatever happened on the way, and at another hotline only what our staff are told is there.
`make soak` cuts after every byte (ROUTER_CUT_EVERY=1); CI takes some of them. kill -9 of the process itself at every
commit is `tests/faults/test_kill_commits.py`.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.deliver import stops
from router.casework.desk import case_acts, referral_acts
from router.casework.govern import pause
from router.casework.read import lists
from router.partners.base import Reason
from router.partners.iccam.dialect import IccamDialect
from router.store.base import NOTHING, Change, Claim, Row, Store, Transition
from router.store.schema.tables import referrals
from router.worker.sending import Sending
from router.world.iccam.rules import TAKES_TWICE
from schemas.casefile import DeskCode
from schemas.partner import Directory
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, partner
from tests.hub_desk import Desk, hub_desk
from tests.partners.cutting import Cut, Wire
from tests.partners.iccam.stage import settings

EVERY = int(os.environ.get("ROUTER_CUT_EVERY", "701"))
#: More turns than the whole way takes.
STEPS = 6
#: Seconds after which nothing of a dead process moves any more.
DEAD = 1.0
#: How many commits one way takes at most: claim, freeze, a claim and an outcome for each of its calls.
COMMITS = 26


class Died(asyncio.CancelledError):
    """The process is gone: nothing that it held in memory is there any more."""


@dataclass
class Mortal:
    """A store whose process dies at its n-th commit, before it or after it."""

    store: Store
    dies_at: int
    after: bool
    commits: int = 0

    async def rows(self, statement: Any) -> list[Row]:
        return await self.store.rows(statement)

    async def commit(self, transition: Transition) -> None:
        await self._counted(self.store.commit(transition))

    async def commit_all(self, group: Any) -> Any:
        return await self._counted(self.store.commit_all(group))

    async def claim(self, claim: Claim, beside: Transition = NOTHING) -> list[Row]:
        taken: list[Row] = await self._counted(self.store.claim(claim, beside))
        return taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def _counted(self, work: Any) -> Any:
        self.commits += 1
        if self.commits == self.dies_at and not self.after:
            work.close()
            raise Died
        done = await work
        if self.commits == self.dies_at:
            raise Died
        return done


@asynccontextmanager
async def two_ways(folder: Path) -> AsyncIterator[Desk]:
    """A desk whose Dutch partner is a hub, and whose Canadian one is reached directly."""
    async with hub_desk(folder, TAKES_TWICE) as desk:
        hub = partner("iccam", "NL", dialect="iccam", config=settings())
        desk.book.rules.directory_ = Directory(version=1, partners=(hub, partner("hotline-ca", "CA")))
        dialects = {"iccam": IccamDialect(desk.near.tools), "scripted": desk.book.partner}
        desk.book.ctx = replace(desk.book.ctx, dialects=dialects)
        yield desk


async def reborn(desk: Desk, store: Store) -> None:
    """Let the next process take over: nothing remembered, and the leases of the dead run out."""
    dialects = {**desk.book.ctx.dialects, "iccam": IccamDialect(desk.near.tools)}
    desk.book.ctx = replace(desk.book.ctx, store=store, dialects=dialects)
    rows = [row for row in await desk.book.rows(referrals) if row["claimed_by"] is not None]
    changes = [Change(referrals, {"id": row["id"]}, {"claimed_until": 0}) for row in rows]
    await store.commit(Transition(desk.book.ctx.now(), changes))


async def finished(desk: Desk, case_id: str) -> Row:
    """Send to the end. Where nobody can know, a person looks into the hub, and finds that it has it not."""
    for _ in range(3):
        row = await desk.send(case_id)
        if row["state"] != ReferralState.UNKNOWN:
            return row
        assert reports(desk, row) == 0, "what is there would have been found"
        assert (await desk.book.case(case_id))["desk_code"] == DeskCode.UNKNOWN, "and a person was asked"
        await referral_acts.retry(desk.book.ctx, row["id"], ANNA, "I looked: the hub has it not")
    return row


@asynccontextmanager
async def cut(desk: Desk, direction: Cut, at: int | None) -> AsyncIterator[Wire]:
    """Put a relay before the hub, which ends after so many bytes of one direction."""
    hub = desk.near.server
    wire, straight = Wire(direction, at, hub.port), hub.port
    relay = await asyncio.start_server(wire.relay, "127.0.0.1", 0)
    hub.port = relay.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        hub.port = straight
        relay.close()
        wire.close()
        await asyncio.sleep(0.01)


def reports(desk: Desk, row: Row) -> int:
    return sum(one.reference == row["id"] for one in desk.near.hub.reports.values())


def judge_whole(desk: Desk, row: Row) -> None:
    """One report, given to its country once, assessed once; accepted here, and the receipt is the hub's."""
    assert (row["state"], reports(desk, row), len(desk.near.hub.reports)) == (ReferralState.ACCEPTED, 1, 1)
    (content,) = desk.near.hub.contents.values()
    assert (content.assigned_country, len(content.assessments), content.actions) == ("NL", 1, [])
    assert row["receipt"] == f"{content.report_id}/{content.id}"


# ------------------------------------------------------------------ cut off


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", range(1, COMMITS))
async def test_whoever_dies_at_any_commit_is_followed_by_one_who_goes_on(
    tmp_path: Path, commit: int, after: bool
) -> None:
    async with two_ways(tmp_path) as desk:
        case_id = await desk.book.decided()
        store = desk.book.ctx.store
        desk.book.ctx = replace(desk.book.ctx, store=Mortal(store, commit, after))
        with suppress(asyncio.CancelledError, TimeoutError):
            async with asyncio.timeout(DEAD):  # whoever waited for the dead one's commit waits for ever
                await desk.send(case_id)
        before = await desk.book.referral(case_id)
        await reborn(desk, store)
        row = await finished(desk, case_id)
        judge_whole(desk, row)
        assert before["progress_step"] is None or row["first_sent_at"] == before["first_sent_at"], "never begun again"


async def test_the_way_has_no_commit_that_was_left_out(tmp_path: Path) -> None:
    async with two_ways(tmp_path) as desk:
        case_id = await desk.book.decided()
        counted = Mortal(desk.book.ctx.store, 0, after=False)
        desk.book.ctx = replace(desk.book.ctx, store=counted)
        judge_whole(desk, await desk.send(case_id))
        assert 8 < counted.commits < COMMITS


@pytest.mark.parametrize("direction", Cut)
async def test_a_wire_that_is_cut_after_any_byte_makes_no_second_report(tmp_path: Path, direction: Cut) -> None:
    whole = await _bytes(tmp_path / "whole", direction)
    for at in range(1, whole, EVERY):
        folder = tmp_path / str(at)
        async with _opened(folder) as desk:
            case_id = await desk.book.decided()
            async with cut(desk, direction, at):
                row = await _some_turns(desk, case_id)
            await reborn(desk, desk.book.ctx.store)
            judge_whole(desk, row if row["state"] == ReferralState.ACCEPTED else await finished(desk, case_id))


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[Desk]:
    folder.mkdir()
    async with two_ways(folder) as desk:
        yield desk


async def _bytes(folder: Path, direction: Cut) -> int:
    """Return how many bytes go that way when nothing is cut."""
    async with _opened(folder) as desk:
        case_id = await desk.book.decided()
        async with cut(desk, direction, None) as wire:
            judge_whole(desk, await desk.send(case_id))
        return wire.passed


async def _some_turns(desk: Desk, case_id: str) -> Row:
    """Send while the wire is as it is; after the cut it is whole again for new connections."""
    sending = Sending(desk.book.ctx)
    for _ in range(STEPS):
        await sending.turn()
        desk.near.clock.advance(timedelta(minutes=2))
    return await desk.book.referral(case_id)


# ------------------------------------------------------------------ overruled


async def _recall(desk: Desk, case_id: str) -> None:
    await referral_acts.recall(desk.book.ctx, (await desk.book.referral(case_id))["id"], ANNA, "a mistake")


async def _override(desk: Desk, case_id: str) -> None:
    one = (await desk.book.referral(case_id))["id"]
    await referral_acts.override(desk.book.ctx, one, ANNA, "Canada has it", partner="hotline-ca")


async def _close(desk: Desk, case_id: str) -> None:
    await case_acts.close(desk.book.ctx, case_id, ANNA, "it is gone", outcome=Outcome.REMOVED)


Act = Callable[[Desk, str], Awaitable[None]]


@pytest.mark.parametrize("act", [_recall, _override, _close])
@pytest.mark.parametrize("turns", range(STEPS))
async def test_taken_back_between_any_two_steps_staff_know_what_is_where(tmp_path: Path, turns: int, act: Act) -> None:
    """Nothing goes on at the hub, or somebody is asked to tell the hotline that has it: never neither."""
    async with two_ways(tmp_path) as desk:
        case_id = await desk.book.decided()
        await _turns(desk, turns)
        before = await desk.book.referral(case_id)
        old = before["id"]
        await act(desk, case_id)
        asked_for = {number: one.assigned_country for number, one in desk.near.hub.contents.items()}
        await _turns(desk, 12)
        (row,) = [one for one in await desk.book.referrals(case_id) if one["id"] == old]
        if act is _close and before["state"] == ReferralState.ACCEPTED:  # whoever closes takes nothing back
            assert row["state"] == ReferralState.ACCEPTED
            return
        assert row["state"] in (ReferralState.RECALLED, ReferralState.SUPERSEDED)
        assert len(desk.near.hub.reports) <= 1
        now = {number: one.assigned_country for number, one in desk.near.hub.contents.items()}
        case = await desk.book.case(case_id)
        if "NL" in now.values():
            assert case["desk_code"] == DeskCode.WITHDRAW, (
                f"staff are not told that the Dutch have it: {case['desk_text']}"
            )
        else:
            assert now == asked_for, "after it was taken back nothing was given away"
        await _no_turn_is_left(desk, old)


async def _turns(desk: Desk, count: int) -> None:
    sending = Sending(desk.book.ctx)
    for _ in range(count):
        await sending.turn()
        desk.near.clock.advance(timedelta(minutes=2))


async def _no_turn_is_left(desk: Desk, referral_id: str) -> None:
    before = len(desk.near.server.calls)
    await _turns(desk, 3)
    (row,) = [one for one in await desk.book.rows(referrals) if one["id"] == referral_id]
    assert (row["next_at"], len(desk.near.server.calls)) == (None, before)


# ------------------------------------------------------------------ held in the middle


async def _paused(desk: Desk, case_id: str) -> Act:
    await pause.pause(desk.book.ctx, "iccam", ANNA, "they move")

    async def end(desk: Desk, case_id: str) -> None:
        await pause.resume(desk.book.ctx, "iccam", ANNA, "they moved")

    return end


async def _stopped(desk: Desk, case_id: str) -> Act:
    await stops.stop(desk.book.ctx, "partner:iccam", ANNA, "they asked")

    async def end(desk: Desk, case_id: str) -> None:
        await stops.lift(desk.book.ctx, "partner:iccam", ANNA, "go on")

    return end


async def _held(desk: Desk, case_id: str) -> Act:
    one = (await desk.book.referral(case_id))["id"]
    await referral_acts.hold(desk.book.ctx, one, ANNA, "wait for police")

    async def end(desk: Desk, case_id: str) -> None:
        await referral_acts.release(desk.book.ctx, one, ANNA, "they are there")

    return end


@pytest.mark.parametrize("begin", [_paused, _stopped, _held])
@pytest.mark.parametrize("turns", range(STEPS - 2))
async def test_what_is_held_in_the_middle_stands_still_says_so_and_is_finished(
    tmp_path: Path, turns: int, begin: Callable[[Desk, str], Awaitable[Act]]
) -> None:
    async with two_ways(tmp_path) as desk:
        case_id = await desk.book.decided()
        await _turns(desk, turns)
        before = await desk.book.referral(case_id)
        if before["state"] == ReferralState.ACCEPTED:
            return  # it was through already
        end = await begin(desk, case_id)
        calls = len(desk.near.server.calls)
        await _turns(desk, 4)
        assert len(desk.near.server.calls) == calls, "nothing goes there meanwhile"
        shown = await lists.referral(desk.book.ctx, before["id"])
        assert shown.waits is not None
        assert shown.waits.since is not None
        assert (shown.progress is not None) is (before["progress_step"] is not None), "how far it is stands beside it"
        await end(desk, case_id)
        row = await finished(desk, case_id)
        judge_whole(desk, row)
        assert before["first_sent_at"] is None or row["first_sent_at"] == before["first_sent_at"], "never begun again"


async def test_what_the_hotline_gives_back_is_for_people_and_closes_nothing(tmp_path: Path) -> None:
    async with two_ways(tmp_path) as desk:
        case_id = await desk.book.decided()
        judge_whole(desk, await desk.send(case_id))
        (content,) = desk.near.hub.contents.values()
        desk.near.hub.assign(desk.near.hub.hotlines["NL"], content.id, "BE")
        desk.near.clock.advance(timedelta(days=5))
        case = await desk.book.step(case_id, 2)  # decided anew: the policy has nobody but the hub
        assert (case["state"], case["outcome"]) == (CaseState.DESK, None)
        assert len(desk.near.hub.reports) == 1


async def test_a_hub_that_is_down_in_the_middle_delays_and_doubles_nothing(tmp_path: Path) -> None:
    """Its breaker opens between two steps; staff read why, since when, and what ends it; afterwards it is finished."""
    async with two_ways(tmp_path) as desk:
        case_id = await desk.book.decided()
        async with cut(desk, Cut.OURS, None):
            await _turns(desk, 1)
        straight, desk.near.server.port = desk.near.server.port, 1
        await _turns(desk, 30)
        row = await desk.book.referral(case_id)
        shown = await lists.referral(desk.book.ctx, row["id"])
        assert row["state"] == ReferralState.WAITING
        assert shown.waits is not None
        assert (shown.waits.reason, shown.waits.since is not None) == (Reason.UNREACHABLE, True)
        desk.near.server.port = straight
        judge_whole(desk, await finished(desk, case_id))
