"""Trace a case and decide on it in one commit: what follows from a trace asks nobody outside, so nothing is waited for.

The two steps stay what they are (`locate/step`, `decide/step`), and so does what each writes. Only when a decision
cannot be kept with its trace, because a report joined meanwhile that changes what is judged, or because deciding fails,
the trace is kept alone: then the case is decided in its next turn, from what it is then.
"""

from typing import Final

from router.casework.context import Context
from router.casework.decide.step import decided
from router.casework.locate.step import Located, located
from router.errors import StoreUnavailable
from router.guard.log import get_log
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases

#: What the policy is asked about and a joining report changes in a case that is still traced, without moving its
#: version (`intake/rows`): whoever traces is not to begin again for it, and whoever decides has to.
_JUDGED: Final = (
    *("urgency", "assessment", "lane", "rank", "cap_source", "last_seen_at", "site_type", "commerciality", "watching"),
)


async def run(ctx: Context, row: Row) -> tuple[Transition, ...]:
    """Trace a received case and decide on it; return what is committed, and what in its place when a fence was lost."""
    found = await located(ctx, row)
    try:
        decision = await decided(ctx, found.opened, found.trace)
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - decided in its next turn, it fails there alone
        get_log("casework").warning("not_decided_at_once", case=row["id"], error=type(error).__name__)
        return (found.transition,)
    return _both(row, found, decision), found.transition


def _both(row: Row, found: Located, decision: Transition) -> Transition:
    """Return one transition that traces and decides; the case's row is changed once."""
    (traced,) = found.transition.changes
    (placed,) = (one for one in decision.changes if one.table is cases and one.key == traced.key)
    guard = {name: row[name] for name in _JUDGED}
    both = Change(cases, traced.key, {**traced.values, **placed.values}, traced.version, guard)
    return Transition(
        decision.at,
        (both, *(one for one in decision.changes if one is not placed)),
        (*found.transition.adds, *decision.adds),
        decision.removes,
        (*found.transition.events, *decision.events),
    )
