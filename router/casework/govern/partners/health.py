"""How partners stand: why they wait and who said so, what waits for them, what ends soon. No row of a case is counted.

Counts come from tallies, the oldest from an index of what waits; so a page of all partners costs the same with a
million cases. What proves us to a partner is read from its file, apart from the loop.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import and_, func, select, text

from router.casework.alarm.certificates import RINGS
from router.casework.context import Context
from router.casework.deliver.stops import at_risk
from router.casework.govern.pause import Pause, pauses
from router.casework.govern.proposals import pending
from router.casework.read.waits import waits
from router.clock import moment_or_none
from router.delivery.breaker import BY_STAFF
from router.delivery.partner_state import DAY, PartnerState
from router.errors import NotFound, RouterError
from router.store.schema.tables import partner_state, referrals, tallies
from schemas.partner import Partner
from schemas.partner_health import Ends, EndView, PartnerHealth, PauseView
from schemas.proposal import PARTNER
from schemas.states import ReferralState

#: How long before its end people are told of what proves us: as the alarm first rings for it.
SOON: Final = RINGS[0]
_STATES: Final = (ReferralState.WAITING, ReferralState.SENDING, ReferralState.HELD)
#: In the words of its index, which no bound value could be proved to meet.
_WAITS: Final = text("state = 'waiting'")


@dataclass(frozen=True, slots=True)
class _Proof:
    """Until when what proves us to a partner is good, or why nobody can tell."""

    until: datetime | None = None
    wrong: str | None = None


async def all_partners(ctx: Context) -> list[PartnerHealth]:
    """Return every partner of the directory in force but ourselves, by its title; those that may receive first."""
    found = [one for one in (await ctx.governance.directory()).partners if one.name != ctx.me]
    return await _health(ctx, sorted(found, key=lambda one: (not one.enabled, one.title.casefold())))


async def one_partner(ctx: Context, name: str) -> PartnerHealth:
    """Return how one partner stands. Raise NotFound."""
    found = (await ctx.governance.directory()).named(name)
    if found is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")
    return (await _health(ctx, [found]))[0]


async def _health(ctx: Context, partners: Collection[Partner]) -> list[PartnerHealth]:
    names = {one.name for one in partners}
    held = await waits(ctx, names)
    states = await _states(ctx, names)
    counted = await _counted(ctx, names)
    paused, proofs = await pauses(ctx), await _proofs(ctx, partners)
    risky = Counter(name for name, _ in {(row["partner"], row["case_id"]) for row in await at_risk(ctx)})
    proposed = {row["subject"] for row in await pending(ctx)}
    found = []
    for one in partners:
        state, count = states.get(one.name, PartnerState()), counted.get(one.name, Counter())
        waiting = count[ReferralState.WAITING]
        found.append(
            PartnerHealth(
                partner=one,
                waits=held.get(one.name),
                paused=_pause(state, paused.get(one.name)),
                waiting=waiting,
                under_way=count[ReferralState.SENDING],
                held=count[ReferralState.HELD],
                oldest=await _oldest(ctx, one.name) if waiting else None,
                at_risk=risky[one.name],
                sent_today=state.sent_today if state.day == ctx.now() - ctx.now() % DAY else 0,
                answered_at=moment_or_none(state.answered_at),
                ends=tuple(_ends(one, proofs[one.name].until, ctx.clock.now())),
                wrong=proofs[one.name].wrong,
                proposed=PARTNER + one.name in proposed,
            )
        )
    return found


async def _states(ctx: Context, names: Collection[str]) -> Mapping[str, PartnerState]:
    rows = await ctx.store.rows(select(partner_state).where(partner_state.c.partner.in_(sorted(names))))
    return {row["partner"]: PartnerState.of(row) for row in rows}


async def _counted(ctx: Context, names: Collection[str]) -> Mapping[str, Counter[str]]:
    """Return by partner how many of its referrals are in each state in which they have not left."""
    n = func.sum(tallies.c.n).label("n")
    those = and_(tallies.c.kind == "referral", tallies.c.state.in_(_STATES), tallies.c.partner.in_(sorted(names)))
    by = (tallies.c.partner, tallies.c.state)
    found: dict[str, Counter[str]] = {}
    for row in await ctx.store.rows(select(*by, n).where(those).group_by(*by)):
        found.setdefault(row["partner"], Counter())[row["state"]] = int(row["n"])
    return found


async def _oldest(ctx: Context, name: str) -> datetime | None:
    first = select(func.min(referrals.c.created_at).label("at")).where(referrals.c.partner == name, _WAITS)
    return moment_or_none((await ctx.store.rows(first))[0]["at"])


def _pause(state: PartnerState, kept: Pause | None) -> PauseView | None:
    if state.paused is None:
        return None
    if kept is None or state.paused != BY_STAFF:
        return PauseView(by=None, at=moment_or_none(state.since), reason=None)
    return PauseView(by=kept.by, at=kept.at, reason=kept.reason)


async def _proofs(ctx: Context, partners: Collection[Partner]) -> Mapping[str, _Proof]:
    """Return by partner how long what proves us is good; of what is switched off nobody asks."""
    asked = [one for one in partners if one.enabled]
    read = await asyncio.to_thread(lambda: {one.name: _proof(ctx, one) for one in asked})
    return {one.name: read.get(one.name, _Proof()) for one in partners}


def _proof(ctx: Context, partner: Partner) -> _Proof:
    dialect = ctx.dialects.get(partner.dialect)
    try:
        return _Proof() if dialect is None else _Proof(until=dialect.good_until(partner))
    except RouterError as error:  # a file that is missing, a password that is wrong: its message names no secret
        return _Proof(wrong=error.message)


def _ends(partner: Partner, proof: datetime | None, now: datetime) -> Iterator[EndView]:
    """Yield what ends, each at the last moment of its day."""
    dated = (
        (Ends.CREDENTIALS, proof),
        (Ends.AGREEMENT, _over(partner.agreement.until)),
        (Ends.TRANSFER, _over(partner.agreement.transfer_until)),
    )
    for what, at in dated:
        if at is not None:
            yield EndView(what=what, at=at, soon=at - now <= SOON)


def _over(day: date | None) -> datetime | None:
    """Return when a day is over by UTC, by which agreements are judged."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), UTC)
