"""The daily cap of a source: how many referrals one partner gets of it in a day (UTC, as a partner's own cap).

A crawler's million must not flood a partner of five people. What is over the cap is put off until the cap opens again:
its row is dated then, so that what other sources reported is not looked for behind it. A referral counts on each day on
which it is tried, once however often; one that may have arrived does not count again, for the partner has it. What
concerns a child at risk (rank 0) is never capped, and a person's `retry` sends now what waits for its cap.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, not_, or_, select

from router.casework.case.priority import RANKS
from router.casework.context import Context
from router.casework.referral.row import AT_ITS_CAP, due_at
from router.delivery.partner_state import DAY
from router.errors import Conflict
from router.store.base import Add, Change, Event, Quota, Row, Transition
from router.store.quota import admit
from router.store.schema.tables import cases, referrals, source_sent, sources
from schemas.actor import ROUTER
from schemas.states import ReferralState

_TEXT: Final = "Its source has sent this partner all it may in a day; it leaves at midnight UTC, or by `retry` now."
#: Ranks that caps hold; rank 0 is a child at risk.
CAPPED_RANKS: Final = RANKS[1:]
#: Referrals of one rank that one look puts off: a million take two minutes after midnight, and no commit is long.
MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps in force for one partner now, and what was counted against them."""

    quota: Quota
    counted: tuple[Row, ...]  #: rows of `source_sent`

    @property
    def opens_at(self) -> int:
        """Return when the caps open again."""
        return self.quota.day + DAY


@dataclass(frozen=True, slots=True)
class PutOff:
    """What one look at the heads of the queues came to."""

    late: int  #: referrals that were put off
    room: Mapping[int, int]  #: rank -> referrals that may be claimed now, of the capped ranks


async def caps_for(ctx: Context, partner: str) -> Caps | None:
    """Return the caps that hold what leaves to a partner, or None when no source has one: one small look-up a turn."""
    mine = and_(source_sent.c.source == sources.c.name, source_sent.c.partner == partner)
    wanted = select(sources.c.name.label("source"), sources.c.daily_cap, source_sent.c.day, source_sent.c.sent)
    rows = await ctx.store.rows(
        wanted.outerjoin_from(sources, source_sent, mine).where(sources.c.daily_cap.is_not(None))
    )
    if not rows:
        return None
    today = start_of_day(ctx.now())
    for row in rows:
        if row["day"] is None:
            await _counted_from_now_on(ctx, row["source"], partner, today)
            row |= {"day": today, "sent": 0}
    caps = {row["source"]: row["daily_cap"] for row in rows}
    return Caps(Quota(_draws_on(today), caps, partner, today), tuple(rows))


def start_of_day(now: int) -> int:
    """Return when the day began that caps count, in microseconds."""
    return now - now % DAY


async def _counted_from_now_on(ctx: Context, source: str, partner: str, today: int) -> None:
    """Make the row that claims count in; another worker may be doing so too."""
    add = Add(source_sent, {"source": source, "partner": partner, "day": today, "sent": 0})
    with suppress(Conflict):
        await ctx.store.commit(Transition(ctx.now(), adds=(add,)))


def _draws_on(today: int) -> ColumnElement[Any]:
    """Say whose cap a referral draws on: its case's, unless it was counted today or may be with the partner already.

    Asked of the case each time, because a report that joins may have given the case to another source meanwhile.
    """
    fresh = or_(referrals.c.counted_on.is_(None), referrals.c.counted_on != today)
    begun = or_(referrals.c.may_have_arrived != 0, referrals.c.progress_step.is_not(None))
    unsent = and_(referrals.c.state == ReferralState.WAITING, not_(begun))
    source = select(cases.c.cap_source).where(cases.c.id == referrals.c.case_id).scalar_subquery()
    return case((and_(fresh, unsent), source))


async def put_off(ctx: Context, caps: Caps, due: ColumnElement[bool], ranks: Collection[int]) -> PutOff:
    """Date what is due and over its source's cap for when the cap opens again, and say how much of the rest may leave.

    Only what has one of these ranks is looked at.

    A piece at a time, of each rank: between two, what may leave does, so that nobody waits while a million are dated.
    """
    heads = [
        (rank, row) for rank in CAPPED_RANKS if rank in ranks for row in await ctx.store.rows(_head(caps, due, rank))
    ]
    taken, _ = admit(caps.quota, [row for _, row in heads], caps.counted)
    kept = {row["id"] for row in taken}
    over = [row for _, row in heads if row["id"] not in kept]
    if over:
        with suppress(Conflict):  # one was claimed or eased meanwhile: they are looked at again
            await ctx.store.commit(_dated(ctx, caps, over))
    return PutOff(len(over), Counter(rank for rank, row in heads if row["id"] in kept))


def _head(caps: Caps, due: ColumnElement[bool], rank: int) -> Select[Any]:
    columns = (referrals.c.id, referrals.c.version, caps.quota.draws_on.label("draws_on"))
    return select(*columns).where(due, referrals.c.rank == rank).order_by(referrals.c.next_at).limit(MOST)


def _dated(ctx: Context, caps: Caps, over: Sequence[Row]) -> Transition:
    """The version stays: nobody who has the referral before them would see a difference that matters to their act."""
    values = due_at(caps.opens_at) | {"last_reason": AT_ITS_CAP, "last_text": _TEXT}
    changes = [Change(referrals, {"id": row["id"]}, values, guard={"version": row["version"]}) for row in over]
    said = {"partner": caps.quota.partner, "put_off": dict(Counter(row["draws_on"] for row in over))}
    return Transition(ctx.now(), changes, events=(Event("source.capped", ROUTER.id, detail=said),))


async def reopened(ctx: Context, source: str, cap: int | None) -> list[Change]:
    """Return what makes referrals due that were put off today by a narrower cap of this source, or by one now gone.

    At most MOST for each partner and rank: what is left comes at midnight, as it was told.
    """
    today = start_of_day(ctx.now())
    changes = []
    for row in await ctx.store.rows(select(source_sent).where(source_sent.c.source == source)):
        sent = row["sent"] if row["day"] == today else 0
        room = MOST if cap is None else min(max(cap - sent, 0), MOST)
        for rank in CAPPED_RANKS:
            found = await ctx.store.rows(_put_off(source, row["partner"], rank, today + DAY).limit(room))
            changes += [Change(referrals, {"id": r["id"]}, due_at(ctx.now()), r["version"]) for r in found]
    return changes


def _put_off(source: str, partner: str, rank: int, until: int) -> Select[Any]:
    """A seek in the index `referral_due`: the date names those that were put off."""
    dated = and_(referrals.c.partner == partner, referrals.c.rank == rank, referrals.c.next_at == until)
    waits = and_(referrals.c.state == ReferralState.WAITING, referrals.c.last_reason == AT_ITS_CAP)
    of_source = and_(cases.c.id == referrals.c.case_id, cases.c.cap_source == source)
    wanted = select(referrals.c.id, referrals.c.version).join(cases, of_source)
    return wanted.where(dated, waits).order_by(referrals.c.id)
