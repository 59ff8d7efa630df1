"""Everything that time ends, by a clock that is a year off: nothing ends; set right, or confirmed, each ends once.

`ENDS` is the table of what a date ends. Whatever is added to it that comes to its end by a date alone belongs there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from router.casework.believed import doubt, said_right
from router.casework.case.gate import held_now
from router.casework.desk import referral_acts
from router.casework.govern.proposals import Proposed, adding
from router.casework.govern.rotate import rotate
from router.casework.retention.purge import purge
from router.delivery.schedule import ALL
from router.guard.master import MASTER_FILE, load_or_create_master, open_keyring
from router.partners.base import Deferred, Reason
from router.store.base import Add, Change, Event, Transition, with_beside
from router.store.schema.tables import audit, cases, nonces, referrals
from router.worker.loop import Worker
from schemas.proposal import POLICY
from schemas.trace import DnsOutcome, Verdict, VerdictKind
from tests import postgres_server
from tests.casebook import ANNA, EDGE, Casebook, casebook
from tests.casework.follow_up.test_step import gone_twice
from tests.casework.retention.lives import closed
from tests.embargoes import embargo, people
from tests.police_holds import police_hold

YEAR: Final = timedelta(days=365)
GONE: Final[dict[str, Any]] = {"outcome": DnsOutcome.NXDOMAIN, "gone": True}
NOWHERE: Final = Verdict(kind=VerdictKind.UNRESOLVED)
Count = Callable[[], Awaitable[int]]


def told(book: Casebook, act: str) -> Count:
    async def count() -> int:
        found = select(func.count().label("n")).where(audit.c.act == act)
        return int((await book.ctx.store.rows(found))[0]["n"])

    return count


async def an_embargo(book: Casebook) -> Count:
    await book.decided()
    await embargo(book.ctx, "host", "example.test", days=6)
    return told(book, "embargo.lapsed")


async def what_an_embargo_holds(book: Casebook) -> Count:
    case_id = await book.take()
    await embargo(book.ctx, "host", "example.test", days=6)

    async def free() -> int:
        return int(await held_now(book.ctx, case_id) is None)

    return free


async def a_police_hold(book: Casebook) -> Count:
    case_id = await book.decided()
    await police_hold(book.ctx, case_id, days=6)

    async def free() -> int:
        return int(await held_now(book.ctx, case_id) is None)

    return free


async def what_the_police_hold_leaves(book: Casebook) -> Count:
    case_id = await book.decided()
    await police_hold(book.ctx, case_id, days=6)

    async def left() -> int:
        return len([one for one in await book.referrals(case_id) if one["partner"] == "hotline-nl" and one["receipt"]])

    return left


async def a_hold(book: Casebook) -> Count:
    case_id = await book.decided()
    until = book.clock.now() + timedelta(days=6)
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "ask them first", until=until)
    return told(book, "referral.released")


async def a_check(book: Casebook) -> Count:
    await book.accepted()
    return told(book, "case.checked")


async def a_case_whose_host_is_gone(book: Casebook) -> Count:
    """Two checks found no host, a week before; the next one is the third."""
    case_id = await book.accepted()
    book.world.verdict, book.world.known = NOWHERE, GONE
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, {"gone_seen": gone_twice(book)}),)))
    return told(book, "case.closed")


async def a_silent_look(book: Casebook) -> Count:
    more = {"silent_days": (7,), "follow_up": timedelta(days=60)}
    book.rules.policy_ = book.rules.policy_.model_copy(update=more)
    await book.accepted()
    return told(book, "case.looked_up")


async def an_origin(book: Casebook) -> Count:
    book.rules.policy_ = book.rules.policy_.model_copy(update={"origin_wait": timedelta(days=6)})
    book.world.verdict = EDGE
    await book.decided()
    before = await (count := told(book, "case.decided"))()

    async def again() -> int:
        return await count() - before

    return again


async def a_proposal(book: Casebook) -> Count:
    proposed = Proposed(POLICY, None, "version = 1")
    await book.ctx.store.commit(with_beside(Transition(book.ctx.now()), await adding(book.ctx, [proposed], ANNA)))
    return told(book, "change.expired")


async def the_attempts_of_a_referral(book: Casebook) -> Count:
    case_id = await book.decided()
    row = await book.referral(case_id)
    spent = {"attempts": ALL - 1, "next_at": book.ctx.now() + 88_200_000_000}
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, spent),)))
    book.partner.script = [Deferred(Reason.BUSY, "away")] * 40

    async def expired() -> int:
        return int((await book.referral(case_id))["state"] == "expired")

    return expired


async def a_former_key(book: Casebook) -> Count:
    assert book.ctx.key_file is not None
    await rotate(book.ctx, book.ctx.key_file, lambda _: None, former=timedelta(days=6))
    return told(book, "keys.retired")


async def a_nonce(book: Casebook) -> Count:
    row = {"peer": "hotline-nl", "nonce": "n-1", "until": book.ctx.now() + 6 * 86_400_000_000}
    await book.ctx.store.commit(Transition(1, adds=(Add(nonces, row),)))

    async def gone() -> int:
        return 1 - len(await book.rows(nonces))

    return gone


async def what_is_kept(book: Casebook) -> Count:
    await closed(book)
    assert book.rules.policy_.retention is not None
    book.clock.advance(book.rules.policy_.retention.handles - timedelta(days=6))

    async def erased() -> int:
        return sum((await purge(book.ctx, ANNA)).erased.values()) or len(
            [row for row in await book.rows(audit) if row["act"] == "purged"]
        )

    return erased


ENDS: Final[Mapping[str, Callable[[Casebook], Awaitable[Count]]]] = {
    one.__name__: one
    for one in (
        an_embargo, what_an_embargo_holds, a_police_hold, what_the_police_hold_leaves, a_hold, a_check,
        a_case_whose_host_is_gone, a_silent_look, an_origin, a_proposal, the_attempts_of_a_referral, a_former_key,
        a_nonce, what_is_kept,
    )
}  # fmt: skip


#: Its next try is dated anew when the clock is right again, and was the last one.
TRIED_AT_ONCE: Final = {the_attempts_of_a_referral.__name__}


class Rounds:
    """A worker that is asked for one round at a time."""

    def __init__(self, book: Casebook) -> None:
        self._worker = Worker(book.ctx)
        self._book = book

    async def go(self, times: int = 1, **between: float) -> None:
        for _ in range(times):
            self._book.later(**between)
            await self._worker.keep()
            for _ in range(2):
                await self._worker.turn()


@pytest.fixture(params=["sqlite"])
async def book(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Casebook]:
    path = tmp_path / MASTER_FILE
    load_or_create_master(path)
    async with AsyncExitStack() as stack:
        url = None
        if request.param == "postgresql":
            fresh = postgres_server.fresh_database(request.getfixturevalue("postgres_server_dsn"))
            url = await stack.enter_async_context(fresh)
        made = await stack.enter_async_context(casebook(tmp_path, url=url))
        made.ctx = replace(made.ctx, keyring=open_keyring(path), key_file=path)
        await people(made.ctx)
        yield made


async def ends_nothing(book: Casebook, name: str, by: timedelta) -> tuple[Rounds, Count]:
    rounds = Rounds(book)
    await rounds.go()
    count = await ENDS[name](book)
    await rounds.go(2, hours=12)
    assert await count() == 0, "before its day"
    book.clock.move(by)
    await rounds.go(4, hours=5)
    assert await doubt(book.ctx) is not None
    assert await count() == 0, "by a clock that is wrong"
    return rounds, count


@pytest.mark.parametrize("by", [YEAR, -YEAR], ids=["ahead", "behind"])
@pytest.mark.parametrize("name", ENDS)
async def test_nothing_ends_and_once_it_is_set_right_each_ends_once(book: Casebook, name: str, by: timedelta) -> None:
    rounds, count = await ends_nothing(book, name, by)
    book.clock.move(-by)
    await rounds.go(2, hours=5)
    assert await doubt(book.ctx) is None
    assert await count() == (name in TRIED_AT_ONCE), "its day has not come"
    await rounds.go(14, hours=12)
    assert await count() == 1


@pytest.mark.parametrize("name", ENDS)
async def test_where_a_person_says_that_it_is_right_each_ends_once(book: Casebook, name: str) -> None:
    rounds, count = await ends_nothing(book, name, YEAR)
    await said_right(book.ctx, Transition(0, events=(Event("clock.confirmed", ANNA.id),)))
    await rounds.go(3, hours=5)
    assert await count() == 1


@pytest.mark.postgres
@pytest.mark.parametrize("book", ["postgresql"], indirect=True)
async def test_on_the_other_engine(book: Casebook) -> None:
    rounds, count = await ends_nothing(book, "a_case_whose_host_is_gone", YEAR)
    book.clock.move(-YEAR)
    await rounds.go(14, hours=12)
    assert await count() == 1
