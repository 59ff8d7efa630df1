"""What became of what left after the backup: its partners are asked, and what they say is adopted.

A partner that knows a referral by our id says whether it has it; a hub finds a content by the number that the ledger
kept. What it has is accepted, and followed from then on; what it never got is sent. Who is silent, or cannot be asked,
leaves the question with people. Nothing is sent or told here.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, or_, select

from router.casework.case.desk_entry import answer, is_answered
from router.casework.case.embargo import holding, in_force
from router.casework.case.gate import held_ids
from router.casework.case.next_look import later, look_at
from router.casework.case.record import case_rows
from router.casework.case.sealed import keys_of
from router.casework.context import Context
from router.casework.deliver import progress
from router.casework.deliver.stops import halts
from router.casework.referral.left_before import NO_DECISION
from router.casework.referral.row import NONE_GIVEN, due_at
from router.delivery import ask
from router.errors import Conflict
from router.partners.base import Accepted, Dialect, EffectClass, SentReferral
from router.policy.bars import may_be_called
from router.store.base import Change, Event, Remove, Row, Transition
from router.store.schema.tables import cases, left_before_restore, referrals
from schemas.actor import ROUTER
from schemas.partner import Partner
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

#: A partner that said nothing is asked again so much later, in microseconds. Our own choice.
_AGAIN: Final = 3600 * 1_000_000
#: Referrals of one partner in one turn.
_AT_ONCE: Final = 500
_LEFT: Final = left_before_restore


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking."""

    there: int = 0  #: referrals that their partner has
    never: int = 0  #: that it never got
    silent: int = 0  #: of which nobody said anything; people are asked

    def plus(self, other: "Asked") -> "Asked":
        """Return both together."""
        return Asked(self.there + other.there, self.never + other.never, self.silent + other.silent)


async def asked(ctx: Context, *, of_lost_cases: bool = False) -> Asked:
    """Ask about everything that may have arrived; `of_lost_cases`: only about what a case took over since.

    Raise StoreUnavailable.
    """
    rows = await _in_doubt(ctx, of_lost_cases=of_lost_cases)
    left = [] if of_lost_cases else await _of_lost_cases(ctx)
    found = Asked()
    for name in sorted({row["partner"] for row in (*rows, *left)}):
        theirs = [row for row in rows if row["partner"] == name][:_AT_ONCE]
        lost = [row for row in left if row["partner"] == name][:_AT_ONCE]
        found = found.plus(await _one(ctx, name, theirs, lost))
    return found


async def _in_doubt(ctx: Context, *, of_lost_cases: bool) -> list[Row]:
    """Return what may have arrived, and what a hub has of which it is not known yet how to ask about it."""
    stepwise = [name for name, dialect in ctx.dialects.items() if _finds(dialect)]
    half = and_(
        referrals.c.state == ReferralState.ACCEPTED,
        referrals.c.dialect.in_(stepwise),
        referrals.c.progress.is_(None),
        referrals.c.receipt != NONE_GIVEN,
    )
    wanted = or_(referrals.c.state == ReferralState.UNKNOWN, half)
    late = or_(referrals.c.status_at.is_(None), referrals.c.status_at <= ctx.now() - _AGAIN)
    mine = [referrals.c.decision_id == NO_DECISION] if of_lost_cases else []
    rows = await ctx.store.rows(select(referrals).where(wanted, late, *mine).order_by(referrals.c.id))
    held = await held_ids(ctx, {row["case_id"] for row in rows})
    by = {row["id"]: held.get(row["case_id"]) for row in rows}
    return [row for row in rows if (one := by[row["id"]]) is None or not one.keeps_from(row["partner"])]


async def _of_lost_cases(ctx: Context) -> list[Row]:
    """Return what left of cases that are not here; what an embargo names is known by its index, here as well."""
    rows = await ctx.store.rows(select(_LEFT).where(_LEFT.c.receipt.is_(None)))
    known = await in_force(ctx)
    return [row for row in rows if not holding(known, frozenset({bytes(row["url_bidx"])}))]


def _finds(dialect: Dialect) -> bool:
    """Tell whether a dialect needs more than our id to ask about a referral, and finds it by the partner's number."""
    return bool(dialect.steps) and not dialect.confirmed_by_people


async def _one(ctx: Context, name: str, rows: Sequence[Row], lost: Sequence[Row]) -> Asked:
    """Ask one partner."""
    partner, dialect = await _callable(ctx, name)
    if partner is None or dialect is None:
        return Asked(silent=len(rows) + len(lost))
    ours = [row for row in rows if row["dialect"] in (None, dialect.name)]
    if _finds(dialect):
        return await _looked_for(ctx, partner, dialect, ours)
    if dialect.effect is not EffectClass.IDEMPOTENT:
        return Asked(silent=len(rows) + len(lost))
    said = await _statuses(dialect, partner, [*ours, *lost])
    found = Asked(silent=len(rows) - len(ours))
    for row in ours:
        found = found.plus(await _settled(ctx, row, {}, known=said.get(row["id"])))
    for row in lost:
        found = found.plus(await _noted(ctx, row, known=said.get(row["id"])))
    return found


async def _callable(ctx: Context, name: str) -> tuple[Partner | None, Dialect | None]:
    partner = (await ctx.governance.directory()).named(name)
    _, policy = await ctx.governance.policy()
    if partner is None or may_be_called(partner, policy) is not None or (await halts(ctx)).partner(name):
        return None, None
    return partner, ctx.dialects.get(partner.dialect)


async def _statuses(dialect: Dialect, partner: Partner, rows: Sequence[Row]) -> Mapping[str, bool]:
    """Return by referral whether the partner has it; what it says nothing clear of is left out."""
    said = await ask.status(dialect, partner, [SentReferral(row["id"]) for row in rows]) or []
    return {one.referral_id: one.known for one in said if not one.withdrawn}


async def _looked_for(ctx: Context, partner: Partner, dialect: Dialect, rows: Sequence[Row]) -> Asked:
    """Find by the hub's numbers what it has; of what has none here nobody but people can find it there."""
    found = Asked()
    keys = await keys_of(ctx, (row["case_id"] for row in rows))
    for row in rows:
        key, number = keys.get(row["case_id"]), row["receipt"] or row["their_item"]
        looked = None if key is None or not number else await ask.find(dialect, partner, number)
        if isinstance(looked, Accepted) and looked.progress is not None and key is not None:
            more = {"receipt": looked.receipt, **progress.kept(dialect, row, key, looked, ctx.now())}
            found = found.plus(await _settled(ctx, row, more, known=True))
        else:
            found = found.plus(await _settled(ctx, row, {}, known=None))
    return found


async def _settled(ctx: Context, row: Row, more: Mapping[str, Any], *, known: bool | None) -> Asked:
    """Keep what the partner says of a referral; what people were asked of it is answered then."""
    state = ReferralState(row["state"])
    event = {True: "accept", False: "retry", None: ""}[known]
    after = step(REFERRAL, state, event) or state
    values: dict[str, Any] = {"status_at": ctx.now(), "state": after}
    if known:
        at = row["accepted_at"] or row["first_sent_at"] or ctx.now()
        values |= {"receipt": row["receipt"] or NONE_GIVEN, "accepted_at": at, "in_doubt": 0, **due_at(None)}
        values |= {"last_reason": "accepted"} | dict(more)
    elif known is False:
        values |= {**progress.NOT_BEGUN, "payload": None, "dialect": None, "may_have_arrived": 0, "claims": 0}
        values |= due_at(ctx.now())
    changes = [Change(referrals, {"id": row["id"]}, values, row["version"])]
    events: list[Event] = []
    if known is not None:
        case = (await case_rows(ctx, [row["case_id"]]))[row["case_id"]]
        changes += _placed(ctx, case, row["id"], known=known)
        events.append(
            Event("case.heard", ROUTER.id, case["id"], row["id"], {"partner": row["partner"], "state": after})
        )
    with suppress(Conflict):  # staff were faster
        await ctx.store.commit(Transition(ctx.now(), changes, events=events))
    return Asked(int(known is True), int(known is False), int(known is None))


def _placed(ctx: Context, case: Row, referral_id: str, *, known: bool) -> list[Change]:
    """Return the change of a case of whose referral nobody has to be asked any more."""
    state = CaseState(case["state"])
    if state not in {CaseState.DESK, CaseState.REFERRED}:
        return []  # its decision is still to come, or it is over
    placed = look_at(ctx.now() if known else later(ctx))
    if is_answered(case, (), {referral_id}, frozenset()):
        placed |= answer(case, step(CASE, state, "refer"), ctx.now(), about={referral_id})
    return [Change(cases, {"id": case["id"]}, placed, case["version"])]


async def _noted(ctx: Context, row: Row, *, known: bool | None) -> Asked:
    """Keep the same of what belongs to no case here: a case that comes of it then takes over what is so."""
    if known is True:
        change = Change(_LEFT, {"id": row["id"]}, {"receipt": NONE_GIVEN}, guard={"receipt": None})
        with suppress(Conflict):  # a case took it over at this moment
            await ctx.store.commit(Transition(ctx.now(), [change]))
    elif known is False and row["taken_back_at"] is None:
        await ctx.store.commit(Transition(ctx.now(), removes=[Remove(_LEFT, {"id": row["id"]})]))
    return Asked(int(known is True), int(known is False), int(known is None))
