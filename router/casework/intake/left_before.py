"""What is reported again after a restore: its new case takes over what left of the one that is lost.

A case that is younger than the backup is not here, and its source sends its report again. By the location's index the
ledger's referrals are found, and stand in the new case from its first moment: no decision and no person sends it twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.referral.left_before import taken_over
from router.store.base import Add, Event, Remove, Row, Store, Transition
from router.store.schema.tables import left_before_restore, meta, referrals
from schemas.actor import ROUTER

Left = Mapping[bytes, Sequence[Row]]
#: The row of `meta` that says since when sources send again, once a router that was put back is released.
AGAIN: Final = "send_again_since"
_LEFT: Final = left_before_restore


async def left_before(ctx: Context, urls: Iterable[bytes]) -> Left:
    """Return what left of these locations, by their index; nothing, and no question, in a store never put back."""
    if not ctx.was_restored:
        return {}
    rows = await ctx.store.rows(select(_LEFT).where(_LEFT.c.url_bidx.in_(sorted(set(urls)))))
    found: dict[bytes, list[Row]] = {}
    for row in rows:
        found.setdefault(bytes(row["url_bidx"]), []).append(row)
    return found


async def is_any_left(store: Store) -> bool:
    """Tell whether anything left of cases that this store does not have. Only a restore brings such a thing here."""
    return bool(await store.rows(select(_LEFT.c.id).limit(1)))


async def send_again_since(store: Store) -> int | None:
    """Return since when sources send again what they sent, in microseconds; None where nothing was ever put back."""
    found = await store.rows(select(meta.c.value).where(meta.c.name == AGAIN))
    return int(found[0]["value"]) if found else None


def taking_over(left: Sequence[Row], case: Row, now: int) -> Transition:
    """Return what has a new case take over what left of its location."""
    rows = taken_over(left, case, now)
    return Transition(
        now,
        adds=[Add(referrals, row) for row in rows],
        removes=[Remove(_LEFT, {"id": one["id"]}) for one in left],
        events=[
            Event(
                "referral.in_ledger",
                ROUTER.id,
                case["id"],
                row["id"],
                {"partner": row["partner"], "state": row["state"]},
            )
            for row in rows
        ],
    )
