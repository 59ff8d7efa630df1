"""What staff do with a police unit's word: type its receipt, and what it says afterwards.

A unit answers by mail, letter or telephone, and people bring its words here. A receipt ends the wait for one; without
it nobody may believe that the unit has it. What a unit says afterwards is its own act on the case: that it is another
unit's, that nobody is to be told before a day, that we may ask the host ourselves, or that it has ended it.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import and_, select

from router.casework.case.close import DISAGREES, closed
from router.casework.case.desk_entry import TO_BE_DECIDED, ask, is_asked, put_on_desk, while_decided_anew
from router.casework.case.desk_entry import answer as answer_of
from router.casework.case.held_by_police import let_go
from router.casework.case.next_look import check_due, look_at, next_look
from router.casework.case.record import case_row, referral_rows
from router.casework.case.sealed import keys_of
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.deliver import progress, sent_back
from router.casework.deliver.outcome import acceptance
from router.casework.desk.act import STANDS, check_version, referral_row, retry_on_conflict
from router.casework.desk.bundled import meant
from router.casework.read.lists import referral as view
from router.casework.referral.changes import may_have_arrived
from router.casework.referral.check_dates import check_dates
from router.casework.referral.row import due_at
from router.clock import micros
from router.errors import BadInput, Conflict
from router.partners.base import Progressed
from router.policy.closing import ended
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import actions, cases, follow_ups, referrals, unit_answers
from schemas.actor import Actor
from schemas.acts import Answer, Receipt
from schemas.casefile import DeskCode, ReferralView
from schemas.closing import PartnerWord
from schemas.reply_code import code_of, referral_of
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step
from schemas.vocabulary import FINAL_ACTIONS, ActionReason, ActionType, Assessment, Outcome, UnitAnswer

#: Questions of the desk that a receipt answers.
_ANSWERED_BY_RECEIPT: Final = frozenset({DeskCode.UNDELIVERED, DeskCode.UNKNOWN, DeskCode.EXPIRED, DeskCode.LETTER})
#: And those that any answer of it does.
_ANSWERED_BY_ANSWER: Final = frozenset({DeskCode.LETTER, DeskCode.HOLD_OVER})
#: How a unit may have ended it, and which of ICCAM's acts that is.
ENDINGS: Final = {
    Outcome.REMOVED: ActionType.REMOVED,
    Outcome.UNAVAILABLE: ActionType.UNAVAILABLE,
    Outcome.NOT_ILLEGAL: ActionType.NOT_ILLEGAL,
    Outcome.UNRESOLVED: None,
}
_NO_CODE: Final = "This code is no reply code of ours, or was heard wrongly; ask the unit which one it means."
_OTHERS_CODE: Final = "This code is about another referral; ask the unit which one it means."
_HOW_ENDED: Final = "Say how they ended it: one of {allowed}."
_HAS_RECEIPT: Final = "It has its receipt already: {receipt}. What the unit says since is typed as its answer."
_NO_RECEIPT_NOW: Final = "No receipt can be typed of it now: the referral {stands}."
_NUMBER_EXISTS: Final = (
    "This number stands on bundle {code} already; if the unit gave the same one to both, say so (`shared`)."
)
_RELEASED: Final = "{partner} asks us to contact the host ourselves; do so by your own procedure, then say so here."
_RESTS_ON: Final = "{partner} says that it has ended it (number {receipt})."


@retry_on_conflict
async def receipt(ctx: Context, referral_id: str, actor: Actor, said: Receipt) -> ReferralView:
    """Keep a unit's receipt, for those items of the bundle that are meant (`bundled`).

    What was told before anything left still goes, marked as told. Raise NotFound, BadInput, Conflict.
    """
    row = await _asked_row(ctx, referral_id, said.version, said.code)
    if not said.items:
        _check_unconfirmed(row)
    given = _receipt(ctx, said)
    await _check_number(ctx, row, said)
    rows = await meant(ctx, row, said, _is_unconfirmed)
    for one in rows:
        _check_unconfirmed(one)
    for one in rows:
        await _confirm(ctx, one, actor, said, given)
    return await view(ctx, referral_id)


def _is_unconfirmed(row: Row) -> bool:
    return "confirm" in REFERRAL[ReferralState(row["state"])]


def _check_unconfirmed(row: Row) -> None:
    """Raise Conflict for what has its receipt, or cannot get one now."""
    if _is_unconfirmed(row):
        return
    if row["state"] == ReferralState.ACCEPTED and row["receipt"]:
        raise Conflict(_HAS_RECEIPT.format(receipt=row["receipt"]), reason="has_receipt")
    raise Conflict(_NO_RECEIPT_NOW.format(stands=STANDS[row["state"]]), reason="not_now")


async def _asked_row(ctx: Context, referral_id: str, version: int | None, code: str | None) -> Row:
    row = await referral_row(ctx, referral_id)
    check_version(row, version)
    if not row["by_people"]:
        raise Conflict("This partner's system gives its receipt itself; nobody types it.", reason="not_now")
    if code is not None and referral_of(code) not in {row["id"], row["bundle"]}:
        other = referral_of(code)
        raise BadInput(_NO_CODE if other is None else _OTHERS_CODE, field="code")
    return row


def _receipt(ctx: Context, said: Receipt) -> str:
    """Return what is kept as the receipt: the number, else that somebody there said so, and when."""
    if said.number is not None:
        return said.number
    if said.officer is None:
        raise BadInput("Type the unit's number, or who there said that they have it.", field="number")
    at = said.at or ctx.clock.now()
    if at > ctx.clock.now():
        raise BadInput("They cannot have said so later than now.", field="at")
    return f"by word, {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


async def _check_number(ctx: Context, row: Row, said: Receipt) -> None:
    """Raise BadInput for a number that stands on another bundle, unless the unit gave it to both."""
    if said.number is None or said.shared:
        return
    same = and_(referrals.c.by_people == 1, referrals.c.partner == row["partner"], referrals.c.receipt == said.number)
    found = await ctx.store.rows(select(referrals.c.id, referrals.c.bundle).where(same).limit(500))
    other = next((one for one in found if one["id"] != row["id"] and one["bundle"] != (row["bundle"] or 0)), None)
    if other is not None:
        code = code_of(other["bundle"] or other["id"])
        raise BadInput(_NUMBER_EXISTS.format(code=code), field="number", reason="number_exists")


async def _confirm(ctx: Context, row: Row, actor: Actor, said: Receipt, given: str) -> None:
    typed = _typed(said.number, said.officer, said.reason)
    event = await acted(ctx, "referral.receipt", actor, typed, row["case_id"], row["id"], was=row["state"])
    kept = Add(unit_answers, _answer_row(row, actor, UnitAnswer.RECEIVED, said.at or ctx.clock.now(), said.number))
    dialect = ctx.dialects.get(row["dialect"])
    partner = (await ctx.governance.directory()).named(row["partner"])
    if dialect is not None and partner is not None and not may_have_arrived(row):
        key = (await keys_of(ctx, [row["case_id"]]))[row["case_id"]]
        follows = dialect.told(partner, progress.sent_referral(dialect, row, key), given)
        if follows is not None:
            columns = progress.kept(dialect, row, key, Progressed(follows), ctx.now())
            state = step(REFERRAL, ReferralState(row["state"]), "retry")
            columns |= {"state": state, "receipt": given, "attempts": 0, **due_at(ctx.now())}
            change = Change(referrals, {"id": row["id"]}, columns, row["version"])
            await ctx.store.commit(Transition(ctx.now(), (change,), (kept,), (), (event,)))
            return
    columns = {
        "state": step(REFERRAL, ReferralState(row["state"]), "confirm"),
        "receipt": given,
        "accepted_at": ctx.now(),
        "may_have_arrived": 1,
        "in_doubt": 0,
        "last_reason": "accepted",
        "last_text": "The partner has it.",
        **due_at(None),
    }
    changes, adds = await acceptance(ctx, row, _ANSWERED_BY_RECEIPT)
    change = Change(referrals, {"id": row["id"]}, columns, row["version"])
    await ctx.store.commit(Transition(ctx.now(), (change, *changes), (kept, *adds), (), (event,)))


@retry_on_conflict
async def answer(ctx: Context, referral_id: str, actor: Actor, said: Answer) -> ReferralView:
    """Keep what a unit says of what it has, and do what follows from it. Raise NotFound, BadInput, Conflict."""
    row = await _asked_row(ctx, referral_id, said.version, said.code)
    if row["state"] != ReferralState.ACCEPTED:
        raise Conflict("Nobody has said yet that they have it; type the unit's receipt first.", reason="not_now")
    _check_answer(ctx, said)
    rows = await meant(ctx, row, said, _has_receipt)
    if not all(map(_has_receipt, rows)):
        raise Conflict("Nobody has said yet that they have one of these; type its receipt first.", reason="not_now")
    for one in rows:
        await ctx.store.commit(await _answered(ctx, one, actor, said))
    return await view(ctx, referral_id)


def _has_receipt(row: Row) -> bool:
    return bool(row["state"] == ReferralState.ACCEPTED)


def _check_answer(ctx: Context, said: Answer) -> None:
    if said.answer is UnitAnswer.HOLD_UNTIL and (said.until is None or said.until <= ctx.clock.now()):
        raise BadInput("Say until when nobody is to be told: a date in the future.", field="until")
    if said.answer is UnitAnswer.CLOSED and said.outcome not in ENDINGS:
        raise BadInput(_HOW_ENDED.format(allowed=", ".join(ENDINGS)), field="outcome")
    if said.answer is UnitAnswer.RELEASE and said.officer is None:
        raise BadInput("Say who there asks it: on that name rests what is sent to the host.", field="officer")


async def _answered(ctx: Context, row: Row, actor: Actor, said: Answer) -> Transition:
    """Return the transition of one answer; the case it is about may be closed by now, and then nothing follows."""
    case, now = await case_row(ctx, row["case_id"]), ctx.now()
    typed = _typed(said.number, said.officer, said.reason) or str(said.answer)
    event = await acted(ctx, "referral.answered", actor, typed, case["id"], row["id"], answer=said.answer)
    kept = _answer_row(row, actor, said.answer, ctx.clock.now(), said.number)
    kept |= {"until": None if said.until is None else micros(said.until), "outcome": said.outcome}
    adds: tuple[Add, ...] = (Add(unit_answers, kept),)
    changes: list[Change] = []
    if case["state"] == CaseState.CLOSED:
        return Transition(now, (), adds, (), (event,))
    match said.answer:
        case UnitAnswer.SENT_ELSEWHERE:
            changes = sent_back.follow(case, await referral_rows(ctx, case["id"]), row, now)
        case UnitAnswer.RELEASE:
            changes = await _released(ctx, case, row)
        case UnitAnswer.HOLD_UNTIL:
            assert said.until is not None
            changes = await _put_off(ctx, case, micros(said.until))
            return Transition(now, tuple(changes), adds, (), (event,))
        case UnitAnswer.CLOSED:
            assert said.outcome is not None
            return await _ended(ctx, case, row, said, (adds, event))
        case _:
            pass
    if not changes and is_asked(case, *_ANSWERED_BY_ANSWER):
        changes = await _heard(ctx, case)
    return Transition(now, tuple(changes), adds, (), (event,))


async def _heard(ctx: Context, case: Row) -> list[Change]:
    """Return what ends what a case was asked for the unit's word: what it says was typed."""
    rows, due = await referral_rows(ctx, case["id"]), await check_due(ctx, case["id"])
    values = _without_their_question(case, ctx.now())
    values |= look_at(next_look(ctx, rows, due, case["next_at"]))
    return [Change(cases, {"id": case["id"]}, values, case["version"])]


def _without_their_question(case: Row, now: int) -> dict[str, Any]:
    """Return the columns of a case of which the unit's word was typed; one that is judged anew stays so.

    What joined it, a child at risk perhaps, is not decided on yet, and the unit said nothing of that.
    """
    if case["state"] in TO_BE_DECIDED:
        return while_decided_anew(case, *_ANSWERED_BY_ANSWER)
    return answer_of(case, step(CASE, CaseState(case["state"]), "refer"), now, _ANSWERED_BY_ANSWER)


async def _released(ctx: Context, case: Row, row: Row) -> list[Change]:
    """Return what asks people to contact the host, and ends what the unit asked for before: what waited goes on now."""
    now, due = ctx.now(), await check_due(ctx, case["id"])
    again = (await check_dates(ctx)).by_us()
    text = _RELEASED.format(partner=row["partner"])
    changes = ask(case, DeskCode.RELEASED, text, now, row["id"])
    if case["state"] == CaseState.DESK and is_asked(case, *_ANSWERED_BY_ANSWER):
        placed = answer_of(case, CaseState.REFERRED, now, _ANSWERED_BY_ANSWER)
        placed |= put_on_desk(case | placed, (DeskCode.RELEASED, text), now, row["id"])
        changes = [Change(cases, {"id": case["id"]}, placed, case["version"])]
    if due is not None and due > again:  # the check waited for a day that is over
        pending = {"case_id": case["id"], "done_at": None}
        # What was said of it meanwhile is judged at once (`follow_up/step`), as what joined it just now.
        soon = now if is_asked(case, DeskCode.POLICE_HOLD) or case["state"] in TO_BE_DECIDED else again
        changes = [one._replace(values={**one.values, **look_at(soon)}) for one in changes]
        changes.append(Change(follow_ups, {"case_id": case["id"]}, {"due_at": again}, guard=pending))
    return [*changes, *let_go(await referral_rows(ctx, case["id"]), now)]


async def _put_off(ctx: Context, case: Row, until: int) -> list[Change]:
    """Return what dates the case's check for that day, and takes off the desk what was there for the unit's word.

    Before it nobody is told or reminded, and nothing is looked up (`case/gate`); on it the desk asks again.
    """
    rows, due = await referral_rows(ctx, case["id"]), await check_due(ctx, case["id"])
    pending = {"case_id": case["id"], "done_at": None}
    dated = [] if due is None else [Change(follow_ups, {"case_id": case["id"]}, {"due_at": until}, guard=pending)]
    judged = case["next_at"] if case["state"] in TO_BE_DECIDED else None  # what joined it is not put off with it
    values = look_at(until if due is not None and case["next_at"] == due else next_look(ctx, rows, until, judged))
    if is_asked(case, *_ANSWERED_BY_ANSWER):
        values |= _without_their_question(case, ctx.now())
    return [*dated, Change(cases, {"id": case["id"]}, values, case["version"])]


async def _ended(ctx: Context, case: Row, row: Row, said: Answer, told: tuple[tuple[Add, ...], Event]) -> Transition:
    """Close the case on the unit's word, unless somebody else has it and has not ended it: then it goes on there.

    Not illegal by the unit, and illegal everywhere by us, is a disagreement: a person says what it is.
    """
    assert said.outcome is not None
    adds, event = told
    others = await _still_with(ctx, row)
    disagrees = said.outcome is Outcome.NOT_ILLEGAL and case["assessment"] == Assessment.BASELINE
    if not others and not disagrees:
        number = said.number or row["receipt"] or "-"
        rests_on = _RESTS_ON.format(partner=row["partner"], receipt=number)
        reason = ActionReason.CONTENT_NOT_FOUND if said.outcome is Outcome.UNAVAILABLE else None
        return await closed(ctx, case, said.outcome, rests_on, row["partner"], event, adds, reason=reason)
    action = ENDINGS[said.outcome]
    if action is not None:
        by = {"id": new_id(), "case_id": case["id"], "referral_id": row["id"], "by": row["partner"]}
        adds += (Add(actions, by | {"action": action, "at": ctx.now(), "reason": None, "moved_to": None}),)
    asks = ask(case, DeskCode.DISAGREE, DISAGREES.format(partner=row["partner"]), ctx.now()) if disagrees else []
    return Transition(ctx.now(), tuple(asks), adds, (), (event,))


async def _still_with(ctx: Context, row: Row) -> list[Row]:
    """Return the case's other referrals that a partner has and has not ended by its last word."""
    has = [
        one
        for one in await referral_rows(ctx, row["case_id"])
        if one["id"] != row["id"] and one["state"] == ReferralState.ACCEPTED and not one["is_copy"]
    ]
    said = select(actions).where(actions.c.case_id == row["case_id"], actions.c.action.in_(FINAL_ACTIONS))
    last = {one["by"]: one for one in await ctx.store.rows(said.order_by(actions.c.at, actions.c.id))}
    words = {name: PartnerWord(action=one["action"], reason=one["reason"]) for name, one in last.items()}
    return [one for one in has if one["partner"] not in words or ended(words[one["partner"]]) is None]


def _answer_row(row: Row, actor: Actor, said: UnitAnswer, at: datetime, number: str | None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "referral_id": row["id"],
        "case_id": row["case_id"],
        "answer": said,
        "at": micros(at),
        "by": actor.id,
        "number": number,
    }


def _typed(*parts: str | None) -> str:
    """Return what was typed on one line, sealed with the case: who said something there is a person's name."""
    return " · ".join(one for one in parts if one)
