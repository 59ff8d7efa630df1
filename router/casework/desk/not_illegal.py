"""Not illegal: one act that ends a case, by somebody who saw it; a share of them goes to a second person.

The commonest item has the shortest way. So that the shortest way does not become the careless one, the policy's
`second_look` is the share of these cases that somebody else looks at before they are over. Which ones is drawn by a
keyed index of the case's id: nobody at the desk can know beforehand, and the draw is the same after a crash. The second
person says the same act, or says what it is; how often they differ is a figure (`stats`).
"""

from typing import Any, Final

from sqlalchemy import and_, select

from router.casework.case.close import BY_A_PERSON, closed, nothing_leaves
from router.casework.case.desk_entry import put_on_desk, take_off_desk
from router.casework.case.next_look import look_at
from router.casework.case.seen import check_seen, person
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.desk.act import Intent, case_for, retry_same_intent
from router.errors import Conflict
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, second_looks
from schemas.actor import Actor
from schemas.casefile import DeskCode
from schemas.vocabulary import Assessment, Outcome

_LOOK_AGAIN: Final = "One person found it not illegal: look as a second one, and say what you find."
_SOMEBODY_ELSE: Final = "You said so yourself: a second person looks at this one."
_DRAWN_OF: Final = 2**32


@retry_same_intent
async def not_illegal(
    intent: Intent, ctx: Context, case_id: str, actor: Actor, *, reason: str | None = None, version: int | None = None
) -> None:
    """Say that what one saw is not illegal: the case ends, or goes to a second person.

    Raise NotFound, Conflict (not seen by this person, said by them already, closed, or it moved on).
    """
    case, _ = await case_for(ctx, case_id, version, "close")
    await check_seen(ctx, [case_id], actor)
    intent.hold_to((case["assessment"], case["urgency"]))
    now = ctx.now()
    found = {"assessment": Assessment.NOT_ILLEGAL, "assessed_at": now}
    found |= {"staff_assessment": Assessment.NOT_ILLEGAL, "staff_assessed_at": now}
    open_one = await waiting_for_a_second(ctx, case_id)
    if open_one is not None:
        check_somebody_else(open_one, actor)
    if open_one is None and await _is_drawn(ctx, case):
        event = Event("case.second_look", actor.id, case_id)
        dropped = await nothing_leaves(ctx, case_id)
        await ctx.store.commit(_asked_again(case, actor, found, event, dropped))
        return
    event = await _entry(ctx, case, actor, reason)
    ended = await closed(ctx, case, Outcome.NOT_ILLEGAL, BY_A_PERSON.format(by=actor.id), actor.id, event, also=found)
    answered = () if open_one is None else (seconded(open_one, actor, now, agrees=True),)
    await ctx.store.commit(Transition(ended.at, (*ended.changes, *answered), ended.adds, ended.removes, ended.events))


async def waiting_for_a_second(ctx: Context, case_id: str) -> Row | None:
    """Return the second look that a case waits for, or None."""
    wanted = and_(second_looks.c.case_id == case_id, second_looks.c.agrees.is_(None))
    rows = await ctx.store.rows(select(second_looks).where(wanted))
    return rows[0] if rows else None


def check_somebody_else(row: Row, actor: Actor) -> None:
    """Raise Conflict when who acts is the person whose word a second one looks at."""
    if row["first"] == person(actor):
        raise Conflict(_SOMEBODY_ELSE, reason="second_person")


def seconded(row: Row, actor: Actor, now: int, *, agrees: bool) -> Change:
    """Return the change that keeps what the second person found."""
    values = {"second": person(actor), "answered_at": now, "agrees": int(agrees)}
    return Change(second_looks, {"id": row["id"]}, values, guard={"agrees": None})


async def _is_drawn(ctx: Context, case: Row) -> bool:
    _, policy = await ctx.governance.policy()
    drawn = ctx.keyring.blind("second_look", str(case["id"]))
    return int.from_bytes(drawn[-4:], "big") < policy.second_look * _DRAWN_OF


def _asked_again(case: Row, actor: Actor, found: dict[str, Any], event: Event, dropped: list[Change]) -> Transition:
    """Return what hands it to a second person: it leaves nowhere meanwhile, and whatever else was asked is over."""
    now = found["assessed_at"]
    free = case | take_off_desk()
    placed = take_off_desk() | put_on_desk(free, (DeskCode.SECOND_LOOK, _LOOK_AGAIN), now)
    change = Change(cases, {"id": case["id"]}, placed | found | look_at(None), case["version"])
    row = {"id": new_id(), "case_id": case["id"], "first": person(actor), "asked_at": now}
    return Transition(now, (change, *dropped), (Add(second_looks, row),), (), (event,))


async def _entry(ctx: Context, case: Row, actor: Actor, reason: str | None) -> Event:
    if reason is None:
        return Event("case.closed", actor.id, case["id"], None, {"outcome": Outcome.NOT_ILLEGAL})
    return await acted(ctx, "case.closed", actor, reason, case["id"], outcome=Outcome.NOT_ILLEGAL)
