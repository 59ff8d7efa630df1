"""A case's place on the desk: the one way to put it there, to say it in other words, and to take it off.

A case has one place, held in its own row (ADR 0004). No other file writes these columns (`test_house.py` says so), so
that what a place on the desk is can change here alone.
"""

from datetime import timedelta
from typing import Any, Final

from router.casework.case.due_times import due_in, rings
from router.casework.case.next_look import look_at
from router.store.base import Change, Row
from router.store.ids import new_id
from router.store.schema.tables import cases
from schemas.casefile import DeskCode
from schemas.decision import DeskCall
from schemas.states import CASE, CaseState, step

#: What people are asked: the desk's code and a sentence.
Question = tuple[DeskCode, str]

#: Questions that no other takes the place of: the gravest one, and those of which nothing else in the case reminds.
#: Whatever happened meanwhile is told by the decision that follows on people's answer.
STICKY_DESK_CODES: Final = frozenset(
    {DeskCode.CHILD_AT_RISK, DeskCode.WITHDRAW, DeskCode.DISAGREE, DeskCode.ASKED, DeskCode.MOVED}
)
#: States of a case that the decision still to come places. On the desk it would never be traced, nor decided.
TO_BE_DECIDED: Final = frozenset({CaseState.RECEIVED, CaseState.LOCATED})
#: What people are asked about a case that no partner has, or is to get.
NOBODY_WORKS_ON_IT: Final[Question] = (
    DeskCode.NO_RECIPIENT,
    "No partner has this case; refer it to one, or close it.",
)
_NO_RULE: Final = DeskCall(code=DeskCode.NO_ROUTE, text="No rule of the policy names a recipient.")


def entry(case: Row, asks: Question, now: int, alarm: timedelta | None = None) -> dict[str, Any]:
    """Return a case's columns for a place on the desk. `alarm` is how soon the policy's route wants an answer.

    Nothing but an answer moves a due date, or since when people have the case: a question that is asked again stays as
    it was, and another one that comes before an answer is due no later than the one before it.
    """
    code, text = asks
    before = DeskCode(case["desk_asked"]) if case["desk_asked"] else None
    first = now if before is None else case["desk_first_since"]
    since = case["desk_since"] if before is code else now
    clocked = before is DeskCode.EDGE_ONLY and code is not before  # its clock has answered it
    was_due = None if before is None or clocked else case["desk_due"]
    due = min(one for one in (was_due, now + due_in(case, code, alarm)) if one is not None)
    asked = {"desk_code": code, "desk_text": text, "desk_since": since, "desk_due": due}
    return asked | {"desk_asked": code, "desk_first_since": first} | _alarm(case, code, same=before is code)


def _alarm(case: Row, code: DeskCode, *, same: bool) -> dict[str, Any]:
    """Return the alarm of this place on the desk: a new one for a new question, where a child may be in danger now.

    Its row is added by the transition that writes this (`case/ringing.py`).
    """
    if not rings(case, code):
        return {}
    return {} if same and case["desk_alarm"] is not None else {"desk_alarm": new_id(), "acknowledged_at": None}


def put_on_desk(case: Row, asks: Question, now: int) -> dict[str, Any]:
    """Return the columns that put an open case on the desk with a question, whatever stood there before."""
    return {"state": step(CASE, CaseState(case["state"]), "ask_staff")} | entry(case, asks, now)


def put_unless_sticky(case: Row, asks: Question, now: int) -> dict[str, Any]:
    """Return the same, or nothing where a question stands that no other takes the place of."""
    return {} if is_sticky(case) else put_on_desk(case, asks, now)


def put_by_decision(case: Row, calls: tuple[DeskCall, ...], now: int) -> dict[str, Any]:
    """Return the columns of a case that a decision puts on the desk: its first call, and the earliest alarm of all."""
    call = calls[0] if calls else _NO_RULE
    alarm = min((c.alarm for c in calls if c.alarm), default=None)
    return {"state": CaseState.DESK} | entry(case, (DeskCode(call.code), call.text), now, alarm)


def reword(text: str) -> dict[str, Any]:
    """Return the column that says the same question in other words; since when it waits stays."""
    return {"desk_text": text}


def take_off_desk() -> dict[str, Any]:
    """Return the columns of a case whose question was answered. It keeps the date since when it was asked."""
    gone = dict.fromkeys(("desk_code", "desk_text", "desk_due", "desk_asked", "desk_first_since", "desk_alarm"))
    return gone | {"acknowledged_at": None}


def while_decided_anew(case: Row, *answered: DeskCode) -> dict[str, Any]:
    """Return the columns of a case that leaves the desk only to be decided anew.

    A question among those that were just `answered` is over. Any other stays open: if the decision asks it again, it
    is as old as it was, due when it was, and its alarm goes on.
    """
    if case["desk_asked"] is None or case["desk_asked"] in answered:
        return take_off_desk()
    return {"desk_code": None, "desk_text": None}


def is_sticky(case: Row) -> bool:
    """Tell whether the desk asks something of this case that no other question takes the place of."""
    return case["desk_code"] in STICKY_DESK_CODES


def ask(case: Row, code: DeskCode, text: str, now: int) -> list[Change]:
    """Return the change that puts a case on the desk; one already there for something that must not be lost stays.

    One that is still to be decided (a child may be at risk by now) keeps its turn: its decision sees what happened.
    """
    if case["state"] in TO_BE_DECIDED:
        # A decision that is being made at this moment is made again: it sees what happened.
        return [Change(cases, {"id": case["id"]}, look_at(now), case["version"])]
    if step(CASE, CaseState(case["state"]), "ask_staff") is None or is_sticky(case):
        return []
    return [Change(cases, {"id": case["id"]}, put_on_desk(case, (code, text), now), case["version"])]
