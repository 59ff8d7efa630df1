"""Did the police ask that nobody be told of a case before a day? One of the two reasons by which `gate` holds it.

What a unit said last counts: another day takes the place of the one before, and "please ask the host yourselves" ends
it. While it lasts nothing goes to anybody but that unit, and nothing is looked up, since a name server, a registry or
a CDN that is asked is told as well. What waits for its day goes on by itself then, and the desk asks the unit's people
again first (`follow_up`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from router.casework.believed import over_among
from router.casework.context import Context
from router.casework.referral.row import due_at
from router.clock import moment
from router.store.base import Change, LookUp, Row
from router.store.schema.tables import referrals, unit_answers
from schemas.casefile import PoliceHold, WaitCode
from schemas.states import ReferralState
from schemas.vocabulary import UnitAnswer

_ASKED: Final = "{partner} asked that nobody be told before {until} UTC; until then nothing leaves or is asked."
_AT_RISK: Final = (
    "{partner} asked that nobody be told before {until} UTC, and a child may be in danger now: call them, and type"
    " what they say."
)
#: What a unit says of when somebody may be told: the last of these counts.
_ABOUT_TELLING: Final = frozenset(
    {UnitAnswer.HOLD_UNTIL, UnitAnswer.RELEASE, UnitAnswer.SENT_ELSEWHERE, UnitAnswer.CLOSED}
)
_SAID_OF_CASES: Final = LookUp(
    select(*(unit_answers.c[name] for name in ("id", "case_id", "answer", "at", "until")), referrals.c.partner).join(
        referrals, referrals.c.id == unit_answers.c.referral_id
    ),
    unit_answers.c.case_id,
)


@dataclass(frozen=True, slots=True)
class Hold:
    """What a unit asked for. Moments are in microseconds."""

    partner: str
    since: int
    until: int

    @property
    def text(self) -> str:
        """Return it in words."""
        return self._said(_ASKED)

    @property
    def at_risk_text(self) -> str:
        """Return what people read where a child may be in danger now."""
        return self._said(_AT_RISK)

    def _said(self, text: str) -> str:
        return text.format(partner=self.partner, until=f"{moment(self.until):%Y-%m-%d %H:%M}")

    def view(self) -> PoliceHold:
        """Return what lists and pages show."""
        return PoliceHold(partner=self.partner, since=moment(self.since), until=moment(self.until))


async def police_holds(ctx: Context, case_ids: Iterable[str], *, at: int | None = None) -> dict[str, Hold]:
    """Return by id the cases of which nobody is to be told now, or at a moment (microseconds)."""
    said, found = await ctx.store.look_up(_SAID_OF_CASES, case_ids), dict[str, Hold]()
    days = (row["until"] for rows in said.values() for row in rows if row["until"] is not None)
    then = await over_among(ctx, days) if at is None else at
    for case_id, rows in said.items():
        told = [row for row in rows if row["answer"] in _ABOUT_TELLING]
        last = {row["partner"]: row for row in sorted(told, key=lambda one: (one["at"], one["id"]))}
        holds = [
            Hold(partner, row["at"], row["until"])
            for partner, row in last.items()
            if row["answer"] == UnitAnswer.HOLD_UNTIL and row["until"] > then
        ]
        if holds:
            found[case_id] = max(holds, key=lambda one: one.until)
    return found


def let_go(rows: Iterable[Row], now: int) -> list[Change]:
    """Return what has everything leave now that waited for a unit's day, and be taken back what was to be."""
    return [Change(referrals, {"id": row["id"]}, due_at(now), row["version"]) for row in rows if _waits(row, now)]


def _waits(row: Row, now: int) -> bool:
    if row["state"] == ReferralState.WITHDRAWING:
        return bool(row["next_at"] is not None and row["next_at"] > now)
    return bool(row["state"] == ReferralState.WAITING and row["last_reason"] == WaitCode.POLICE_HOLD)
