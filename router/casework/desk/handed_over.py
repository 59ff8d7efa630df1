"""What staff handed over by another way than the router's: a web page, a portal, the telephone.

It is written down as the referral that it is, with the partner's reference, when and by whom, so that nothing of it is
sent a second time and it is followed as any other that was accepted. A referral of ours to that partner is ended by it:
one that waits or is held never leaves, and of one that may have arrived this is the answer. While one is being sent
nobody can know yet which of the two came first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from router.casework.case.desk_entry import ABOUT_A_REFERRAL, ANSWERED_BY_REFERRING, answer
from router.casework.case.gate import held_now, note
from router.casework.case.next_look import check_due, look_at, next_look
from router.casework.case.record import open_case, referral_rows
from router.casework.case.sealed import key_of
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.decide.decision_row import decision_of, decision_row
from router.casework.decide.step import judged
from router.casework.deliver import progress
from router.casework.deliver.progress import NOT_BEGUN
from router.casework.deliver.stops import halts
from router.casework.desk.act import case_for, retry_on_conflict
from router.casework.desk.called_there import called
from router.casework.intake.validate import EARLIEST
from router.casework.read.lists import referral as view
from router.casework.referral.changes import may_have_arrived
from router.casework.referral.check_dates import check_dates, silently
from router.casework.referral.row import OUTSIDE, STAFF, Chosen, due_at, referral
from router.clock import micros
from router.delivery import ask
from router.errors import BadInput, Conflict
from router.partners.base import Accepted, Dialect, Outcome, Refused
from router.policy.bars import may_be_called
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, decisions, follow_ups, referrals
from schemas.actor import Actor
from schemas.acts import HandedOver
from schemas.casefile import DeskCode, ReferralView
from schemas.decision import Decision, Recipient
from schemas.embargo import Way
from schemas.partner import PartnerKind
from schemas.states import REFERRAL, ReferralState, step

_NOT_THERE: Final = "The partner's system has nothing by this reference; check it. {why}"
#: By which events a referral of ours to that partner becomes one that the partner has.
_ENDED_BY: Final = {
    ReferralState.WAITING: ("confirm",),
    ReferralState.HELD: ("release", "confirm"),
    ReferralState.EXPIRED: ("confirm",),
    ReferralState.UNKNOWN: ("confirm",),
}
#: What a referral that was just made has not got yet.
_PLAIN: Final[dict[str, Any]] = {**NOT_BEGUN, "may_have_arrived": 0, "claims": 0, "payload": None, "dialect": None}
_UNDER_WAY: Final = frozenset({ReferralState.SENDING, ReferralState.RECALL_PENDING})


@dataclass(frozen=True, slots=True)
class Filed:
    """Who has it by another way, as somebody says."""

    partner: str
    reference: str
    at: datetime | None = None  #: None is now
    reason: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What is committed with a hand-over."""

    values: Mapping[str, Any] = field(default_factory=dict)  #: more columns of the case
    changes: tuple[Change, ...] = ()
    events: tuple[Event, ...] = ()


@retry_on_conflict
async def handed_over(ctx: Context, case_id: str, actor: Actor, said: HandedOver) -> ReferralView:
    """Write down that a partner has a case by another way. Raise NotFound, BadInput, Conflict.

    What the law or the directory says of the partner is not asked: it has happened.
    """
    filing = Filed(said.partner, said.reference, said.at, said.reason, said.version)
    return await filed(ctx, case_id, actor, filing, Beside(), answers=ANSWERED_BY_REFERRING)


async def filed(
    ctx: Context,
    case_id: str,
    actor: Actor,
    said: Filed,
    beside: Beside,
    *,
    answers: frozenset[DeskCode],
) -> ReferralView:
    """Write down a hand-over to the partner it names: it answers these questions, and those about its referral."""
    case, after = await case_for(ctx, case_id, said.version, "refer")
    at = _moment(ctx, said.at)
    standing = await referral_rows(ctx, case_id)
    ours = _to_be_ended(standing, said.partner)
    looked, by_people = await _looked_up(ctx, said, case), await _brings_its_word(ctx, said.partner)
    changes: list[Change] = list(beside.changes)
    adds: list[Add] = []
    chosen: dict[str, Any] = {}
    if ours is None:
        decided, added, chosen = await _chosen(ctx, case, actor, said.partner)
        row = _PLAIN | dict(added.values) | {"state": ReferralState.ACCEPTED, **_with_partner(said, at), **by_people}
        row |= await _spoken(ctx, row, said, looked)
        adds += [decided, Add(referrals, row)]
    else:
        state = ReferralState(ours["state"])
        for name in _ENDED_BY[state]:
            state = step(REFERRAL, state, name) or state
        changed = {"state": state, **_with_partner(said, at), **by_people}
        changed |= await _spoken(ctx, ours, said, looked)
        changes.append(Change(referrals, {"id": ours["id"]}, changed, ours["version"]))
        row = dict(ours) | changed
    due = await check_due(ctx, case_id)
    if due is None:
        dates = await check_dates(ctx)
        due = dates.first(case, [row])
        assert due is not None  # its partner has it
        adds.append(Add(follow_ups, {"id": new_id(), "case_id": case_id, "due_at": due}))
        adds += silently(dates.policy, case, micros(at))
    others = [one for one in standing if one["id"] != row["id"]]
    placed = answer(case, after, ctx.now(), answers, about={row["id"]}, unnamed=ABOUT_A_REFERRAL)
    placed |= look_at(next_look(ctx, [*others, row], due)) | chosen | dict(beside.values)
    changes.append(Change(cases, {"id": case_id}, placed, case["version"]))
    detail = {"to": said.partner} | ({} if ours is None else {"was": ours["state"]})
    if said.reason is None:
        event = Event("referral.handed_over", actor.id, case_id, row["id"], detail)
    else:
        event = await acted(ctx, "referral.handed_over", actor, said.reason, case_id, row["id"], **detail)
    adds += await called(ctx, case_id, said.reference, actor)
    await ctx.store.commit(Transition(ctx.now(), tuple(changes), tuple(adds), (), (*beside.events, event)))
    return await view(ctx, row["id"])


def _with_partner(said: Filed, at: datetime) -> dict[str, Any]:
    """Return the columns of a referral that its partner has, as people say."""
    return {
        "receipt": said.reference,
        "accepted_at": micros(at),
        "may_have_arrived": 1,
        "in_doubt": 0,
        "hold_until": None,
        "hold_reason": None,
        "last_reason": "accepted",
        "last_text": "It was handed over by another way.",
        **due_at(None),
    }


async def _brings_its_word(ctx: Context, name: str) -> dict[str, Any]:
    """Return the column by which people type what a unit says since, however it was told."""
    found = (await ctx.governance.directory()).named(name)
    return {"by_people": 1} if found is not None and found.kind is PartnerKind.POLICE else {}


async def _spoken(ctx: Context, row: Row, said: Filed, looked: Outcome | None) -> dict[str, Any]:
    """Return by which dialect it is followed and taken back, with what that one needs for it.

    What left by a dialect before is taken back by that; what the partner's system was found to have, by its own.
    """
    dialect = await _dialect(ctx, said.partner)
    if isinstance(looked, Accepted) and looked.progress is not None and dialect is not None:
        key = await key_of(ctx, row["case_id"])
        return {"dialect": dialect.name, **progress.kept(dialect, row, key, looked, ctx.now())}
    return {"dialect": row["dialect"] if may_have_arrived(row) and row["dialect"] else OUTSIDE}


async def _dialect(ctx: Context, name: str) -> Dialect | None:
    """Return the dialect of a partner that may be called now, else None."""
    found = (await ctx.governance.directory()).named(name)
    _, policy = await ctx.governance.policy()
    if found is None or may_be_called(found, policy) is not None or (await halts(ctx)).partner(name):
        return None
    return ctx.dialects.get(found.dialect)


async def _looked_up(ctx: Context, said: Filed, case: Row) -> Outcome | None:
    """Return what the partner's system says of that reference, if it can be asked. Raise BadInput when it has none.

    One that does not answer now is no reason to refuse what people say. Of what is held nobody is asked.
    """
    if (held := await held_now(ctx, case["id"])) is not None and held.keeps_from(said.partner):
        await note(ctx, case["id"], held, Way.FOUND)
        return None
    dialect, found = await _dialect(ctx, said.partner), (await ctx.governance.directory()).named(said.partner)
    if dialect is None or found is None:
        return None
    looked = await ask.find(dialect, found, said.reference)
    if isinstance(looked, Refused):
        raise BadInput(_NOT_THERE.format(why=looked.text), field="reference", reason="not_there")
    return looked


def _moment(ctx: Context, given: datetime | None) -> datetime:
    """Return when it was handed over. Raise BadInput."""
    at = given or ctx.clock.now()
    if not EARLIEST <= at <= ctx.clock.now():
        raise BadInput("Say when it was handed over: not later than now.", field="at")
    return at


def _to_be_ended(standing: list[Row], partner: str) -> Row | None:
    """Return the referral of ours to that partner which this ends, if there is one. Raise Conflict."""
    to_them = [row for row in standing if row["partner"] == partner]
    if any(row["state"] == ReferralState.ACCEPTED for row in to_them):
        raise Conflict("This partner has it already; see its referral on the case's page.", reason="duplicate")
    if any(row["state"] in _UNDER_WAY for row in to_them):
        text = "A referral to this partner is being sent at this moment; look in a minute what came of it."
        raise Conflict(text, reason="not_now")
    return next((row for row in reversed(to_them) if row["state"] in _ENDED_BY), None)


async def _chosen(ctx: Context, case: Row, actor: Actor, partner: str) -> tuple[Add, Add, dict[str, Any]]:
    """Return the decision of a person, the referral that follows from it, and the case's columns that name it.

    Whom the decision before chose or proposes stays so in this one. Raise BadInput for an unknown partner.
    """
    found = (await ctx.governance.directory()).named(partner)
    if found is None:
        raise BadInput("There is no partner of this name; see `partners list`.", field="partner")
    version, _ = await ctx.governance.policy()
    opened = await open_case(ctx, case)
    known, _ = await judged(ctx, opened)
    recipient = Recipient(partner=partner, route=STAFF)
    assigned = found.countries[0] if len(found.countries) == 1 else case["assigned_country"]
    before = await _decision(ctx, case)
    others = () if before is None else tuple(one for one in before.recipients if one.partner != partner)
    new = {"policy_version": version, "recipients": (*others, recipient), "assigned_country": assigned, "by": actor.id}
    decision = Decision(**new) if before is None else before.model_copy(update=new)
    decision_id, now = new_id(), ctx.now()
    made = decision_row(opened, decision_id, known, decision, now)
    in_force = {"decision_id": decision_id, "policy_version": version, "assigned_country": assigned}
    return made, referral(Chosen(case, decision_id, recipient), now), in_force


async def _decision(ctx: Context, case: Row) -> Decision | None:
    if case["decision_id"] is None:
        return None
    rows = await ctx.store.rows(select(decisions.c.decision).where(decisions.c.id == case["decision_id"]))
    return decision_of(rows[0]) if rows else None
