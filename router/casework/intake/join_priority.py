"""A case uses the fastest lane and the widest daily cap of its reports, and hurries when several people report it.

Whoever reports a location must not wait because a crawler reported it first. So a case counts against the least capped
of the sources that reported it (the faster lane decides between equals, and first come between those), not against the
one that opened it; what already waits for a partner is brought along.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import and_, select

from router.casework.case.priority import faster, rank
from router.casework.context import Context
from router.casework.intake.validate import ReportOrigin
from router.casework.referral.row import AT_ITS_CAP, due_at
from router.store.base import Change, Row
from router.store.schema.tables import referrals
from schemas.states import ReferralState
from schemas.vocabulary import Lane, SourceKind, Urgency

#: Columns of a case that say how fast its referrals go, and against whose cap.
PRIORITY_COLUMNS = frozenset({"rank", "lane", "cap_source", "heard_from"})
#: Whose reports are a person's word that it is there. What machines find again says only that they look again.
PEOPLE: Final = frozenset({SourceKind.PUBLIC, SourceKind.ANALYST, SourceKind.POLICE, SourceKind.PEER})
#: The first rank below that of a child at risk: however many people report it, a location goes no further up.
_FIRST: Final = rank(Urgency.NONE, Lane.URGENT)


def first_heard(source: str, kind: SourceKind) -> str | None:
    """Return the column of a new case that says which people's sources reported it."""
    return json.dumps([source]) if kind in PEOPLE else None


def heard_again(row: Mapping[str, Any], origin: ReportOrigin) -> dict[str, Any]:
    """Return what changes in a case that another source of people's reports: each one brings it a rank further up."""
    known = json.loads(row["heard_from"]) if row["heard_from"] else []
    if origin.kind not in PEOPLE or origin.source in known:
        return {}
    heard = {"heard_from": json.dumps([*known, origin.source])}
    return heard | ({"rank": row["rank"] - 1} if known and row["rank"] > _FIRST else {})


def eased(row: Mapping[str, Any], cap: int | None, origin: ReportOrigin, urgency: Urgency) -> dict[str, Any]:
    """Return what a joining report eases in its case; `cap` is the one that the case counts against so far."""
    was, lane = Lane(row["lane"]), faster(Lane(row["lane"]), origin.lane)
    changed: dict[str, Any] = {} if lane is was else {"lane": lane}
    if rank(urgency, lane) < row["rank"]:
        changed["rank"] = rank(urgency, lane)
    if _room(origin.daily_cap, origin.lane) > _room(cap, was):
        changed["cap_source"] = origin.source
    return changed


def _room(cap: int | None, lane: Lane) -> tuple[float, int]:
    """Return how much a source lets through, to compare."""
    return (float("inf") if cap is None else cap, -rank(Urgency.NONE, lane))


async def reprioritise_unsent(ctx: Context, eased_cases: Mapping[str, Mapping[str, Any]]) -> list[Change]:
    """Return what changes in the unsent referrals of cases that were eased: case -> its eased columns.

    What was put off by the cap is due now: if it still counts against one, it is put off again. Fenced, because a
    worker may be putting it off at this moment.
    """
    if not eased_cases:
        return []
    unsent = (ReferralState.WAITING, ReferralState.HELD)
    wanted = and_(referrals.c.case_id.in_(sorted(eased_cases)), referrals.c.state.in_(unsent))
    return [
        _along(row, eased_cases[row["case_id"]], ctx.now())
        for row in await ctx.store.rows(select(referrals).where(wanted))
    ]


def _along(row: Row, eased: Mapping[str, Any], now: int) -> Change:
    values = {name: eased[name] for name in ("rank", "lane") if name in eased}
    if row["state"] == ReferralState.WAITING and row["last_reason"] == AT_ITS_CAP:
        values |= due_at(now)
    return Change(referrals, {"id": row["id"]}, values, row["version"])
