"""A case's place on the desk: the one way to put it there, to say it in other words, and to take it off.

A case has one place, held in its own row (ADR 0004). No other file writes these columns (`test_house.py` says so), so
that what a place on the desk is can change here alone.
"""

from datetime import timedelta
from typing import Any, Final

from router.casework.case.next_look import look_at
from router.store.base import Change, Row
from router.store.schema.tables import cases
from schemas.casefile import DeskCode
from schemas.decision import DeskCall
from schemas.states import CASE, CaseState, step

#: What people are asked: the desk's code and a sentence.
Question = tuple[DeskCode, str]

#: Questions that no other takes the place of: the gravest one, and those of which nothing else in the case reminds.
#: Whatever happened meanwhile is told by the decision that follows on people's answer.
STICKY_DESK_CODES: Final = frozenset({DeskCode.CHILD_AT_RISK, DeskCode.WITHDRAW, DeskCode.DISAGREE, DeskCode.ASKED})
#: States of a case that the decision still to come places. On the desk it would never be traced, nor decided.
TO_BE_DECIDED: Final = frozenset({CaseState.RECEIVED, CaseState.LOCATED})
#: What people are asked about a case that no partner has, or is to get.
NOBODY_WORKS_ON_IT: Final[Question] = (
    DeskCode.NO_RECIPIENT,
    "No partner has this case; refer it to one, or close it.",
)
_NO_RULE: Final = DeskCall(code=DeskCode.NO_ROUTE, text="No rule of the policy names a recipient.")


def entry(asks: Question, now: int, due: int | None = None) -> dict[str, Any]:
    """Return a case's columns for a place on the desk since `now`, to be answered by `due` (microseconds)."""
    code, text = asks
    return {"desk_code": code, "desk_text": text, "desk_since": now, "desk_due": due}


def put_on_desk(case: Row, asks: Question, now: int) -> dict[str, Any]:
    """Return the columns that put an open case on the desk with a question, whatever stood there before."""
    return {"state": step(CASE, CaseState(case["state"]), "ask_staff")} | entry(asks, now)


def put_unless_sticky(case: Row, asks: Question, now: int) -> dict[str, Any]:
    """Return the same, or nothing where a question stands that no other takes the place of."""
    return {} if is_sticky(case) else put_on_desk(case, asks, now)


def put_by_decision(calls: tuple[DeskCall, ...], now: int) -> dict[str, Any]:
    """Return the columns of a case that a decision puts on the desk: its first call, and the earliest alarm of all."""
    call = calls[0] if calls else _NO_RULE
    alarm = min((c.alarm for c in calls if c.alarm), default=None)
    due = None if alarm is None else now + alarm // timedelta(microseconds=1)
    return {"state": CaseState.DESK} | entry((DeskCode(call.code), call.text), now, due)


def reword(text: str) -> dict[str, Any]:
    """Return the column that says the same question in other words; since when it waits stays."""
    return {"desk_text": text}


def take_off_desk() -> dict[str, Any]:
    """Return the columns of a case that people have no longer to do with. It keeps the date since when they had."""
    return {"desk_code": None, "desk_text": None, "desk_due": None}


def is_sticky(case: Row) -> bool:
    """Tell whether the desk asks something of this case that no other question takes the place of."""
    return case["desk_code"] in STICKY_DESK_CODES


def ask(case: Row, code: DeskCode, text: str, now: int) -> list[Change]:
    """Return the change that puts a case on the desk; one already there for something that must not be lost stays.

    One that is still to be decided (a child may be at risk by now) keeps its turn: its decision sees what happened.
    """
    if case["state"] in TO_BE_DECIDED:
        return [_decide_again(case, now)]
    if step(CASE, CaseState(case["state"]), "ask_staff") is None or is_sticky(case):
        return []
    return [Change(cases, {"id": case["id"]}, put_on_desk(case, (code, text), now), case["version"])]


def _decide_again(case: Row, now: int) -> Change:
    """Return what has a decision that is being made at this moment made again; who still traces is not disturbed."""
    if case["state"] == CaseState.RECEIVED:
        return Change(cases, {"id": case["id"]}, {"kind": case["kind"]}, guard={"state": case["state"]})
    return Change(cases, {"id": case["id"]}, look_at(now), case["version"])
