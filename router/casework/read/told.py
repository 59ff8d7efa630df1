"""What the source of a report is told of it: by the same rules as what it may ask (`followed`), and no more.

A source of the house hears to whom its cases went, the receipts, what was done and how it ended, in words, numbers and
dates alone: no location, host or address of anything that was reported stands in what travels by itself.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from sqlalchemy import select

from router.casework.case.tell_by_hand import is_unconfirmed
from router.casework.context import Context
from router.casework.read.followed import Standing, standing
from router.clock import moment, moment_or_none
from router.store.base import Row
from router.store.schema.tables import actions, part_actions, referrals
from schemas.followed import ActTold, CaseTold, ItemTold, ReferralTold, ReportTold
from schemas.states import ReferralState
from schemas.vocabulary import action_reason


async def told_of(ctx: Context, report: Row, *, of_house: bool) -> ReportTold:
    """Return what a report's source may hear of it now."""
    seen = await standing(ctx, report, of_house=of_house)
    detail = await _details(ctx, seen) if of_house else {}
    return ReportTold(
        id=report["id"],
        dossier=report["dossier"],
        state=seen.least_far,
        items=tuple(
            ItemTold(
                index=one["position"],
                case=seen.case_of(one),
                state=seen.states[one["case_id"]],
                detail=detail.get(one["case_id"]),
            )
            for one in seen.placed
        ),
    )


def digest(told: ReportTold) -> str:
    """Return by what it is known whether the same was told before."""
    return sha256(told.model_dump_json().encode()).hexdigest()


async def _details(ctx: Context, seen: Standing) -> Mapping[str, CaseTold]:
    ids = list(seen.cases)
    sent = await ctx.store.rows(
        select(referrals).where(referrals.c.case_id.in_(ids)).order_by(referrals.c.created_at, referrals.c.id)
    )
    done = [
        one
        for table in (actions, part_actions)
        for one in await ctx.store.rows(
            select(table).where(table.c.referral_id.in_([row["id"] for row in sent])).order_by(table.c.at)
        )
    ]
    return {case_id: _detail(row, sent, done) for case_id, row in seen.cases.items()}


def _detail(case: Row, sent: Sequence[Row], done: Sequence[Row]) -> CaseTold:
    return CaseTold(
        state=case["state"],
        hosting_country=case["hosting_country"],
        outcome=case["outcome"],
        closed_at=moment_or_none(case["closed_at"]),
        referrals=tuple(
            ReferralTold(
                id=row["id"],
                partner=row["partner"],
                state=ReferralState.WITHDRAWING if is_unconfirmed(row) else row["state"],
                receipt=row["receipt"] or None,
                accepted_at=moment_or_none(row["accepted_at"]),
                acts=tuple(_act(one) for one in done if one["referral_id"] == row["id"]),
            )
            for row in sent
            if row["case_id"] == case["id"]
        ),
    )


def _act(row: Row) -> ActTold:
    reason = action_reason(row["reason"])
    return ActTold(
        action=row["action"],
        at=moment(row["at"]),
        reason=None if reason is None else str(reason),
        moved_to=row["moved_to"],
        part=row.get("part"),
    )
