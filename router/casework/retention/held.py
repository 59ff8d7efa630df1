"""Which closed cases are kept beyond their time, and since when the time of the others runs.

A legal hold, an embargo, and police who have it and have not ended it hold a case by themselves; the end of what held
it starts its period. What is still being sent or taken back is done first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from router.casework.case.embargo import Embargo, holding, in_force_of
from router.casework.case.gate import held_rows, marks_by_id
from router.casework.context import Context
from router.store.base import LookUp, Row
from router.store.schema.tables import actions, embargoes, legal_holds, referrals, unit_answers
from schemas.partner import PartnerKind
from schemas.retention import Held
from schemas.states import ReferralState
from schemas.vocabulary import FINAL_ACTIONS, UnitAnswer

_HOLDS: Final = LookUp(select(legal_holds), legal_holds.c.case_id)
_REFERRALS: Final = LookUp(
    select(*(referrals.c[name] for name in ("id", "case_id", "partner", "state"))), referrals.c.case_id
)
_ANSWERS: Final = LookUp(select(unit_answers), unit_answers.c.case_id)
_ACTIONS: Final = LookUp(select(actions), actions.c.case_id)
_R: Final = ReferralState
_UNDER_WAY: Final = frozenset({_R.WAITING, _R.HELD, _R.SENDING, _R.RECALL_PENDING, _R.WITHDRAWING})
#: What police have, or may have.
_WITH_POLICE: Final = frozenset({_R.ACCEPTED, _R.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a closed case stands: what holds it, else since when its time runs (microseconds)."""

    held: Held | None
    since: int


async def standings(ctx: Context, rows: Sequence[Row]) -> dict[str, Standing]:
    """Return where closed cases stand, by id. Raise StoreUnavailable."""
    ids = [row["id"] for row in rows]
    police = {one.name for one in (await ctx.governance.directory()).partners if one.kind is PartnerKind.POLICE}
    looks = [await ctx.store.look_up(asked, ids) for asked in (_HOLDS, _REFERRALS, _ANSWERS, _ACTIONS)]
    known_since = await _since_closed(ctx, rows)
    marks = await marks_by_id(ctx, rows) if known_since else {}
    gate = await held_rows(ctx, rows, marks)
    lasted = {
        case_id: max((one.until for one in holding(known_since, own)), default=0) for case_id, own in marks.items()
    }
    found: dict[str, Standing] = {}
    for row in rows:
        known, held = [one.get(row["id"], []) for one in looks], gate.get(row["id"])
        by = None if held is None else Held.EMBARGO if held.by else Held.POLICE
        found[row["id"]] = _standing(row, known, police, by, lasted.get(row["id"], 0))
    return found


async def _since_closed(ctx: Context, rows: Sequence[Row]) -> tuple[Embargo, ...]:
    """Return the embargoes that lasted when the first of these cases was closed, those that are over too."""
    first = min((int(row["closed_at"]) for row in rows), default=0)
    return in_force_of(await ctx.store.rows(select(embargoes).where(embargoes.c.until > first)), 0)


def _standing(row: Row, known: Sequence[Sequence[Row]], police: set[str], by: Held | None, lasted: int) -> Standing:
    holds, sent, answers, acts = known
    ended = {one["referral_id"]: int(one["at"]) for one in answers if one["answer"] == UnitAnswer.CLOSED}
    ended |= _by_acts(acts)
    theirs = [one for one in sent if one["partner"] in police and one["state"] in _WITH_POLICE]
    dates = [int(row["closed_at"]), lasted]
    dates += [int(one["ended_at"]) for one in holds if one["ended_at"] is not None]
    dates += [ended[one["id"]] for one in theirs if one["id"] in ended]
    reasons = (
        (Held.LEGAL_HOLD, any(one["ended_at"] is None for one in holds)),
        (Held.EMBARGO, by is Held.EMBARGO),
        (Held.POLICE, by is Held.POLICE or any(one["id"] not in ended for one in theirs)),
        (Held.UNDER_WAY, any(one["state"] in _UNDER_WAY for one in sent)),
    )
    return Standing(next((reason for reason, holds_it in reasons if holds_it), None), max(dates))


def _by_acts(acts: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """Return when each referral was ended by an act of its partner."""
    return {
        str(one["referral_id"]): int(str(one["at"]))
        for one in acts
        if one["referral_id"] is not None and one["action"] in FINAL_ACTIONS
    }
