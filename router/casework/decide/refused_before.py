"""Who is chosen although it said no, or people took it back from there: nothing goes there again by itself.

A decision is made anew whenever a graver report joins, or the host moves. It may choose a partner that refused the case
meanwhile, or one from which a person took it back; then people are asked, who see why, and send it with one key.
"""

from collections.abc import Container, Sequence

from router.store.base import Row
from schemas.casefile import DeskCode
from schemas.decision import DeskCall
from schemas.states import ReferralState

#: Who is chosen is the one that people took it back from.
TAKEN_BACK = DeskCall(code=DeskCode.OVERRULED, text="The referral was taken back; say what is to be done.")
_RECALLED = frozenset({ReferralState.RECALLED, ReferralState.WITHDRAWING})


def declined(standing: Sequence[Row], chosen: Container[str]) -> dict[str, DeskCall]:
    """Return what people are asked about chosen partners: partner -> question.

    `standing` are all referrals of the case, oldest first: the last one to a partner says how it stands there.
    """
    last = {row["partner"]: row for row in standing if row["partner"] in chosen}
    asked = {name: _question(row) for name, row in last.items()}
    return {name: call for name, call in asked.items() if call is not None}


def _question(row: Row) -> DeskCall | None:
    if row["state"] == ReferralState.REFUSED:
        return DeskCall(code=DeskCode.REFUSED, text=f"{row['partner']}: {row['last_text'] or 'it was refused.'}")
    if row["state"] in _RECALLED and row["superseded_by"] is None:
        return TAKEN_BACK
    return None
