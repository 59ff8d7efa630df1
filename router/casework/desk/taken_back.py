"""The partner confirmed, by another way than the router's, that it dropped what was taken back.

Where the router cannot tell a partner, people do, and the referral is not shown as recalled before somebody says that
the other side confirmed it: who typed that, when they said so, and by what it is known.
"""

from typing import Any, Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import put_on_desk, take_off_desk, while_decided_anew
from router.casework.case.next_look import later, look_at
from router.casework.case.record import case_row, referral_rows
from router.casework.case.tell_by_hand import CONFIRMED, is_unconfirmed
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.desk.act import check_version, referral_row, retry_on_conflict
from router.casework.read.lists import referral as view
from router.casework.referral.row import due_at, is_at_work
from router.errors import BadInput, Conflict
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, referrals
from schemas.actor import Actor
from schemas.acts import TakenBack
from schemas.casefile import DeskCode, ReferralView
from schemas.states import CASE, CaseState, ReferralState, step

_CONFIRMED: Final = "{partner} confirmed on {day} that it was taken back."
_NOT_ASKED: Final = "Nobody waits for the partner to confirm this: it was not taken back, or is confirmed already."
_WHAT_NOW: Final = "The referral was taken back; say what is to be done."


@retry_on_conflict
async def taken_back(ctx: Context, referral_id: str, actor: Actor, said: TakenBack) -> ReferralView:
    """Write down that the partner confirmed it. Raise NotFound, BadInput, Conflict."""
    row = await referral_row(ctx, referral_id)
    check_version(row, said.version)
    if not is_unconfirmed(row):
        raise Conflict(_NOT_ASKED, reason="not_now")
    at = said.at or ctx.clock.now()
    if at > ctx.clock.now():
        raise BadInput("They cannot have said so later than now.", field="at")
    typed = " · ".join(one for one in (said.reference, said.reason) if one)
    text = _CONFIRMED.format(partner=row["partner"], day=f"{at:%Y-%m-%d}")
    event = await acted(ctx, "referral.taken_back", actor, typed, row["case_id"], row["id"], was=row["state"])
    values = {"state": ReferralState.RECALLED, **due_at(None), "last_reason": CONFIRMED, "last_text": text}
    changes = [Change(referrals, {"id": row["id"]}, values, row["version"]), *await _answered(ctx, row)]
    await ctx.store.commit(Transition(ctx.now(), changes, events=(event,)))
    return await view(ctx, row["id"])


async def _answered(ctx: Context, row: Row) -> list[Change]:
    """Return what becomes of the case that asked people to tell the partner, if one still does.

    It is the referral's own, or the one that is open now of the same location, which is then decided as if nobody had
    been asked.
    """
    own = await case_row(ctx, row["case_id"])
    asking = and_(cases.c.desk_code == DeskCode.WITHDRAW, cases.c.desk_text == row["last_text"])
    found = await ctx.store.rows(select(cases).where(and_(cases.c.url_bidx == own["url_bidx"], asking)))
    return [Change(cases, {"id": case["id"]}, await _placed(ctx, case, row), case["version"]) for case in found]


async def _placed(ctx: Context, case: Row, row: Row) -> dict[str, Any]:
    state = CaseState(case["state"])
    if case["id"] != row["case_id"]:
        after = step(CASE, state, "retrace")
        return {"state": after, **look_at(ctx.now()), **while_decided_anew(case, DeskCode.WITHDRAW)}
    others = [one for one in await referral_rows(ctx, case["id"]) if one["id"] != row["id"]]
    if any(is_at_work(one) for one in others):
        return {"state": step(CASE, state, "refer"), **look_at(later(ctx)), **take_off_desk()}
    return put_on_desk(case, (DeskCode.OVERRULED, _WHAT_NOW), ctx.now())
