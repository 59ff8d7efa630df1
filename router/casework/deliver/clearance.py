"""What keeps a referral here: asked when its turn begins, and once more right before its bytes leave.

Between the two, others of the turn are traced, which can take a minute. Meanwhile staff act and assess, a policy is
published, a partner is disabled: each of them counts, whatever the turn began with.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select

from router.casework.believed import today
from router.casework.context import Context
from router.casework.decide.facts import bare
from router.casework.deliver.stops import Halts, halts
from router.partners.base import Deferred, Outcome, Reason, Refused
from router.policy.bars import may_receive
from router.store.base import LookUp, Row
from router.store.schema.tables import cases, referrals
from schemas.partner import Partner
from schemas.policy import UNSEEN, Policy
from schemas.states import CaseState

#: Nothing of a closed case leaves any more.
CASE_CLOSED: Final = Refused(Reason.OWN_RULE, "The case was closed before this could be sent.")
#: A case that is traced and decided anew settles what stands by itself, so its referrals wait for that.
_JUDGED_ANEW: Final = frozenset({CaseState.RECEIVED, CaseState.LOCATED})
#: A referral's version, and what `barred` asks of its case.
_AS_THEY_ARE: Final = LookUp(
    select(referrals.c.id, referrals.c.version, cases.c.state, cases.c.assessment, cases.c.path).join(
        cases, cases.c.id == referrals.c.case_id
    ),
    referrals.c.id,
)
#: Seconds until a referral that waits for something of ours is looked at again: about as long as a trace may take.
_SOON: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Now:
    """Everything that is asked, as it is now; `partner` is None when the directory names it no longer."""

    partner: Partner | None
    policy: Policy
    halted: Halts
    today: date


def barred(partner: Partner, case: Row, policy: Policy, today: date, route: str) -> Deferred | Refused | None:
    """Return why nothing of the case goes to the partner now, or None: agreements end and laws change while it waits.

    `case` needs its state, assessment and path; `route` is the referral's.
    """
    if case["state"] == CaseState.CLOSED:
        return CASE_CLOSED
    reason = may_receive(partner, bare(case), policy, today, unseen=route == UNSEEN)
    if reason is None:
        return None
    if case["state"] in _JUDGED_ANEW:
        return _waits(f"The case is being judged anew; as it stands, {reason.text}.")
    return Refused(Reason.OWN_RULE, reason.text)


async def kept_here(ctx: Context, partner: str, rows: Sequence[Row]) -> Mapping[str, Outcome]:
    """Look once more, in one look for all of these claimed referrals; return, by id, why each one that stays does."""
    found, halted = await asyncio.gather(ctx.store.look_up(_AS_THEY_ARE, [row["id"] for row in rows]), halts(ctx))
    _, policy = await ctx.governance.policy()
    directory = await ctx.governance.directory()
    now = _Now(directory.named(partner), policy, halted, await today(ctx))
    reasons = {row["id"]: _why_not_sent(row, next(iter(found.get(row["id"], ())), None), now) for row in rows}
    return {one: reason for one, reason in reasons.items() if reason is not None}


def _why_not_sent(row: Row, found: Row | None, now: _Now) -> Outcome | None:
    """`found` are the referral's version and what `barred` asks of its case, as they are now."""
    if found is None or found["version"] != row["version"]:
        return Deferred(Reason.UNEXPECTED, "It was taken back before it left.", None, counted=False)
    if now.partner is None:
        return _waits("The directory names this partner no longer; send it another way.")
    if (reason := barred(now.partner, found, now.policy, now.today, row["route"])) is not None:
        return reason
    if now.halted.partner(now.partner.name) or row["route"] in now.halted.routes:
        return Deferred(Reason.UNEXPECTED, "It was stopped before it left.", None, counted=False)
    return None


def _waits(text: str) -> Deferred:
    return Deferred(Reason.UNEXPECTED, text, _SOON, counted=False)
