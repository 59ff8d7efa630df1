"""Forget what has served its time, so that small tables stay small: nonces, repeated requests, sessions, links, leases.

Each is over by its date alone, and nobody reads it once it is; removing it changes no answer. What happened (a link was
issued, a session began, somebody took an item over or a digest to a partner) stays in the audit chain: who had which
item before them at which hour, and who wanted to see something else that day, is nobody's to know afterwards.

By a clock that is not believed nothing is forgotten: with a nonce that went too early, a signed request could be sent
again once the clock is right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, select

from router.casework.believed import doubt
from router.casework.context import Context
from router.store.base import Remove, Transition
from router.store.schema.tables import (
    idempotency,
    leases,
    nonces,
    passed_on,
    probed_hosts,
    reminders,
    sessions,
    status_news,
    tokens,
    viewings,
)
from schemas.signin import MOST_IDLE

#: How long the answer to a request with an Idempotency-Key is kept (the API's promise), in microseconds.
ANSWERS_KEPT: Final = timedelta(hours=24) // timedelta(microseconds=1)
#: How long it is counted what a source never heard of its reports, in microseconds.
_LOST_KEPT: Final = timedelta(days=30) // timedelta(microseconds=1)
#: A digest to a partner is shown again all day; no day of any house is longer, in microseconds.
_DAY_OVER: Final = timedelta(days=2) // timedelta(microseconds=1)
#: What was in a viewing session is asked for by whoever looks into its loss: a year, in microseconds.
_VIEWINGS_KEPT: Final = timedelta(days=366) // timedelta(microseconds=1)
#: Rows removed in one transaction, so that a long backlog holds nobody up.
BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Passing:
    """Rows of a table that are over at some moment, and the columns that name one of them."""

    table: Table
    named_by: tuple[Column[Any], ...]
    over: Callable[[int], ColumnElement[bool]]  #: by the microsecond it is now


PASSING: Final = (
    # A request whose signature has expired is refused by its date.
    Passing(nonces, (nonces.c.peer, nonces.c.nonce), lambda now: nonces.c.until < now),
    # With `at`: a repetition that has just taken a dead request's place stays.
    Passing(
        idempotency,
        (idempotency.c.client, idempotency.c.key, idempotency.c.at),
        lambda now: idempotency.c.at < now - ANSWERS_KEPT,
    ),
    Passing(
        sessions,
        (sessions.c.digest,),
        lambda now: (sessions.c.ends_at <= now) | (sessions.c.seen_at <= now - MOST_IDLE // timedelta(microseconds=1)),
    ),
    Passing(status_news, (status_news.c.id,), lambda now: status_news.c.given_up_at <= now - _LOST_KEPT),
    # API tokens stay when they end: people look there for what a token was.
    Passing(tokens, (tokens.c.id,), lambda now: (tokens.c.kind == "link") & (tokens.c.expires_at <= now)),
    # With `until`: an item that somebody took again since we looked is theirs.
    Passing(leases, (leases.c.case_id, leases.c.until), lambda now: leases.c.until <= now),
    Passing(passed_on, (passed_on.c.case_id, passed_on.c.by, passed_on.c.until), lambda now: passed_on.c.until <= now),
    # Of a host that was asked by a clock that was ahead, nothing would be asked until we are there.
    Passing(
        probed_hosts,
        (probed_hosts.c.host_bidx, probed_hosts.c.at),
        lambda now: (probed_hosts.c.at <= now - _DAY_OVER) | (probed_hosts.c.at > now + _DAY_OVER),
    ),
    Passing(viewings, (viewings.c.name,), lambda now: viewings.c.ended_at <= now - _VIEWINGS_KEPT),
    Passing(reminders, (reminders.c.partner, reminders.c.day), lambda now: reminders.c.at <= now - _DAY_OVER),
)


async def forget(ctx: Context) -> int:
    """Remove all rows that are over, in batches; return how many. Raise StoreUnavailable."""
    if await doubt(ctx) is not None:
        return 0
    return sum([await _forget(ctx, passing) for passing in PASSING])


async def _forget(ctx: Context, passing: Passing) -> int:
    removed = 0
    while True:
        over = select(*passing.named_by).where(passing.over(ctx.now())).limit(BATCH)
        rows = await ctx.store.rows(over)
        if rows:
            removes = tuple(Remove(passing.table, row) for row in rows)
            await ctx.store.commit(Transition(ctx.now(), removes=removes))
            removed += len(rows)
        if len(rows) < BATCH:
            return removed
