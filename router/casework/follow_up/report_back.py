"""What we did about what a hub gave to us goes back to the hub, in the order in which a hotline does it.

Reported to the police is what the policy counts as that, with its own date; reported to the provider is what the police
say that they did, since at home they alone may. Removed, unavailable and not illegal are how the case ended, moved is
where it was found since. Each is told once: what was told is kept, and the hub is read before anything is said.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import ask
from router.casework.case.gate import held_among, note
from router.casework.case.record import Opened, open_cases
from router.casework.context import Context
from router.casework.deliver.message import gender_of, youngest
from router.clock import moment
from router.delivery.send import meaning
from router.errors import RouterError
from router.partners.base import Deferred, Refused, Unknown
from router.partners.inbox import Finding, Inbox
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import actions, hub_items, referrals
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.embargo import Way
from schemas.exchange import ActionStatement
from schemas.partner import Partner, PartnerKind
from schemas.policy import Policy, ToldPolice
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import FINAL_ACTIONS, ActionType, Assessment

#: Contents of which something is told in one turn: at a call a second a turn has time for so many.
IN_ONE_TURN: Final = 4
#: Contents that are looked through in one turn.
_LOOKED_THROUGH: Final = 2_000
_NOT_TOLD: Final = "{partner} does not take what we did with its content {number}: {text}"


async def report_back(ctx: Context, partner: Partner, inbox: Inbox) -> Deferred | None:
    """Tell the hub what it does not know yet; return why it could not be told now, if so.

    A content of whose case nothing will be told any more is looked through no more: else those would stand before the
    newer ones for ever.
    """
    told, over = 0, list[Row]()
    waiting = await _open_items(ctx, partner.name)
    opened = await open_cases(ctx, (row["case_id"] for row in waiting))
    held = await held_among(ctx, opened.values())
    acts = await own_acts(ctx, partner.name, list(opened))
    for row in waiting:
        case = opened.get(row["case_id"])
        if row["case_id"] in held:
            await note(ctx, row["case_id"], held[row["case_id"]], Way.TOLD)
            continue
        known = set(json.loads(row["told"]))
        new = [act for act in acts.get(row["case_id"], ()) if act.action not in known]
        if case is None or (not new and not _is_assessed_anew(case, known)):
            over += [row] if case is None or case.row["state"] == CaseState.CLOSED else []
            continue
        if told >= IN_ONE_TURN:
            break
        told += 1
        if (failed := await _tell(ctx, partner, inbox, row, (case, new))) is not None:
            return failed
    if over:
        await ctx.store.commit(Transition(ctx.now(), [_ended(ctx, row) for row in over]))
    return None


def _ended(ctx: Context, row: Row) -> Change:
    key = {"partner": row["partner"], "number": row["number"]}
    return Change(hub_items, key, {"ended_at": ctx.now()}, guard={"state": "taken"})


async def _open_items(ctx: Context, partner: str) -> list[Row]:
    """Return contents that the hub knows to be with us, and of which something may still be told."""
    mine = and_(hub_items.c.partner == partner, hub_items.c.state == "taken")
    ours = and_(mine, hub_items.c.acknowledged_at.is_not(None), hub_items.c.ended_at.is_(None))
    return await ctx.store.rows(select(hub_items).where(ours).order_by(hub_items.c.listed_at).limit(_LOOKED_THROUGH))


def _is_assessed_anew(case: Opened, known: set[str]) -> bool:
    value = case.row["staff_assessment"]
    return value is not None and f"assessed:{value}" not in known


async def _tell(
    ctx: Context, partner: Partner, inbox: Inbox, row: Row, what: tuple[Opened, Sequence[ActionStatement]]
) -> Deferred | None:
    case, acts = what
    try:
        answer = await inbox.tell(row["number"], _finding(case), acts)
    except RouterError as error:
        found = meaning(error, partner)
        answer = Deferred(found.reason, found.text) if isinstance(found, Unknown) else found
    if isinstance(answer, Deferred):
        return answer
    await ctx.store.commit(_settled(ctx, partner, row, what, answer))
    return None


def _settled(
    ctx: Context, partner: Partner, row: Row, what: tuple[Opened, Sequence[ActionStatement]], no: Refused | None
) -> Transition:
    """Keep what was told. What the hub does not take is not told again: people hear of it on the desk.

    A closed case has no place there: its content is `untold`, which rings and stands in `partners check`.
    """
    case, acts = what
    told = [*json.loads(row["told"]), *(str(act.action) for act in acts), f"assessed:{case.row['staff_assessment']}"]
    is_over = any(act.action in FINAL_ACTIONS for act in acts)
    text = None if no is None else _NOT_TOLD.format(partner=partner.title, number=row["number"], text=no.text)
    values = {"told": json.dumps(sorted(set(told))), "ended_at": ctx.now() if is_over else None, "last_text": text}
    is_closed = case.row["state"] == CaseState.CLOSED
    if text is not None and is_over and is_closed:
        values["state"] = "untold"
    changes = [
        Change(hub_items, {"partner": row["partner"], "number": row["number"]}, values, guard={"state": "taken"})
    ]
    if text is not None and not is_closed:
        changes += ask(case.row, DeskCode.BOUNCED, text, ctx.now())
    act = "hub.told" if no is None else "hub.not_told"
    event = Event(act, ROUTER.id, case.id, None, {"said": {partner.name: ", ".join(str(one.action) for one in acts)}})
    return Transition(ctx.now(), tuple(changes), (), (), (event,))


def _finding(case: Opened) -> Finding:
    """Return what the case is: what a person said of it here, else what its reports say."""
    value = Assessment(case.row["staff_assessment"] or case.row["assessment"])
    return Finding(value, youngest(one.age for one in case.items), gender_of(one.gender for one in case.items))


async def own_acts(ctx: Context, partner: str, case_ids: Sequence[str]) -> Mapping[str, list[ActionStatement]]:
    """Return by case what we did about it, as the hub is to hear it, oldest first; `partner` is the hub."""
    _, policy = await ctx.governance.policy()
    directory = await ctx.governance.directory()
    police = frozenset(one.name for one in directory.partners if one.kind is PartnerKind.POLICE)
    sent = await ctx.store.rows(
        select(referrals).where(and_(referrals.c.case_id.in_(case_ids), referrals.c.partner.in_(sorted(police))))
    )
    done = await ctx.store.rows(
        select(actions).where(and_(actions.c.case_id.in_(case_ids), actions.c.by != partner)).order_by(actions.c.at)
    )
    found: dict[str, list[ActionStatement]] = {}
    for case_id in case_ids:
        of_case = [one for one in done if one["case_id"] == case_id]
        reported = _reported([one for one in sent if one["case_id"] == case_id], policy)
        acts = sorted([*reported, *_done(of_case, police)], key=lambda act: act.at)
        found[case_id] = list({act.action: act for act in reversed(acts)}.values())[::-1]  # the first of each
    return found


def _reported(rows: Iterable[Row], policy: Policy) -> Iterator[ActionStatement]:
    """Yield when the police had it, by what the policy counts as that."""
    leaving = policy.reported_to_lea is ToldPolice.LEAVING
    for row in rows:
        at = row["first_sent_at"] if leaving and row["may_have_arrived"] else None
        if at is None and row["state"] == ReferralState.ACCEPTED:
            at = row["accepted_at"]
        if at is not None:
            yield ActionStatement(action=ActionType.REPORTED_TO_LEA, at=moment(at))


def _done(rows: Iterable[Row], police: frozenset[str]) -> Iterator[ActionStatement]:
    """Yield what the police say that they told the provider, how the case ended, and where it was found since."""
    for row in rows:
        action = ActionType(row["action"])
        said_by_police = action is ActionType.REPORTED_TO_ISP and row["by"] in police
        ended = row["referral_id"] is None and action in FINAL_ACTIONS
        if said_by_police or (ended and (action is not ActionType.MOVED or row["moved_to"] is not None)):
            yield ActionStatement(action=action, at=moment(row["at"]), reason=row["reason"], moved_to=row["moved_to"])
