"""What is due, asked so that a million rows waiting for next week cost nothing: index seeks only, no scan.

Cases are asked per rank, referrals per partner and rank (a loose index scan over the partial index `referral_due`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, union_all

from router.casework.rank import RANKS
from router.store.base import Row, Store
from router.store.tables import cases, referrals
from schemas.states import CaseState, ReferralState

#: States of a referral in which something of it is still to be done at `next_at`.
PENDING = ("waiting", "sending", "recall_pending", "withdrawing", "held")


@dataclass(frozen=True, slots=True)
class Due:
    """When the next work comes due, in microseconds; None when there is none."""

    cases: int | None
    partners: dict[str, int]

    @property
    def first(self) -> int | None:
        """Return the earliest moment of all."""
        found = [*self.partners.values(), *([] if self.cases is None else [self.cases])]
        return min(found, default=None)


async def look(store: Store) -> Due:
    """Return when cases and each partner's referrals come due."""
    dated = [row["at"] for row in await store.rows(_CASES) if row["at"] is not None]
    partners = {row["partner"]: _earliest(row) for row in await store.rows(_REFERRALS)}
    return Due(min(dated, default=None), {name: at for name, at in partners.items() if at is not None})


def _earliest(row: Row) -> int | None:
    return min((row[f"at_{rank}"] for rank in RANKS if row[f"at_{rank}"] is not None), default=None)


def _case_dates() -> Any:
    waiting = and_(cases.c.state != literal(CaseState.CLOSED.value, literal_execute=True), cases.c.next_at.is_not(None))
    each = [select(func.min(cases.c.next_at).label("at")).where(and_(cases.c.rank == rank, waiting)) for rank in RANKS]
    return union_all(*each)


def pending(states: Sequence[ReferralState | str] = PENDING) -> ColumnElement[bool]:
    """Return the condition of the partial index, so that the planner uses it."""
    return and_(
        referrals.c.state.in_([literal(str(s), literal_execute=True) for s in states]), referrals.c.next_at.is_not(None)
    )


def _partner_dates() -> Select[Any]:
    first = select(func.min(referrals.c.partner).label("partner")).where(pending())
    partners = first.cte("partners", recursive=True)
    following = (
        select(func.min(referrals.c.partner))
        .where(and_(pending(), referrals.c.partner > partners.c.partner))
        .scalar_subquery()
    )
    partners = partners.union_all(select(following).where(partners.c.partner.is_not(None)))
    dates = [
        select(func.min(referrals.c.next_at))
        .where(and_(pending(), referrals.c.partner == partners.c.partner, referrals.c.rank == rank))
        .scalar_subquery()
        .label(f"at_{rank}")
        for rank in RANKS
    ]
    return select(partners.c.partner, *dates).where(partners.c.partner.is_not(None))


_CASES = _case_dates()
_REFERRALS = _partner_dates()
