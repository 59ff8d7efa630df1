"""Trace a case and decide on it in one commit: what follows from a trace asks nobody outside, so nothing is waited for.

The two steps stay what they are (`locate/step`, `decide/step`), and so does what each writes. Only when a decision
cannot be kept with its trace, because a report joined meanwhile that changes what is judged, or because deciding fails,
the trace is kept alone: then the case is decided in its next turn, from what it is then.

A worker has a batch of cases, and asks the store once for all of them (`together`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from router.casework.case.gate import held_among
from router.casework.case.record import Opened, open_rows, referred_among
from router.casework.case.traces import traced_free
from router.casework.context import Context
from router.casework.decide.step import decided
from router.casework.locate.step import Located, located, written
from router.errors import StoreUnavailable
from router.guard.log import get_log
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases

#: What the policy is asked about and a joining report changes in a case that is still traced, without moving its
#: version (`intake/rows`): whoever traces is not to begin again for it, and whoever decides has to.
_JUDGED: Final = (
    *("urgency", "assessment", "lane", "rank", "cap_source", "last_seen_at", "site_type", "commerciality", "watching"),
)


@dataclass(frozen=True, slots=True)
class Free:
    """A case of a batch, open, that nothing held when its batch was asked about."""

    opened: Opened
    was_referred: bool  #: it has referrals: they are read again once it is traced, since a partner may answer meanwhile


async def together(ctx: Context, rows: Sequence[Row]) -> Mapping[str, Free]:
    """Open received cases that are about to be traced, and ask what holds any: return by id those that nothing holds.

    Each of the others goes its way alone, with what becomes of it; all of them where one is damaged.
    """
    try:
        opened = await open_rows(ctx, rows)
        held, referred = await asyncio.gather(held_among(ctx, opened.values()), referred_among(ctx, opened))
    except Exception:  # noqa: BLE001 - each is opened alone then, and fails alone, where that is logged
        return {}
    return {one: Free(case, one in referred) for one, case in opened.items() if one not in held}


async def run(ctx: Context, row: Row, free: Free | None = None) -> tuple[Transition, ...]:
    """Trace a received case and decide on it; return what is committed, and what in its place when a fence was lost."""
    if free is None:
        found = await located(ctx, row)
    else:
        found = written(ctx, free.opened, await traced_free(ctx, free.opened))
    # Whoever sends it to somebody for the first time moves its version, and this is not committed then.
    standing: list[Row] | None = [] if free is not None and not free.was_referred else None
    try:
        decision = await decided(ctx, found.opened, found.trace, standing)
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
