"""The partner confirmed, by another way than the router's, that it dropped what was taken back.

Where the router cannot tell a partner, people do, and the referral is not shown as recalled before somebody says that
the other side confirmed it: who typed that, when they said so, and by what it is known.
"""

from typing import Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import answer, is_answered, put_on_desk
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
from schemas.states import CaseState, ReferralState

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

    It is the referral's own, or the one that is open now of the same location. With nobody at work it waits for people.
    """
    own, now = await case_row(ctx, row["case_id"]), ctx.now()
    on_desk = and_(cases.c.url_bidx == own["url_bidx"], cases.c.state == CaseState.DESK)
    changes = []
    for case in await ctx.store.rows(select(cases).where(on_desk)):
        if not is_answered(case, (), {row["id"]}, ()):
            continue
        placed = answer(case, CaseState.REFERRED, now, about={row["id"]}) | look_at(later(ctx))
        others = [one for one in await referral_rows(ctx, case["id"]) if one["id"] != row["id"]]
        if placed["desk_code"] is None and not any(is_at_work(one) for one in others):
            placed |= put_on_desk(case | placed, (DeskCode.OVERRULED, _WHAT_NOW), now)
        changes.append(Change(cases, {"id": case["id"]}, placed, case["version"]))
    return changes
