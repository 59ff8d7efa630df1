"""What partners say they did with their referrals: asked of those that have one, can be asked, and may be called.

They are asked side by side: a worker's lease on the case is some calls long, however many partners have it.

A question is a way out like any other: nothing goes to a partner that the law bars, that is disabled, or that staff
stopped. Who was not asked for such a reason is named, so that its silence is not taken for an answer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from router.casework.case.sealed import keys_of
from router.casework.context import Context
from router.casework.deliver.progress import sent_referral
from router.casework.deliver.stops import Halts, halts
from router.delivery import ask
from router.partners.base import Dialect, SentReferral
from router.policy.bars import may_be_called
from router.store.base import Row
from schemas.exchange import ActionStatement
from schemas.partner import Partner
from schemas.states import ReferralState


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of asking about a case."""

    said: list[tuple[Row, tuple[ActionStatement, ...]]]  #: each referral whose partner answered, with its actions
    unasked: list[tuple[Row, str]]  #: each referral whose partner was not to be called, with a clause that says why


async def ask_partners(ctx: Context, rows: Sequence[Row]) -> Answers:
    """Ask everybody who accepted one of these referrals; one that cannot be asked or is silent says nothing."""
    unasked: list[tuple[Row, str]] = []
    calls: list[tuple[Row, Partner, Dialect]] = []
    keys = await keys_of(ctx, (row["case_id"] for row in rows if row["progress"] is not None))
    halted = await halts(ctx)
    directory = await ctx.governance.directory()
    for row in rows:
        if row["state"] != ReferralState.ACCEPTED:
            continue
        partner = directory.named(row["partner"])
        why = await _uncallable(ctx, row, partner, halted)
        if why is not None:
            unasked.append((row, f"{row['partner']} was not asked ({why})"))
        elif partner is not None:
            calls.append((row, partner, ctx.dialects[partner.dialect]))
    said = await asyncio.gather(
        *(
            _statements(dialect, partner, sent_referral(dialect, row, keys.get(row["case_id"])))
            for row, partner, dialect in calls
        )
    )
    answered = [(call[0], actions) for call, actions in zip(calls, said, strict=True) if actions is not None]
    return Answers(answered, unasked)


async def _uncallable(ctx: Context, row: Row, partner: Partner | None, halted: Halts) -> str | None:
    if partner is None or partner.dialect not in ctx.dialects:
        return "it cannot be reached by the directory in force"
    if halted.partner(partner.name) or row["route"] in halted.routes:
        return "a stop is in force"
    _, policy = await ctx.governance.policy()
    reason = may_be_called(partner, policy)
    return None if reason is None else reason.text


async def _statements(dialect: Dialect, partner: Partner, sent: SentReferral) -> tuple[ActionStatement, ...] | None:
    """Return a partner's actions, none when it does not answer; None when its dialect cannot ask."""
    statuses = await ask.status(dialect, partner, [sent])
    return None if statuses is None else tuple(action for one in statuses for action in one.actions)
