"""What a peer is told that was done about a location it referred to us.

What ends it is told when it has ended here: one of several partners that says "Removed" has not closed our case, and
must not close theirs.

Of a short link that is what was done at the place it leads to as well: there the case goes on, and a peer that heard
"Moved" alone would wait for a "Removed" that never comes.
"""

from typing import Final

from sqlalchemy import and_, select

from router.casework.case.gate import held_now
from router.casework.case.record import LONGEST_WAY, open_cases
from router.casework.context import Context
from router.clock import moment
from router.store.base import Row
from router.store.schema.tables import actions
from schemas.exchange import ActionStatement
from schemas.vocabulary import FINAL_ACTIONS, ActionType

#: The words that every version of the protocol knows.
_OURS: Final = frozenset(ActionType) - {ActionType.OTHER}


async def actions_since(ctx: Context, case_id: str, since: int) -> tuple[ActionStatement, ...]:
    """Return what was done about a case since a moment (microseconds), and about each place it led to since it did.

    What was done before would tell the peer that the location was known here already. While a case is held, what was
    done since that began is not told, and the rest stays as it was: nothing shows that it is held.
    """
    said: list[ActionStatement] = []
    for _ in range(LONGEST_WAY):
        wanted = and_(actions.c.case_id == case_id, actions.c.at >= since)
        if (held := await held_now(ctx, case_id)) is not None:
            wanted = and_(wanted, actions.c.at < held.since)
        done = await ctx.store.rows(select(actions).where(wanted).order_by(actions.c.at, actions.c.id))
        said += [_statement(one) for one in done if _is_told(one)]
        moves = [one["at"] for one in done if one["action"] == ActionType.MOVED]
        place = await _place(ctx, case_id) if moves else None  # a case that leads elsewhere was closed as moved
        if place is None:
            break
        case_id, since = place, moves[-1]
    return tuple(said)


def _is_told(row: Row) -> bool:
    """Tell whether peers hear of an act: in a word that every version has, and of an end once it has ended here."""
    ends_elsewhere = row["referral_id"] is not None and row["action"] in FINAL_ACTIONS
    return row["action"] in _OURS and not ends_elsewhere


def _statement(row: Row) -> ActionStatement:
    at = moment(row["at"])
    return ActionStatement(
        action=ActionType(row["action"]), at=at, reason=row["reason"] or None, moved_to=row["moved_to"]
    )


async def _place(ctx: Context, case_id: str) -> str | None:
    """Return the case that a short link leads to; None for any other case, and for one that was erased."""
    opened = (await open_cases(ctx, [case_id])).get(case_id)
    return None if opened is None else opened.secrets.leads_to
