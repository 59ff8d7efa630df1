"""What is over is removed, what may still be asked for stays, and neither depends on how much there is."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from router.api.protocol.idempotency import once
from router.casework.believed import beat
from router.casework.context import Context
from router.casework.intake import peer_inbox
from router.casework.people import links, sessions
from router.casework.people import tokens as people
from router.casework.retention.expired import BATCH, forget
from router.clock import StoryClock
from router.errors import NotSignedIn
from router.store.base import Add, Transition
from router.store.schema.tables import audit, idempotency, nonces, tokens
from router.store.schema.tables import sessions as open_sessions
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from tests.office import office


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        await people.add_account(made, "anna", Role.ANALYST, ROUTER)
        yield made


def advance(ctx: Context, **by: float) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(**by))


def move(ctx: Context, **by: float) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.move(timedelta(**by))


async def count(ctx: Context, table: Table) -> int:
    return int((await ctx.store.rows(select(func.count().label("n")).select_from(table)))[0]["n"])


async def answer(ctx: Context, said: str) -> str:
    async def act() -> str:
        return said

    return await once(ctx, "form", "key-1", b"body", act)


async def test_a_nonce_goes_when_its_signature_has_expired(ctx: Context) -> None:
    until = ctx.clock.now() + timedelta(minutes=6)
    await peer_inbox.remember_nonce(ctx, "hotline-nl", "n-1", until)
    advance(ctx, minutes=6)
    assert await forget(ctx) == 0
    with pytest.raises(NotSignedIn):
        await peer_inbox.remember_nonce(ctx, "hotline-nl", "n-1", until)
    advance(ctx, seconds=1)
    assert await forget(ctx) == 1
    assert await count(ctx, nonces) == 0


async def test_a_repeated_request_gets_the_first_answer_for_a_day(ctx: Context) -> None:
    assert await answer(ctx, "first") == "first"
    advance(ctx, hours=24)
    assert await forget(ctx) == 0
    assert await answer(ctx, "second") == "first"
    advance(ctx, seconds=1)
    assert await forget(ctx) == 1
    assert await answer(ctx, "second") == "second"


@pytest.mark.parametrize("over", [{"hours": 2}, {"hours": 12}])
async def test_a_session_goes_when_it_has_ended(ctx: Context, over: dict[str, Any]) -> None:
    await links.redeem(ctx, await sessions.issue_link(ctx, "anna", ROUTER))
    advance(ctx, **over)
    await forget(ctx)
    assert await count(ctx, open_sessions) == 0


async def test_a_session_in_use_stays_until_its_last_moment(ctx: Context) -> None:
    opened = await links.redeem(ctx, await sessions.issue_link(ctx, "anna", ROUTER))
    for _ in range(24):  # half an hour short of the twelve that a session may last
        advance(ctx, minutes=29)
        await forget(ctx)
        assert (await sessions.resume(ctx, opened.cookie)).actor.id == "person:anna"
    advance(ctx, minutes=24)
    await forget(ctx)
    assert await count(ctx, open_sessions) == 0


async def test_a_link_goes_when_it_has_expired_used_or_not(ctx: Context) -> None:
    await links.redeem(ctx, await sessions.issue_link(ctx, "anna", ROUTER))
    waiting = await sessions.issue_link(ctx, "anna", ROUTER)
    advance(ctx, minutes=14, seconds=59)
    await forget(ctx)
    assert await count(ctx, tokens) == 2
    await links.redeem(ctx, waiting)
    advance(ctx, seconds=1)
    await forget(ctx)
    assert await count(ctx, tokens) == 0
    acts = [row["act"] for row in await ctx.store.rows(select(audit.c.act))]
    assert acts.count("link.issued") == 2


async def test_an_api_token_stays_when_it_has_ended(ctx: Context) -> None:
    await people.create_token(ctx, TokenGiven(name="intake", source="form", days=1), ROUTER)
    advance(ctx, days=400)
    assert await forget(ctx) == 0
    assert await count(ctx, tokens) == 1


async def test_more_than_a_batch_goes_at_once(ctx: Context) -> None:
    rows = [{"client": "form", "key": f"k-{i}", "fingerprint": b"f", "answer": "a", "at": 0} for i in range(BATCH + 1)]
    await ctx.store.commit(Transition(ctx.now(), adds=tuple(Add(idempotency, row) for row in rows)))
    assert await forget(ctx) == BATCH + 1
    assert await count(ctx, idempotency) == 0


async def test_looking_for_what_is_over_reads_no_whole_table(ctx: Context) -> None:
    """A day of requests may be a million rows; the worker looks every few seconds."""
    for table in (idempotency, nonces):
        indexed = {column.name for index in table.indexes for column in index.columns}
        assert indexed & {"at", "until"}, table.name


async def test_by_a_clock_that_is_not_believed_no_nonce_goes_and_nothing_is_sent_again(ctx: Context) -> None:
    """A clock that was a year ahead for a while and is set right finds what it had seen before."""
    await beat(ctx)
    until = ctx.clock.now() + timedelta(minutes=6)
    await peer_inbox.remember_nonce(ctx, "hotline-nl", "n-1", until)
    move(ctx, days=365)
    assert await forget(ctx) == 0, "before the beat"
    await beat(ctx)
    assert await forget(ctx) == 0, "after it"
    move(ctx, days=-365)
    with pytest.raises(NotSignedIn):
        await peer_inbox.remember_nonce(ctx, "hotline-nl", "n-1", until)
    advance(ctx, hours=1)
    await beat(ctx)
    assert await forget(ctx) == 1
