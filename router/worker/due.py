"""What is due, asked so that a million rows waiting for next week cost nothing: index seeks only, no scan.

Cases are asked per rank, referrals per partner and rank: a loose index scan over the partial indexes `case_due` and
`referral_due`. What is over has no date (a CHECK of both tables), so neither needs to name states.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, and_, func, literal_column, select, union_all

from router.casework.case.priority import RANKS, URGENT
from router.store.base import Row, Store
from router.store.schema.tables import cases, referrals

REST: Final = RANKS[2:]
#: Seconds between two looks at an idle store, and the shortest wait; other processes' commits end a wait earlier.
IDLE: Final = 1.0
_SOON: Final = 0.02
_MICROS: Final = 1_000_000


async def cases_due(store: Store, ranks: range = RANKS) -> dict[int, int]:
    """Return when the next case of each of these ranks comes due, in microseconds; one of which none will is left out.

    The ranks are all there are, or those of one line.
    """
    return {row["rank"]: row["at"] for row in await store.rows(_CASES[ranks]) if row["at"] is not None}


def until(due: int | None, now: int) -> float:
    """Return the seconds until a loop looks again that has nothing to do before then; both in microseconds."""
    if due is None:
        return IDLE
    return min(IDLE, max(_SOON, (due - now) / _MICROS))


class Line(NamedTuple):
    """What waits for one partner stands in two lines: what is urgent never stands behind what is not."""

    partner: str
    urgent: bool

    @property
    def ranks(self) -> range:
        """Return the ranks of what stands in it."""
        return URGENT if self.urgent else REST


async def next_by_line(store: Store) -> dict[Line, int]:
    """Return when the next referral of each line comes due, in microseconds; a line with none is left out."""
    dates = {
        line: _earliest(row, line)
        for row in await store.rows(_REFERRALS)
        for line in (Line(row["partner"], urgent=True), Line(row["partner"], urgent=False))
    }
    return {line: at for line, at in dates.items() if at is not None}


def _earliest(row: Row, line: Line) -> int | None:
    return min((row[f"at_{rank}"] for rank in line.ranks if row[f"at_{rank}"] is not None), default=None)


def _case_dates(ranks: range) -> Any:
    dated = cases.c.next_at.is_not(None)
    return union_all(
        *(
            select(literal_column(str(rank)).label("rank"), func.min(cases.c.next_at).label("at")).where(
                cases.c.rank == rank, dated
            )
            for rank in ranks
        )
    )


def _partner_dates() -> Select[Any]:
    dated = referrals.c.next_at.is_not(None)
    partners = select(func.min(referrals.c.partner).label("partner")).where(dated).cte("partners", recursive=True)
    later = referrals.c.partner > partners.c.partner
    following = select(func.min(referrals.c.partner)).where(dated, later).correlate(partners).scalar_subquery()
    partners = partners.union_all(select(following).where(partners.c.partner.is_not(None)))
    return select(partners.c.partner, *(_first_of(partners, rank) for rank in RANKS)).where(
        partners.c.partner.is_not(None)
    )


def _first_of(partners: CTE, rank: int) -> ColumnElement[Any]:
    of_partner = and_(referrals.c.partner == partners.c.partner, referrals.c.rank == rank)
    first = select(func.min(referrals.c.next_at)).where(referrals.c.next_at.is_not(None), of_partner)
    return first.correlate(partners).scalar_subquery().label(f"at_{rank}")


_CASES = {ranks: _case_dates(ranks) for ranks in (RANKS, URGENT, REST)}
_REFERRALS = _partner_dates()
