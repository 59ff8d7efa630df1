"""What follows when a partner says that a case is not theirs: evidence, and a new decision; the second time, people.

The hand-over went to the wrong country, whoever finds out, and counts as that from its first minute on: the referral
keeps when it was found out, and the house's alarm tells whoever leads the desk.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from router.casework.alarm.house import opening
from router.casework.case.desk_entry import ask, while_decided_anew
from router.casework.case.next_look import look_at
from router.casework.context import Context
from router.casework.decide.facts import SENT_BACK
from router.partners.base import Reason
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, referrals
from schemas.alarm import HouseCode
from schemas.casefile import DeskCode
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

NOT_THEIRS: Final = "{partner} took it, and says since that it is not theirs: choose who deals with it."
GIVEN_ON: Final = (
    "{partner} gave it to {country}, and not to whom it was sent: look why, and whether more is to be done."
)
_SAID: Final = "It took the case, and says since that it is not theirs."


def bounced(row: Row, misrouted_at: int | None = None, words: str | None = None) -> Change:
    """Return the change of a referral that its partner sent back: as if it had been refused.

    `misrouted_at` is now where that means that the country was wrong, `words` what the partner says beside.
    """
    values = {
        "state": step(REFERRAL, ReferralState(row["state"]), "bounce"),
        "last_reason": Reason.REFUSED,
        "last_text": _SAID if words is None else f"{_SAID} {words}",
        "misrouted_at": row["misrouted_at"] or misrouted_at,
    }
    return Change(referrals, {"id": row["id"]}, values, row["version"])


def is_for_people(standing: Sequence[Row], returned: Iterable[str]) -> bool:
    """Tell whether people decide: somebody had sent it back before. `returned` are the referrals of this time."""
    now = set(returned)
    return any(row["last_reason"] in SENT_BACK and row["id"] not in now for row in standing)


def said_so(standing: Sequence[Row], returned: Sequence[Row]) -> str:
    """Return who took the case and says since that it is not theirs, in their order: those before, and those now."""
    now = {row["id"] for row in returned}
    took = [row for row in standing if row["last_reason"] in SENT_BACK and row["accepted_at"] and row["id"] not in now]
    return ", ".join(dict.fromkeys(row["partner"] for row in (*took, *returned)))


def decided_anew(case: Row, now: int) -> dict[str, Any]:
    """Return the columns of a case that is traced and decided anew."""
    after = step(CASE, CaseState(case["state"]), "retrace") or case["state"]  # it may be judged anew already
    return {"state": after, **look_at(now), **while_decided_anew(case)}


def follow(case: Row, standing: Sequence[Row], row: Row, now: int) -> list[Change]:
    """Return what a police unit's "sent elsewhere" does to its case; that unit was of the right country."""
    if is_for_people(standing, [row["id"]]):
        return [bounced(row), *ask(case, DeskCode.BOUNCED, NOT_THEIRS.format(partner=row["partner"]), now, row["id"])]
    return [bounced(row), Change(cases, {"id": case["id"]}, decided_anew(case, now), case["version"])]


async def told(ctx: Context) -> Transition:
    """Return what tells whoever leads the desk that something went to the wrong country."""
    return await opening(ctx, HouseCode.MISROUTED)
