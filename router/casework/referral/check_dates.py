"""When a referred case is checked: the policy's rhythm, counted from the partner's acceptance, on our working days.

Where nobody said that it has it, the count begins with the first attempt that may have arrived. What may have to be
looked at by people is dated for a day on which they are here; the look that only asks name servers is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from router.casework.believed import is_over
from router.casework.context import Context
from router.casework.referral.changes import may_have_arrived
from router.clock import micros, moment
from router.data.working_days import days_later, next_working
from router.policy.rhythm import soonest
from router.store.base import Add, Row
from router.store.ids import new_id
from router.store.schema.tables import silent_traces
from schemas.follow_up import Followed, Rhythm
from schemas.partner import PartnerKind
from schemas.policy import Policy
from schemas.states import ReferralState
from schemas.vocabulary import ActionReason, Assessment, SiteType


@dataclass(frozen=True, slots=True)
class CheckDates:
    """Dates checks by the policy in force. Moments are in microseconds."""

    ctx: Context
    policy: Policy
    police: frozenset[str]  #: the names of partners that are police
    _usual: dict[tuple[Any, ...], Rhythm] = field(default_factory=dict)  #: of those of whom no reason is known

    def first(self, case: Row, rows: Sequence[Row]) -> int | None:
        """Return when a case is checked first that these referrals brought to partners; None where none did."""
        began = [at for row in rows if (at := counted_from(row)) is not None]
        if not began:
            return None
        return max(self._on(min(began), self.rhythm(case, rows).after), self.ctx.now())

    async def next(self, case: Row, rows: Sequence[Row], reasons: Mapping[str, ActionReason | None]) -> int | None:
        """Return when it is checked again, None when the policy's time is over; `reasons` are partners' last words."""
        rhythm = self.rhythm(case, rows, reasons)
        over = int(case["opened_at"]) + rhythm.until // timedelta(microseconds=1)
        return None if await is_over(self.ctx, over) else self._on(self.ctx.now(), rhythm.every)

    async def over(self, case: Row, rows: Sequence[Row]) -> bool:
        """Tell whether the policy's time is over: people say how it ends, and no look follows by itself."""
        return await self.next(case, rows, {}) is None

    def again(self, case: Row, rows: Sequence[Row]) -> int:
        """Return when it is checked again after a person looked, however long it is followed by then."""
        return self._on(self.ctx.now(), self.rhythm(case, rows).every)

    def by_us(self) -> int:
        """Return when it is checked that our own people took up with its host."""
        return self._on(self.ctx.now(), self.policy.follow_up)

    def rhythm(
        self, case: Row, rows: Iterable[Row], reasons: Mapping[str, ActionReason | None] | None = None
    ) -> Rhythm:
        """Return the rhythm of a case that the partners of these referrals have, or may have."""
        have = sorted({str(row["partner"]) for row in rows if counted_from(row) is not None})
        if reasons:
            return soonest(self.policy, [self._followed(case, name, reasons) for name in have])
        alike = (case["assessment"], case["site_type"], *have)  # a turn has a thousand referrals of few kinds
        known = self._usual.get(alike)
        if known is None:
            known = self._usual[alike] = soonest(self.policy, [self._followed(case, name, {}) for name in have])
        return known

    def only_police(self, rows: Iterable[Row]) -> bool:
        """Tell whether police have it, and nobody else."""
        have = {row["partner"] for row in rows if row["state"] == ReferralState.ACCEPTED}
        return bool(have) and have <= self.police

    def _followed(self, case: Row, name: str, reasons: Mapping[str, ActionReason | None]) -> Followed:
        site = case["site_type"]
        return Followed(
            name,
            Assessment(case["assessment"]),
            None if site is None else SiteType(site),
            reasons.get(name),
            name in self.police,
        )

    def _on(self, since: int, by: timedelta) -> int:
        at = days_later(moment(since), by, self.ctx.zone)
        return micros(next_working(self.ctx.home, at, self.ctx.zone))


def silent_day(policy: Policy, since: int, after: int) -> int | None:
    """Return the next of the policy's days on which a host is looked up, None after the last (microseconds)."""
    days = (since + day * _DAY for day in policy.silent_days)
    return next((at for at in days if at > after), None)


def silently(policy: Policy, case: Row, since: int) -> list[Add]:
    """Return the row by which a case that a partner has since then is looked up on those days."""
    first = silent_day(policy, since, since)
    if first is None or case["host_bidx"] is None:
        return []
    return [Add(silent_traces, {"id": new_id(), "case_id": case["id"], "since": since, "due_at": first})]


def counted_from(row: Row) -> int | None:
    """Return since when a referral is with its partner: accepted, else the first attempt that may have arrived."""
    if row["state"] == ReferralState.ACCEPTED:
        return int(row["accepted_at"] or row["first_sent_at"] or row["created_at"])
    if row["state"] in _MAYBE and may_have_arrived(row) and row["first_sent_at"] is not None:
        return int(row["first_sent_at"])
    return None


_DAY: Final = timedelta(days=1) // timedelta(microseconds=1)
_MAYBE: Final = frozenset({ReferralState.UNKNOWN, ReferralState.WAITING, ReferralState.SENDING})


async def check_dates(ctx: Context) -> CheckDates:
    """Return what dates checks by the policy and the directory in force."""
    _, policy = await ctx.governance.policy()
    directory = await ctx.governance.directory()
    police = frozenset(one.name for one in directory.partners if one.kind is PartnerKind.POLICE)
    return CheckDates(ctx, policy, police)
