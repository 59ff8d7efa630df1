"""A case's place on the desk: the one way to ask people something of it, and to take an answered question away.

A case may be with people for several reasons at once, each with its own clock and its own answer (ADR 0011). The most
urgent one stands in the case's own columns, the others beside it in `desk_more`: one row, one version, one commit. No
other file writes these columns (`test_house.py` says so), so that what a place on the desk is can change here alone.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from router.casework.case.due_times import due_in, rings
from router.casework.case.next_look import look_at
from router.store.base import Change, Row
from router.store.ids import new_id
from router.store.schema.tables import cases
from schemas.casefile import DeskCode
from schemas.decision import DeskCall
from schemas.states import CASE, CaseState, ReferralState, step

#: What people are asked: the desk's code and a sentence.
Question = tuple[DeskCode, str]


@dataclass(frozen=True, slots=True)
class Open:
    """One question that nobody has answered yet. Moments are in microseconds."""

    code: DeskCode
    text: str
    since: int
    due: int
    about: str | None = None  #: the referral that it is about; None is the case itself


#: Questions of which nothing else in the case reminds: while one is open, no machine closes the case.
STICKY_DESK_CODES: Final = frozenset(
    {DeskCode.CHILD_AT_RISK, DeskCode.WITHDRAW, DeskCode.DISAGREE, DeskCode.ASKED, DeskCode.MOVED, DeskCode.SECOND_LOOK}
)
#: Questions that a decision of the policy says nothing about: they stay open while, and after, a case is decided anew.
_BESIDE_A_DECISION: Final = frozenset(
    {
        DeskCode.WITHDRAW,
        DeskCode.ASKED,
        DeskCode.MOVED,
        DeskCode.LOOK,
        DeskCode.ACCESS,
        DeskCode.BOUNCED,
        DeskCode.RELEASED,
        DeskCode.LETTER,
        DeskCode.HOLD_OVER,
        DeskCode.SECOND_LOOK,
    }
)
#: Questions about one referral, and the states of it in which they still stand.
_STANDS_WHILE: Final[Mapping[DeskCode, frozenset[ReferralState]]] = {
    DeskCode.UNDELIVERED: frozenset({ReferralState.WAITING, ReferralState.SENDING}),
    DeskCode.UNKNOWN: frozenset({ReferralState.UNKNOWN}),
    DeskCode.STOPPED: frozenset({ReferralState.HELD}),
}
#: What is asked about a referral, and is answered with it where the question does not say about which.
ABOUT_A_REFERRAL: Final = frozenset(_STANDS_WHILE)
#: What a person answers who says to whom a case goes, or that it goes.
ANSWERED_BY_REFERRING: Final = frozenset(
    {
        DeskCode.CHILD_AT_RISK,
        DeskCode.NOT_ASSESSED,
        DeskCode.PROPOSED,
        DeskCode.DOUBTFUL,
        DeskCode.EDGE_ONLY,
        DeskCode.SHORTENED,
        DeskCode.WRAPPED,
        DeskCode.SEEN_LONG_AGO,
        DeskCode.NO_ROUTE,
        DeskCode.POLICY,
        DeskCode.NO_RECIPIENT,
        DeskCode.WATCHING,
        DeskCode.DISAGREE,
        DeskCode.REFUSED,
        DeskCode.EXPIRED,
        DeskCode.BOUNCED,
        DeskCode.MOVED,
        DeskCode.OVERRULED,
        DeskCode.ASKED,
        DeskCode.BROKEN,
    }
)
#: States of a case that the decision still to come places. On the desk it would never be traced, nor decided.
TO_BE_DECIDED: Final = frozenset({CaseState.RECEIVED, CaseState.LOCATED})
#: The columns of a case of which nothing is asked.
_NOT_ASKED: Final[Mapping[str, None]] = dict.fromkeys(
    (
        *("desk_code", "desk_text", "desk_due", "desk_asked", "desk_first_since", "desk_alarm", "desk_about"),
        *("desk_more", "desk_also", "acknowledged_at"),
    )
)
#: What people are asked about a case that no partner has, or is to get.
NOBODY_WORKS_ON_IT: Final[Question] = (
    DeskCode.NO_RECIPIENT,
    "No partner has this case; refer it to one, or close it.",
)
_NO_RULE: Final = DeskCall(code=DeskCode.NO_ROUTE, text="No rule of the policy names a recipient.")


def open_questions(case: Mapping[str, Any]) -> tuple[Open, ...]:
    """Return everything that people are asked about a case, the most urgent first; also while it is decided anew."""
    asked = case.get("desk_code") or case.get("desk_asked")
    if asked is None:
        return ()
    about, more = case.get("desk_about"), case.get("desk_more")
    first = Open(DeskCode(asked), case["desk_text"] or "", case["desk_since"], case["desk_due"], about)
    others = () if not more else (Open(**one | {"code": DeskCode(one["code"])}) for one in json.loads(more))
    return (first, *others)


def question_of(case: Mapping[str, Any], *codes: DeskCode) -> Open | None:
    """Return the first open question of a case by one of these codes."""
    return next((one for one in open_questions(case) if one.code in codes), None)


def is_asked(case: Mapping[str, Any], *codes: DeskCode) -> bool:
    """Tell whether people are asked one of these of a case."""
    first = case.get("desk_code") or case.get("desk_asked")
    return first in codes or (bool(case.get("desk_more")) and question_of(case, *codes) is not None)


def asked_about(case: Mapping[str, Any]) -> dict[str, Open]:
    """Return the open questions of a case about its referrals, by the referral's id."""
    return {one.about: one for one in open_questions(case) if one.about is not None}


def entry(case: Row, asks: Question, now: int, about: str | None = None) -> dict[str, Any]:
    """Return a case's columns with one more question: about its referral `about`, or about itself.

    Nothing but an answer moves a due date, or since when people have the case: a question that is asked again stays as
    it was. Of one referral one thing is asked at a time: what comes after is due no later than what stood before.
    """
    code, text = asks
    before = open_questions(case)
    same = [one for one in before if (one.about == about if about else one.code is code and one.about is None)]
    since = next((one.since for one in same if one.code is code), now)
    due = min((now + due_in(case, code), *(one.due for one in same)))
    asked = Open(code, text, since, due, about)
    return _columns(case, (asked, *(one for one in before if one not in same)), now)


def _columns(case: Row, asked: Sequence[Open], now: int, *, decided_anew: bool = False) -> dict[str, Any]:
    """Return the columns of a case of which exactly these questions are open."""
    if not asked:
        return take_off_desk()
    first, *others = sorted(asked, key=lambda one: (one.code is not DeskCode.CHILD_AT_RISK, one.due))
    return {
        "desk_code": None if decided_anew else first.code,
        "desk_asked": first.code,
        "desk_text": first.text,
        "desk_since": first.since,
        "desk_due": min(one.due for one in asked),
        "desk_about": first.about,
        "desk_more": json.dumps([asdict(one) for one in others]) if others else None,
        "desk_also": "".join([",", *(f"{one.code}," for one in others)]) if others else None,
        "desk_first_since": case["desk_first_since"] if case["desk_asked"] else now,
    } | _alarm(case, asked, decided_anew=decided_anew)


def _alarm(case: Row, asked: Sequence[Open], *, decided_anew: bool) -> dict[str, Any]:
    """Return the alarm of a case: a new one for a new question, where a child may be in danger now.

    Its row is added by the transition that writes this (`case/ringing.py`). It is over when nothing rings.
    """
    ringing = [one for one in asked if rings(case, one.code)]
    standing = case.get("desk_alarm")
    if not ringing:
        return {} if standing is None else {"desk_alarm": None, "acknowledged_at": None}
    before = {(one.code, one.about) for one in open_questions(case)}
    is_new = any((one.code, one.about) not in before for one in ringing)
    if decided_anew or (standing is not None and not is_new):
        return {}
    return {"desk_alarm": new_id(), "acknowledged_at": None}


def put_on_desk(case: Row, asks: Question, now: int, about: str | None = None) -> dict[str, Any]:
    """Return the columns that put an open case on the desk with a question, beside what people are asked already."""
    return {"state": step(CASE, CaseState(case["state"]), "ask_staff")} | entry(case, asks, now, about)


def put_by_decision(case: Row, calls: tuple[DeskCall, ...], now: int, standing: Sequence[Row] = ()) -> dict[str, Any]:
    """Return the columns of a case that a decision puts on the desk: each of its calls is a question of its own.

    They take the place of what the decision before asked, and are due no later; what no decision answers stays, and
    what is asked about those of its referrals (`standing`) of which it is still so. Only the clock of an origin puts no
    date to what follows: when it has run out, it has answered.
    """
    stays, over = _after_decision(case, standing)
    asks: dict[DeskCode, DeskCall] = {}
    for call in calls or (_NO_RULE,):
        known = asks.setdefault(DeskCode(call.code), call)
        alarms = [one.alarm for one in (known, call) if one.alarm is not None]
        asks[DeskCode(call.code)] = known.model_copy(update={"alarm": min(alarms, default=None)})
    replaced = [one.due for one in over if one.code not in asks and one.code is not DeskCode.EDGE_ONLY]
    new = []
    for code, call in asks.items():
        if any(one.code is code and one.about is None for one in stays):
            continue
        before = next((one for one in over if one.code is code and one.about is None), None)
        was_due = () if before is None else (before.due,)
        due = min((now + due_in(case, code, call.alarm), *was_due, *replaced))
        new.append(Open(code, call.text, now if before is None else before.since, due))
    return {"state": CaseState.DESK} | _columns(case, (*new, *stays), now)


def left_by_decision(case: Row, after: CaseState, now: int, standing: Sequence[Row]) -> dict[str, Any]:
    """Return the columns of a case of which a decision asks nobody anything: only what it does not answer is left."""
    stays, _ = _after_decision(case, standing)
    return {"state": CaseState.DESK if stays else after} | _columns(case, stays, now)


def _after_decision(case: Row, standing: Sequence[Row]) -> tuple[list[Open], list[Open]]:
    """Return which open questions a decision leaves, and which it replaces."""
    before = open_questions(case)
    states = {row["id"]: ReferralState(row["state"]) for row in standing}
    stays = [one for one in before if one.code in _BESIDE_A_DECISION or _is_still_so(one, states)]
    return stays, [one for one in before if one not in stays]


def _is_still_so(one: Open, states: Mapping[str, ReferralState]) -> bool:
    return (
        one.about is not None and one.about in states and states[one.about] in _STANDS_WHILE.get(one.code, frozenset())
    )


def overtaken(case: Row, standing: Sequence[Row]) -> list[str]:
    """Return the referrals that people are asked about although it is not so any more."""
    states = {row["id"]: ReferralState(row["state"]) for row in standing}
    about = asked_about(case).items()
    return [one for one, asked in about if asked.code in _STANDS_WHILE and not _is_still_so(asked, states)]


def reword(text: str) -> dict[str, Any]:
    """Return the column that says the most urgent question in other words; since when it waits stays."""
    return {"desk_text": text}


def take_off_desk() -> dict[str, Any]:
    """Return the columns of a case of which nothing is asked. It keeps the date since when it was asked."""
    return dict(_NOT_ASKED)


def answer(
    case: Row,
    after: CaseState | None,
    now: int,
    codes: Collection[DeskCode] = (),
    *,
    about: Collection[str] = (),
    unnamed: Collection[DeskCode] = (),
) -> dict[str, Any]:
    """Return the columns of a case of which some questions were answered; others stay open, each with its own clock.

    Answered are those of these `codes`, those `about` these referrals, and those of the `unnamed` codes that do not say
    which referral they are about. With none left the case is in the state `after`.
    """
    left = [one for one in open_questions(case) if not _is_answered(one, codes, about, unnamed)]
    return {"state": CaseState.DESK if left else after} | _columns(case, left, now)


def is_answered(case: Row, codes: Collection[DeskCode], about: Collection[str], unnamed: Collection[DeskCode]) -> bool:
    """Tell whether that would answer anything."""
    return any(_is_answered(one, codes, about, unnamed) for one in open_questions(case))


def _is_answered(one: Open, codes: Collection[DeskCode], about: Collection[str], unnamed: Collection[DeskCode]) -> bool:
    return one.code in codes or one.about in about or (one.about is None and one.code in unnamed)


def while_decided_anew(case: Row, *answered: DeskCode) -> dict[str, Any]:
    """Return the columns of a case that leaves the desk only to be decided anew.

    Questions among those that were just `answered` are over. Any other stays open: if the decision asks it again, it
    is as old as it was, due when it was, and its alarm goes on.
    """
    left = [one for one in open_questions(case) if one.code not in answered]
    return _columns(case, left, case["desk_first_since"], decided_anew=True) if left else take_off_desk()


def is_sticky(case: Row) -> bool:
    """Tell whether people are asked something of this case of which nothing else would remind them."""
    return is_asked(case, *STICKY_DESK_CODES)


def ask(case: Row, code: DeskCode, text: str, now: int, about: str | None = None) -> list[Change]:
    """Return the change that asks people something of a case, beside what they are asked already.

    One that is still to be decided (a child may be at risk by now) keeps its turn: its decision sees what happened.
    What no decision would see is kept until it is made.
    """
    asks = (code, text)
    if case["state"] in TO_BE_DECIDED:
        # A decision that is being made at this moment is made again: it sees what happened.
        again = Change(cases, {"id": case["id"]}, look_at(now), case["version"])
        return [_kept(case, asks, now, about) if code in _BESIDE_A_DECISION else again]
    if step(CASE, CaseState(case["state"]), "ask_staff") is None:
        return []
    return [Change(cases, {"id": case["id"]}, put_on_desk(case, asks, now, about), case["version"])]


def _kept(case: Row, asks: Question, now: int, about: str | None) -> Change:
    """Return the change that keeps a question for after the decision that is being made; it rings with that."""
    values = entry(case, asks, now, about) | {"desk_code": None} | look_at(now)
    values.pop("desk_alarm", None)
    values.pop("acknowledged_at", None)
    return Change(cases, {"id": case["id"]}, values, case["version"])
